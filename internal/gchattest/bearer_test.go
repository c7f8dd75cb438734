package gchattest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

const (
	project  = fakegchat.ProjectNumber
	endpoint = fakegchat.EndpointURL
)

// chatToken is a token of Chat's for a project number with claims of its own.
func chatToken(change func(jwt.MapClaims)) string {
	return fakegchat.Sign(fakegchat.ChatKey(), "chat-1", fakegchat.Claims(change))
}

func idToken(audience, email string, change ...func(jwt.MapClaims)) string {
	c := fakegchat.IDClaims(audience, email)
	for _, f := range change {
		f(c)
	}
	return fakegchat.Sign(fakegchat.GoogleKey(), "google-1", c)
}

// unsigned is a token with the algorithm "none".
func unsigned(t *testing.T) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodNone, fakegchat.Claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
	require.NoError(t, err)
	return token
}

// confused is a token with an HMAC whose key is the public key in some form.
func confused(t *testing.T, form string) string {
	t.Helper()
	key := &fakegchat.ChatKey().PublicKey
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	secret := map[string][]byte{
		"pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "der": der, "pkcs1": x509.MarshalPKCS1PublicKey(key), "n": key.N.Bytes(),
	}[form]
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, fakegchat.Claims())
	token.Header["kid"] = "chat-1"
	signed, err := token.SignedString(secret)
	require.NoError(t, err)
	return signed
}

// signedOtherwise is a token that the right key has signed with another algorithm.
func signedOtherwise(t *testing.T, method jwt.SigningMethod) string {
	t.Helper()
	token := jwt.NewWithClaims(method, fakegchat.Claims())
	token.Header["kid"] = "chat-1"
	signed, err := token.SignedString(fakegchat.ChatKey())
	require.NoError(t, err)
	return signed
}

func altered(token, claims string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + parts[2]
}

// TestTokens delivers a message and a push with tokens of all kinds.
func TestTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	set := func(name string, value any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[name] = value } }
	now := time.Now().Unix()
	good := fakegchat.ChatToken()
	event := func() string {
		return messageEvent(room, "TTTT."+strings.ReplaceAll(t.Name(), "/", "")+time.Now().Format("150405.000000000"), `"text":"hello",`)
	}
	for name, token := range map[string]string{
		"project number":                   good,
		"endpoint":                         idToken(endpoint, fakegchat.ChatIssuer),
		"add-on":                           idToken(endpoint, fakegchat.AddOnAccount),
		"issuer without a scheme":          idToken(endpoint, fakegchat.ChatIssuer, set("iss", "accounts.google.com")),
		"an audience among others":         chatToken(set("aud", []string{"x", project})),
		"within the skew of clocks":        chatToken(set("exp", now-10)),
		"issued a moment after this clock": chatToken(set("iat", now+10)),
	} {
		require.Equal(t, http.StatusOK, r.deliver(t, event(), token).Code, "%s\n%s", name, r.log)
		require.Equal(t, "hello", next[*chat.Message](t, r).Text)
	}
	for name, token := range map[string]string{
		"none": "", "no JWT": "abc", "two parts": "a.b", "spaces": " ", "half": good[:len(good)-10], "a signature of nothing": strings.TrimRight(good[:strings.LastIndexByte(good, '.')+1], ""),
		"algorithm none": unsigned(t), "none in capitals": strings.Replace(unsigned(t), base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"`))[:10], "eyJhbGciOi", 1),
		"HS256 with the public key in PEM": confused(t, "pem"), "HS256 with it in DER": confused(t, "der"), "HS256 with it as PKCS 1": confused(t, "pkcs1"), "HS256 with its modulus": confused(t, "n"),
		"RS512": signedOtherwise(t, jwt.SigningMethodRS512), "PS256": signedOtherwise(t, jwt.SigningMethodPS256),
		"a stranger's key":            fakegchat.Sign(fakegchat.StrangerKey(), "chat-1", fakegchat.Claims()),
		"a stranger's key by its id":  fakegchat.Sign(fakegchat.StrangerKey(), "stranger", fakegchat.Claims()),
		"another issuer's key":        fakegchat.Sign(fakegchat.GoogleKey(), "google-1", fakegchat.Claims()),
		"Chat's key for an ID token":  fakegchat.Sign(fakegchat.ChatKey(), "chat-1", fakegchat.IDClaims(endpoint, fakegchat.ChatIssuer)),
		"another signature":           altered(good, `{"iss":"chat@system.gserviceaccount.com","aud":"`+project+`","exp":9999999999}`),
		"another issuer":              chatToken(set("iss", "chat@evil.example")),
		"no issuer":                   chatToken(func(c jwt.MapClaims) { delete(c, "iss") }),
		"another project":             chatToken(set("aud", "123456789013")),
		"the endpoint of Chat's own":  chatToken(set("aud", endpoint)),
		"no audience":                 chatToken(func(c jwt.MapClaims) { delete(c, "aud") }),
		"an audience of nothing":      chatToken(set("aud", "")),
		"an audience of a number":     chatToken(set("aud", 123456789012)),
		"ended":                       chatToken(set("exp", now-3600)),
		"no end":                      chatToken(func(c jwt.MapClaims) { delete(c, "exp") }),
		"an end of text":              chatToken(set("exp", "tomorrow")),
		"issued in the future":        chatToken(set("iat", now+3600)),
		"valid in the future":         chatToken(set("nbf", now+3600)),
		"another endpoint":            idToken(endpoint+"/", fakegchat.ChatIssuer),
		"the project in an ID token":  idToken(project, fakegchat.ChatIssuer),
		"another account":             idToken(endpoint, "evil@project.iam.gserviceaccount.com"),
		"no account":                  idToken(endpoint, "", func(c jwt.MapClaims) { delete(c, "email") }),
		"an account that is unproven": idToken(endpoint, fakegchat.ChatIssuer, set("email_verified", false)),
		"an account proven in words":  idToken(endpoint, fakegchat.ChatIssuer, set("email_verified", "true")),
		"another add-on":              idToken(endpoint, "service-1@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"),
		"an account in capitals":      idToken(endpoint, strings.ToUpper(fakegchat.AddOnAccount)),
		"Pub/Sub's":                   fakegchat.PushToken(),
	} {
		w := r.deliver(t, event(), token)
		require.Equal(t, http.StatusUnauthorized, w.Code, "%s\n%s", name, r.log)
		if len(token) > 20 {
			require.NotContains(t, w.Body.String()+r.log.String(), token, name)
		}
	}
	pushed := push("message.v1.created", "x", `{"message":`+pushedMessage("TTTT.P1", ada, `"text":"Hey",`)+`}`)
	for name, token := range map[string]string{
		"Chat's": good, "Chat's for the endpoint": idToken(endpoint, fakegchat.ChatIssuer), "another push's account": idToken(fakegchat.PushAudience, "x@y.example"), "another push's audience": idToken("https://x.example", fakegchat.PushAccount),
		"ended": idToken(fakegchat.PushAudience, fakegchat.PushAccount, set("exp", now-3600)), "a stranger's": fakegchat.Sign(fakegchat.StrangerKey(), "google-1", fakegchat.IDClaims(fakegchat.PushAudience, fakegchat.PushAccount)),
	} {
		require.Equal(t, http.StatusUnauthorized, r.deliver(t, pushed, token).Code, name)
	}
	r.quiet(t)
	r.send(t, pushed)
	require.Equal(t, "Hey", next[*chat.Message](t, r).Text)
}

// TestReplay sends a delivery again, with its own token and with another one, while its
// token is good and afterwards.
func TestReplay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		messageEvent(room, "TTTT.R1", `"text":"hello",`), chatEvent("ADDED_TO_SPACE", room, ``), addOnEvent("appCommandPayload", room, `,"appCommandMetadata":{"appCommandId":9}`),
		push("message.v1.updated", "e1", `{"message":`+pushedMessage("TTTT.R1", ada, `"text":"hello you",`)+`}`), push("time_travel.v1.begun", "e2", `{}`),
	} {
		r.send(t, body)
		<-r.handled
		r.send(t, body)
		if !strings.Contains(body, "subscription") {
			require.Equal(t, http.StatusOK, r.deliver(t, body, idToken(endpoint, fakegchat.ChatIssuer)).Code)
		}
		require.Equal(t, http.StatusUnauthorized, r.deliver(t, body, chatToken(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() })).Code)
	}
	require.NoError(t, r.Shutdown(t.Context()))
	r.quiet(t)
}

// TestNotConfigured refuses what nobody was configured for.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *gchat.Config) {
		c.EndpointURL, c.AddOnServiceAccount, c.PubSubTopic, c.PubSubAudience, c.PubSubServiceAccount = "", "", "", "", ""
	})
	body := messageEvent(room, "TTTT.R1", `"text":"hello",`)
	require.Equal(t, http.StatusUnauthorized, r.deliver(t, body, idToken(endpoint, fakegchat.ChatIssuer)).Code)
	require.Equal(t, http.StatusUnauthorized, r.deliver(t, body, idToken("", fakegchat.ChatIssuer)).Code)
	require.Equal(t, http.StatusUnauthorized, r.deliver(t, push("message.v1.created", "x", `{}`)).Code)
	require.Equal(t, http.StatusUnauthorized, r.deliver(t, push("message.v1.created", "x", `{}`), idToken("", "")).Code)
	r.send(t, body)
}

// TestKeyRotation takes a token with a key that Google has added, and none with one that
// it has removed.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, messageEvent(room, "TTTT.K1", `"text":"one",`))
	next[*chat.Message](t, r)
	r.google.SetKeys(fakegchat.ChatIssuer, map[string]*rsa.PrivateKey{"chat-2": fakegchat.NextKey()})
	rotated := fakegchat.Sign(fakegchat.NextKey(), "chat-2", fakegchat.Claims())
	require.Equal(t, http.StatusOK, r.deliver(t, messageEvent(room, "TTTT.K2", `"text":"two",`), rotated).Code, r.log)
	next[*chat.Message](t, r)
	require.Equal(t, http.StatusUnauthorized, r.deliver(t, messageEvent(room, "TTTT.K3", `"text":"three",`)).Code)
	fetched := r.google.KeyCalls()
	for range 20 {
		forged := fakegchat.Sign(fakegchat.StrangerKey(), "unknown", fakegchat.Claims())
		require.Equal(t, http.StatusUnauthorized, r.deliver(t, messageEvent(room, "TTTT.K4", `"text":"four",`), forged).Code)
	}
	require.Equal(t, fetched, r.google.KeyCalls(), "unknown keys do not have them fetched again and again")
}

// TestKeysAway answers 503 while Google's keys cannot be fetched, so that the platform
// delivers again.
func TestKeysAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.Fail("keys", fakegchat.Failure{Status: http.StatusInternalServerError})
	body := messageEvent(room, "TTTT.K1", `"text":"one",`)
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code)
	r.quiet(t)
	r.send(t, body)
	require.Equal(t, "one", next[*chat.Message](t, r).Text)
}
