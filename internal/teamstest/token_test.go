package teamstest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// with returns the claims of a good token with some of them changed; nil removes one.
func with(changes jwt.MapClaims) jwt.MapClaims {
	claims := faketeams.Claims(time.Now())
	for name, value := range changes {
		if value == nil {
			delete(claims, name)
			continue
		}
		claims[name] = value
	}
	return claims
}

// signedAs returns a token with another header, signed by the method with the key.
func signedAs(t *testing.T, method jwt.SigningMethod, key any, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, faketeams.Claims(time.Now()))
	token.Header["kid"] = faketeams.FirstKey().ID
	maps.Copy(token.Header, header)
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

func TestTokensOfWebhooksThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newTeams(t)
	unendorsed := &faketeams.Key{ID: "for another channel", Private: faketeams.SecondKey().Private, Endorsements: []string{"webchat"}}
	s.Rotate(unendorsed)
	bare := &faketeams.Key{ID: "for none", Private: faketeams.SecondKey().Private}
	s.Rotate(bare)
	r := newRigOn(t, s, botrig.Memory(t))
	key, other := faketeams.FirstKey(), faketeams.SecondKey()
	public, err := x509.MarshalPKIXPublicKey(&key.Private.PublicKey)
	require.NoError(t, err)
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	good := faketeams.SignedBy(key, with(nil))
	parts := strings.Split(good, ".")
	now := time.Now()
	for name, header := range map[string]string{
		"none":                       "",
		"no bearer":                  good,
		"another scheme":             "Basic " + good,
		"no token":                   "Bearer ",
		"two tokens":                 "Bearer " + good + " " + good,
		"no JWT":                     "Bearer x.y.z",
		"half":                       "Bearer " + good[:len(good)/2],
		"without its signature":      "Bearer " + parts[0] + "." + parts[1] + ".",
		"other claims":               "Bearer " + parts[0] + "." + strings.Split(faketeams.SignedBy(other, with(jwt.MapClaims{"sub": "x"})), ".")[1] + "." + parts[2],
		"very long":                  "Bearer " + strings.Repeat("x", 1<<20),
		"another issuer":             "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"iss": "https://sts.windows.net/" + faketeams.Tenant + "/"})),
		"no issuer":                  "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"iss": nil})),
		"another audience":           "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"aud": "99999999-2222-3333-4444-555555555555"})),
		"no audience":                "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"aud": nil})),
		"an audience of other bots":  "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"aud": []string{"a", "b"}})),
		"expired":                    "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"exp": now.Add(-6 * time.Minute).Unix()})),
		"no expiry":                  "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"exp": nil})),
		"not valid yet":              "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"nbf": now.Add(6 * time.Minute).Unix()})),
		"an expiry that is text":     "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"exp": "tomorrow"})),
		"another service URL":        "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"serviceurl": "https://smba.trafficmanager.net/emea/"})),
		"no service URL":             "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"serviceurl": nil})),
		"a service URL of a number":  "Bearer " + faketeams.SignedBy(key, with(jwt.MapClaims{"serviceurl": 7})),
		"another key":                "Bearer " + faketeams.SignedBy(&faketeams.Key{ID: key.ID, Private: other.Private}, with(nil)),
		"an unknown key":             "Bearer " + faketeams.SignedBy(&faketeams.Key{ID: "unknown", Private: other.Private}, with(nil)),
		"no key":                     "Bearer " + faketeams.SignedBy(&faketeams.Key{Private: key.Private}, with(nil)),
		"a key for another channel":  "Bearer " + faketeams.SignedBy(unendorsed, with(nil)),
		"a key for no channel":       "Bearer " + faketeams.SignedBy(bare, with(nil)),
		"the algorithm none":         "Bearer " + signedAs(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"none in other letters":      "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"NoNe","typ":"JWT","kid":"key-1"}`)) + "." + parts[1] + ".",
		"HS256 with the public key":  "Bearer " + signedAs(t, jwt.SigningMethodHS256, publicPEM, nil),
		"HS256 with the key's bytes": "Bearer " + signedAs(t, jwt.SigningMethodHS256, public, nil),
		"HS256 with the modulus":     "Bearer " + signedAs(t, jwt.SigningMethodHS256, key.Private.N.Bytes(), nil),
		"RS512":                      "Bearer " + signedAs(t, jwt.SigningMethodRS512, key.Private, nil),
		"PS256":                      "Bearer " + signedAs(t, jwt.SigningMethodPS256, key.Private, nil),
		"a key of the header's own":  "Bearer " + signedAs(t, jwt.SigningMethodRS256, other.Private, map[string]any{"jku": "https://evil.example/keys", "jwk": map[string]any{"kty": "RSA", "kid": "key-1"}}),
		"a kid that is a path":       "Bearer " + signedAs(t, jwt.SigningMethodRS256, other.Private, map[string]any{"kid": "../../key-1"}),
		"a kid that is a list":       "Bearer " + signedAs(t, jwt.SigningMethodRS256, key.Private, map[string]any{"kid": []string{"key-1"}}),
	} {
		t.Run(name, func(t *testing.T) {
			w := r.deliver(t, message(thread, "1767224937245", "hello"), func(req *http.Request) { req.Header.Set("Authorization", header) })
			require.Equal(t, http.StatusUnauthorized, w.Code, "%s", w.Body)
			if len(header) > 20 {
				require.NotContains(t, r.log.String(), header[10:])
			}
		})
	}
	r.quiet(t)
}

func TestTokensOfWebhooksThatAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	now := time.Now()
	for i, token := range []string{
		faketeams.SignedBy(faketeams.FirstKey(), with(nil)),
		faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"exp": now.Add(-4 * time.Minute).Unix()})), // clocks differ
		faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"nbf": now.Add(4 * time.Minute).Unix()})),
		faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"aud": []string{faketeams.AppID}})),
		faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"serviceurl": strings.TrimSuffix(faketeams.ServiceURL, "/")})),
	} {
		w := r.deliver(t, message(thread, fmt.Sprint(1767224937300+i), "hello"), func(req *http.Request) { req.Header.Set("Authorization", "bearer "+token) })
		require.Equal(t, http.StatusOK, w.Code, "%d %s %s", i, w.Body, r.log)
		next[*chat.Message](t, r)
	}
	require.Len(t, r.teams.Calls("keys"), 1, "the keys are asked for once")
}

// A service URL that is not Microsoft's gets no token of the bot, even if the Bot
// Framework's token names it.
func TestServiceURLsThatAreNotMicrosofts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, service := range []string{
		"https://evil.example/", "http://smba.trafficmanager.net/amer/", "https://smba.trafficmanager.net.evil.example/", "https://evil.example/smba.trafficmanager.net/",
		"https://smba.trafficmanager.net@evil.example/", "https://smba.trafficmanager.net:444/", "https://x.trafficmanager.net/", "//smba.trafficmanager.net/", "https:smba.trafficmanager.net",
		"https://smba.trafficmanager.net/?x=https://evil.example", "https://smba.trafficmanager.net/#evil", "file:///etc/passwd", "https://169.254.169.254/", " https://smba.trafficmanager.net/", "",
	} {
		token := faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"serviceurl": service}))
		body := activity("message", thread, map[string]any{"text": "hello", "serviceUrl": service})
		w := r.deliver(t, body, func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+token) })
		require.Equal(t, http.StatusUnauthorized, w.Code, service)
		_, err := r.PostMessage(t.Context(), chat.ThreadID("teams:YQ:"+base64.RawURLEncoding.EncodeToString([]byte(service))), &chat.Post{Text: "x"})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, service)
	}
	r.quiet(t)
	require.Empty(t, r.teams.Calls("token"))
}

func TestKeysThatChange(t *testing.T) {
	t.Parallel()
	s := newTeams(t)
	s.Fail("openid", faketeams.Failure{Status: 500, Code: "x"})
	r := newRigOn(t, s, botrig.Memory(t))
	good := message(thread, "1767224937245", "hello")
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, good).Code, "Teams sends it again")
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, good).Code, "the keys are not asked for each time")
	require.Len(t, s.Calls("openid"), 1)

	// Another instance comes when they are there again.
	r = newRigOn(t, s, botrig.Memory(t))
	r.send(t, good)
	next[*chat.Message](t, r)
	rotated := faketeams.SignedBy(faketeams.SecondKey(), with(nil))
	sends := func() int {
		return r.deliver(t, message(thread, "1767224937246", "again"), func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+rotated) }).Code
	}
	require.Equal(t, http.StatusUnauthorized, sends(), "asked a moment ago")
	require.Len(t, s.Calls("keys"), 1)

	// One that has not asked lately finds a key that is new.
	s.Rotate(faketeams.SecondKey())
	r = newRigOn(t, s, botrig.Memory(t))
	require.Equal(t, http.StatusOK, sends())
	next[*chat.Message](t, r)
}

func TestReplayedActivitiesAreHandledOnce(t *testing.T) {
	t.Parallel()
	s, st := newTeams(t), botrig.Memory(t)
	r, other := newRigOn(t, s, st), newRigOn(t, s, st)
	token := "Bearer " + faketeams.SignedBy(faketeams.FirstKey(), with(nil))
	for _, body := range []string{
		message(thread, "1767224937245", "hello"),
		activity("messageUpdate", thread, map[string]any{"id": "1767224937245", "text": "new"}),
		activity("messageDelete", thread, map[string]any{"id": "1767224937245"}),
		activity("messageReaction", thread, map[string]any{"replyToId": "1767224937245", "reactionsAdded": []any{map[string]any{"type": "like"}}}),
		activity("message", thread, map[string]any{"replyToId": "1767224937245", "value": map[string]any{"actionId": "a"}}),
		activity("invoke", thread, map[string]any{"name": "adaptiveCard/action", "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "v"}}}),
		activity("conversationUpdate", thread, map[string]any{"membersAdded": []any{map[string]any{"id": "29:bob"}}}),
		activity("installationUpdate", thread, map[string]any{"action": "add"}),
		activity("event", thread, map[string]any{"name": "application/vnd.microsoft.meetingStart"}),
	} {
		for range 2 {
			for _, to := range []*rig{r, other} {
				w := to.deliver(t, body, func(req *http.Request) { req.Header.Set("Authorization", token) })
				require.Equal(t, http.StatusOK, w.Code, "%s %s", body, to.log)
			}
		}
		select {
		case <-r.handled:
		case <-other.handled:
		case <-time.After(botrig.Patience):
			require.Fail(t, "nothing was handled", body)
		}
	}
	r.quiet(t)
	other.quiet(t)
}

func TestTokensAreFetchedOnceForAll(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "hello"})
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.Len(t, r.teams.Calls("token"), 1)
	form := r.teams.Calls("token")[0].Form
	require.Equal(t, "https://api.botframework.com/.default", form.Get("scope"))
	require.Contains(t, r.teams.Calls("token")[0].Path, faketeams.Tenant)

	r.teams.Revoke()
	_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "again"})
	require.NoError(t, err)
	require.Len(t, r.teams.Calls("token"), 2, "one that is refused is fetched anew")
}

func TestWaysToSayWhoTheAppIs(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	certificate := certificateOf(t, key)
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	for name, change := range map[string]func(*teams.Config){
		"many tenants":      func(c *teams.Config) { c.TenantID = "" },
		"many and a tenant": func(c *teams.Config) { c.MultiTenant = true },
		"a certificate": func(c *teams.Config) {
			c.AppPassword = ""
			c.Certificate = teams.Certificate{PEM: certificate, KeyPEM: keyPEM}
		},
		"a managed identity": func(c *teams.Config) { c.AppPassword = ""; c.ManagedIdentity.Enabled = true },
		"a federated identity": func(c *teams.Config) {
			c.AppPassword = ""
			c.ManagedIdentity = teams.ManagedIdentity{Enabled: true, Federated: true, ClientID: adaGUID}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTeams(t)
			s.Trust(&key.PublicKey)
			r := newRigOn(t, s, botrig.Memory(t), change)
			_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "hello"})
			require.NoError(t, err)
			if strings.HasPrefix(name, "many") {
				require.Contains(t, s.Calls("token")[0].Path, "botframework.com")
			}
		})
	}
}

func TestTokensThatAreNotGiven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*teams.Config)
		failure *faketeams.Failure
		want    error
	}{
		"a wrong password": {func(c *teams.Config) { c.AppPassword = "wrong-password" }, nil, chat.ErrAuthentication},
		"another tenant":   {func(c *teams.Config) { c.TenantID = "other.example" }, nil, chat.ErrAuthentication},
		"away":             {nil, &faketeams.Failure{Status: 503}, chat.ErrTemporary},
		"too many":         {nil, &faketeams.Failure{Status: 429, Header: map[string]string{"Retry-After": "7"}}, chat.ErrRateLimited},
		"no JSON":          {nil, &faketeams.Failure{Status: 200, Body: "<html>"}, chat.ErrTemporary},
		"no token":         {nil, &faketeams.Failure{Status: 200, Body: "{}"}, chat.ErrTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTeams(t)
			if c.failure != nil {
				s.Fail("token", *c.failure)
			}
			if c.change == nil {
				c.change = func(*teams.Config) {}
			}
			r := newRigOn(t, s, botrig.Memory(t), c.change)
			_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "hello"})
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), faketeams.AppPassword)
			require.NotContains(t, err.Error(), "wrong-password")
		})
	}
}
