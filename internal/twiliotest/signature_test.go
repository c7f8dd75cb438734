package twiliotest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

// TestTheFakeSignsAsTwilio has the examples of Twilio's own libraries.
// https://github.com/twilio/twilio-go/blob/main/client/request_validator_test.go
func TestTheFakeSignsAsTwilio(t *testing.T) {
	t.Parallel()
	const address = "https://mycompany.com/myapp.php?foo=1&bar=2"
	fields := url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"}, "From": {"+14158675309"},
		"ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	require.Equal(t, "vOEb5UThFn24KEfnOFLQY2AE5FY=", faketwilio.Sign("12345", address, fields))
	require.Equal(t, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", faketwilio.Sign("12345", address, url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"5678", "1234", "1234"}}))
	require.Equal(t, "a9nBmqA0ju/hNViExpshrM61xv4=", faketwilio.Sign("12345", address+"&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620", nil))
}

// signed is a webhook of the address with the fields, to this host.
func signed(t *testing.T, target, token, address, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header = formHeader.Clone()
	fields, err := url.ParseQuery(body)
	require.NoError(t, err)
	r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, address, fields))
	return r
}

func TestForgedWebhooksAreRefused(t *testing.T) {
	t.Parallel()
	body := from(1, "Body", "forged")
	const token = faketwilio.AuthToken
	for name, change := range map[string]func(r *http.Request){
		"no signature": func(r *http.Request) { r.Header.Del("X-Twilio-Signature") },
		"an empty one": func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "") },
		"no base64":    func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "§") },
		"a short one":  func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "AAAA") },
		"of another token": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign("x", webhookURL, parse(body)))
		},
		"of no token": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign("", webhookURL, parse(body)))
		},
		"of another address": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL+"/x", parse(body)))
		},
		"of the address alone": func(r *http.Request) { r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL, nil)) },
		"of another body": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL, parse(from(1, "Body", "x"))))
		},
		"of fewer fields": func(r *http.Request) {
			f := parse(body)
			f.Del("SmsStatus")
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL, f))
		},
		"with another query":  func(r *http.Request) { r.URL.RawQuery = "x=1" },
		"of the body as JSON": func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"JSON with its digest": func(r *http.Request) {
			sum := sha256.Sum256([]byte(body))
			r.URL.RawQuery = "bodySHA256=" + hex.EncodeToString(sum[:])
			r.Header.Set("Content-Type", "application/json")
		},
		"JSON without its digest": func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL, nil))
		},
		"JSON with another digest": func(r *http.Request) {
			r.URL.RawQuery = "bodySHA256=" + strings.Repeat("0", 64)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Twilio-Signature", faketwilio.Sign(token, webhookURL+"?"+r.URL.RawQuery, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			req := request(t, body)
			change(req)
			w := r.serve(req)
			require.Equal(t, http.StatusUnauthorized, w.Code)
			r.send(t, from(2, "Body", "true"))
			require.Equal(t, "true", next[*chat.Message](t, r).Text)
			botrig.Quiet(t, r.handled)
			for _, secret := range []string{token, "forged", faketwilio.Sign(token, webhookURL, parse(body))} {
				require.NotContains(t, r.log.String()+w.Body.String(), secret)
			}
		})
	}
}

func parse(body string) url.Values {
	f, _ := url.ParseQuery(body) // the tests made it
	return f
}

// TestTheAddressIsTwilios takes webhooks under each address that Twilio may have called,
// and refuses those to other programs of the account.
func TestTheAddressIsTwilios(t *testing.T) {
	t.Parallel()
	const other = "https://status.example.com/twilio?from=bot"
	for name, c := range map[string]struct {
		configured, callback string
		target, signed       string
		status               int
	}{
		"as configured":               {webhookURL, "", "http://10.0.0.7:8080/webhooks/twilio", webhookURL, 200},
		"with a fragment":             {webhookURL + "#rc=5&rp=all", "", "http://10.0.0.7/webhooks/twilio", webhookURL, 200},
		"with the port":               {webhookURL, "", "http://x/webhooks/twilio", "https://bot.example.com:443/webhooks/twilio", 200},
		"configured with the port":    {"https://bot.example.com:443/webhooks/twilio", "", "http://x/webhooks/twilio", webhookURL, 200},
		"another port":                {"https://bot.example.com:8443/webhooks/twilio", "", "http://x/webhooks/twilio", "https://bot.example.com:8444/webhooks/twilio", 401},
		"without its port":            {"https://bot.example.com:8443/webhooks/twilio", "", "http://x/webhooks/twilio", webhookURL, 200},
		"with a query":                {webhookURL + "?a=1", "", "http://x/webhooks/twilio?a=1&b=%20c", webhookURL + "?a=1&b=%20c", 200},
		"a path of the proxy's":       {"https://example.com/bots/7", "", "http://x/webhooks/twilio", "https://example.com/bots/7", 200},
		"the status callback's":       {webhookURL, other, "http://x/webhooks/twilio?from=bot", other, 200},
		"another program's":           {webhookURL, "", "https://other.example.com/webhooks/twilio", "https://other.example.com/webhooks/twilio", 401},
		"the request's":               {"", "", "https://bot.example.com/webhooks/twilio", webhookURL, 200},
		"the request's before TLS":    {"", "", "http://bot.example.com/webhooks/twilio", webhookURL, 200},
		"the request's without TLS":   {"", "", "http://bot.example.com:8080/webhooks/twilio", "http://bot.example.com:8080/webhooks/twilio", 200},
		"the request's, with escapes": {"", "", "https://bot.example.com/a%2Fb/webhooks/twilio/?a=%7B", "https://bot.example.com/a%2Fb/webhooks/twilio/?a=%7B", 200},
		"the request's, another host": {"", "", "https://bot.example.com/webhooks/twilio", "https://other.example.com/webhooks/twilio", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(cfg *twilio.Config) { cfg.WebhookURL, cfg.StatusCallbackURL = c.configured, c.callback })
			w := r.serve(signed(t, c.target, faketwilio.AuthToken, c.signed, from(1, "Body", "hello")))
			require.Equal(t, c.status, w.Code)
			if c.status == http.StatusOK {
				require.Equal(t, "hello", next[*chat.Message](t, r).Text)
			}
			botrig.Quiet(t, r.handled)
		})
	}
}

// TestTokensAreExchanged takes webhooks of both tokens, and no others.
func TestTokensAreExchanged(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *twilio.Config) { c.SecondaryAuthToken = "next-token" })
	for token, status := range map[string]int{faketwilio.AuthToken: 200, "next-token": 200, "": 401, "other": 401} {
		require.Equal(t, status, r.serve(signed(t, "http://x/webhooks/twilio", token, webhookURL, from(1, "Body", "hello"))).Code)
	}
}

// TestFieldsOfTheFutureAreSigned takes fields that nobody knows, empty ones, and some
// that come twice.
func TestFieldsOfTheFutureAreSigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, from(1, "Body", " spaces stay \n", "Zukunft", "äöü & = +", "empty", "", "MediaUrl10", "b", "MediaUrl1", "a"))
	require.Equal(t, " spaces stay \n", next[*chat.Message](t, r).Text)
	r.send(t, from(2, "Body", "twice")+"&Tag=b&Tag=a&Tag=b")
	require.Equal(t, "twice", next[*chat.Message](t, r).Text)
}

// TestEventStreams takes events as JSON, whose digest stands in the signed address.
func TestEventStreams(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream := func(body string) int {
		sum := sha256.Sum256([]byte(body))
		query := "bodySHA256=" + hex.EncodeToString(sum[:])
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/twilio?"+query, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		req.Header.Set("X-Twilio-Signature", faketwilio.Sign(faketwilio.AuthToken, webhookURL+"?"+query, nil))
		return r.serve(req).Code
	}
	one, two := `{"specversion":"1.0","type":"com.twilio.messaging.message.delivered","id":"EZ1","data":{}}`, `{"type":"com.twilio.future","id":"EZ2"}`
	require.Equal(t, http.StatusOK, stream("["+one+","+two+"]"))
	seen := map[string]bool{}
	for range 2 {
		ev := next[*chat.PlatformEvent](t, r)
		require.Equal(t, "twilio:event", ev.Name)
		seen[string(ev.Data)] = true
	}
	require.Equal(t, map[string]bool{one: true, two: true}, seen)
	require.Equal(t, http.StatusOK, stream(one), "it comes again")
	require.Equal(t, http.StatusOK, stream("[]"))
	for _, body := range []string{"", "{", "[{]", "7", "null", "[null]", `[{"id":7,"type":"x"}]`, `{"id":"x"}`, `{"type":"x"}`, `[[]]`} {
		require.Equal(t, http.StatusBadRequest, stream(body), body)
	}
	botrig.Quiet(t, r.handled)
}
