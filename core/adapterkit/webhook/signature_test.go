package webhook

import (
	"crypto/ed25519"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Examples from the platforms' documentation.
func TestPublishedSignatures(t *testing.T) {
	t.Parallel()
	// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	github := HMAC{Secrets: []string{"It's a Secret to Everybody"}, Prefix: "sha256="}
	require.NoError(t, github.Check("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", []byte("Hello, World!")))
	// https://docs.slack.dev/authentication/verifying-requests-from-slack
	slack := HMAC{Secrets: []string{"8f742231b10e8888abcd99yyyzzz85a5"}, Prefix: "v0="}
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&" +
		"user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2F" +
		"commands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	require.NoError(t, slack.Check("v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", []byte("v0:1531420618:"), []byte(body)))
	// https://www.twilio.com/docs/usage/security
	twilio := HMAC{Secrets: []string{"12345"}, Hash: sha1.New, Encoding: Base64}
	require.NoError(t, twilio.Check("0/KCTR6DLpKmkAf8muzZqo1nDgQ=", []byte("https://mycompany.com/myapp.php?foo=1&bar=2"),
		[]byte("CallSidCA1234567890ABCDECaller+12349013030Digits1234From+12349013030To+18005551212")))
}

func TestHMAC(t *testing.T) {
	t.Parallel()
	body := []byte("the body")
	for _, h := range []HMAC{
		{Secrets: []string{"one"}},
		{Secrets: []string{"one"}, Prefix: "sha256="},
		{Secrets: []string{"one"}, Encoding: Base64},
		{Secrets: []string{"one"}, Hash: sha1.New, Encoding: Base64, Prefix: "v1,"},
		{Secrets: []string{"one", "two"}, Prefix: "v0="},
	} {
		good := h.Sign(body)
		require.NoError(t, h.Check(good, body))
		require.NoError(t, h.Check(good, body[:3], nil, body[3:]), "parts are one text")
		if h.Encoding == Hex {
			require.NoError(t, h.Check(h.Prefix+strings.ToUpper(strings.TrimPrefix(good, h.Prefix)), body))
		}
		later := h
		later.Secrets = []string{"new", "one"}
		require.NoError(t, later.Check(good, body), "the old secret is good as long as it is configured")
		other := h
		other.Secrets = []string{"other"}
		none, empty := h, h
		none.Secrets, empty.Secrets = nil, []string{""}
		for name, err := range map[string]error{
			"another body":    h.Check(good, []byte("the bodY")),
			"another secret":  other.Check(good, body),
			"no secret":       none.Check(none.Sign(body), body),
			"an empty secret": empty.Check(empty.Sign(body), body),
			"none":            h.Check("", body),
			"the prefix only": h.Check(h.Prefix, body),
			"cut":             h.Check(good[:len(good)-4], body),
			"longer":          h.Check(good+good, body),
			"no encoding":     h.Check(h.Prefix+"!!!", body),
			"another prefix":  h.Check("v9"+good, body),
		} {
			require.Equal(t, http.StatusUnauthorized, status(err), name)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for _, d := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		require.NoError(t, Window{}.Check(at(d), now))
		require.NoError(t, Window{Milliseconds: true}.Check(at(d)+"000", now))
	}
	for _, wrong := range []string{
		"", "0", "-1", "x", "1e9", " ", at(5*time.Minute + time.Second), at(-5*time.Minute - time.Second), at(0) + "000",
		"9223372036854775807", "-9223372036854775808", "9999999999999999999999", "253402300799", "0x10", "1_700_000_000",
	} {
		require.Equal(t, http.StatusUnauthorized, status(Window{}.Check(wrong, now)), wrong)
		require.Equal(t, http.StatusUnauthorized, status(Window{Milliseconds: true}.Check(wrong+"000", now))|
			status(Window{}.Check(wrong, now)), wrong)
	}
	require.Error(t, Window{Within: time.Second}.Check(at(-2*time.Second), now))
	require.Error(t, Window{Milliseconds: true}.Check(at(0), now), "seconds, where milliseconds are wanted")
}

func TestSecret(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckSecret("a", "a"))
	require.NoError(t, CheckSecret("a", "b", "a"))
	for _, err := range []error{CheckSecret("a", "b"), CheckSecret("", "b"), CheckSecret(""), CheckSecret("", ""), CheckSecret("a", ""), CheckSecret("ab", "a")} {
		require.Equal(t, http.StatusUnauthorized, status(err))
	}
}

func TestEd25519(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	key, err := ParseEd25519Key(" " + hex.EncodeToString(public) + "\n")
	require.NoError(t, err)
	timestamp, body := []byte("1700000000"), []byte(`{"type":1}`)
	good := hex.EncodeToString(ed25519.Sign(private, append(append([]byte{}, timestamp...), body...)))
	require.NoError(t, CheckEd25519(key, good, timestamp, body))
	for name, err := range map[string]error{
		"another body":      CheckEd25519(key, good, timestamp, []byte(`{"type":2}`)),
		"another timestamp": CheckEd25519(key, good, []byte("1700000001"), body),
		"none":              CheckEd25519(key, "", timestamp, body),
		"cut":               CheckEd25519(key, good[2:], timestamp, body),
		"no key":            CheckEd25519(nil, good, timestamp, body),
		"not hexadecimal":   CheckEd25519(key, strings.Repeat("z", 128), timestamp, body),
	} {
		require.Equal(t, http.StatusUnauthorized, status(err), name)
	}
	for _, wrong := range []string{"", "zz", hex.EncodeToString(public)[2:], hex.EncodeToString(public) + "00"} {
		_, err := ParseEd25519Key(wrong)
		require.Error(t, err, wrong)
	}
}

func TestHubChallenge(t *testing.T) {
	t.Parallel()
	ask := func(mode, token, challenge string) url.Values {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge}}
	}
	challenge, err := HubChallenge(ask("subscribe", "mine", "1158201444"), "mine")
	require.NoError(t, err)
	require.Equal(t, "1158201444", challenge)
	for _, test := range []struct {
		query  url.Values
		token  string
		status int
	}{
		{ask("subscribe", "other", "1"), "mine", http.StatusForbidden},
		{ask("subscribe", "", "1"), "mine", http.StatusForbidden},
		{ask("subscribe", "", "1"), "", http.StatusForbidden},
		{ask("unsubscribe", "mine", "1"), "mine", http.StatusBadRequest},
		{ask("subscribe", "mine", ""), "mine", http.StatusBadRequest},
		{ask("subscribe", "mine", strings.Repeat("1", 2000)), "mine", http.StatusBadRequest},
		{nil, "mine", http.StatusBadRequest},
	} {
		_, err := HubChallenge(test.query, test.token)
		require.Equal(t, test.status, status(err), "%v", test.query)
	}
}

func FuzzSignatures(f *testing.F) {
	f.Add("sha256=00", "1700000000", "body")
	f.Add("", "", "")
	f.Add("\xff=", "9223372036854775807", "\x00")
	public := make(ed25519.PublicKey, ed25519.PublicKeySize)
	f.Fuzz(func(t *testing.T, signature, timestamp, body string) {
		for _, h := range []HMAC{{Secrets: []string{"s"}}, {Secrets: []string{"s"}, Encoding: Base64, Prefix: "sha256="}} {
			require.Error(t, h.Check(signature, []byte(body)))
			require.NoError(t, h.Check(h.Sign([]byte(body)), []byte(body)))
		}
		_ = Window{}.Check(timestamp, time.Now())
		_ = Window{Milliseconds: true}.Check(timestamp, time.Now())
		_ = CheckEd25519(public, signature, []byte(body))
		require.Error(t, CheckSecret(signature, "a secret that no fuzzer finds"))
	})
}
