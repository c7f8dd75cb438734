package gchattest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// refusalOf is an error of a Google API, which quotes what was sent.
// https://google.aip.dev/193
func refusalOf(code int, name string, details ...string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"Invalid value at 'message.text': %s","status":%q,"details":[%s]}}`, code, words, name, strings.Join(details, ","))
}

func errorInfo(reason string) string {
	return `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `","domain":"googleapis.com","metadata":{"service":"chat.googleapis.com","value":"` + words + `"}}`
}

func retryInfo(delay string) string {
	return `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":` + delay + `}`
}

// TestAttackRefusals has every call refused with each code that Google documents, and
// with each way to say how long to wait.
// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto,
// https://developers.google.com/workspace/chat/limits
func TestAttackRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		with answerWith
		want error
		wait time.Duration // at least
	}{
		"INVALID_ARGUMENT":         {with: status(400, refusalOf(400, "INVALID_ARGUMENT")), want: chat.ErrInvalid},
		"FAILED_PRECONDITION":      {with: status(400, refusalOf(400, "FAILED_PRECONDITION"))},
		"OUT_OF_RANGE":             {with: status(400, refusalOf(400, "OUT_OF_RANGE")), want: chat.ErrInvalid},
		"UNAUTHENTICATED":          {with: status(401, refusalOf(401, "UNAUTHENTICATED", errorInfo("ACCESS_TOKEN_EXPIRED"))), want: chat.ErrAuthentication},
		"PERMISSION_DENIED":        {with: status(403, refusalOf(403, "PERMISSION_DENIED", errorInfo("SERVICE_DISABLED"))), want: chat.ErrPermission},
		"NOT_FOUND":                {with: status(404, refusalOf(404, "NOT_FOUND")), want: chat.ErrNotFound},
		"ABORTED":                  {with: status(409, refusalOf(409, "ABORTED"))},
		"ALREADY_EXISTS":           {with: status(409, refusalOf(409, "ALREADY_EXISTS"))},
		"CANCELLED":                {with: status(499, refusalOf(499, "CANCELLED"))},
		"UNKNOWN":                  {with: status(500, refusalOf(500, "UNKNOWN")), want: chat.ErrTemporary},
		"DATA_LOSS":                {with: status(500, refusalOf(500, "DATA_LOSS")), want: chat.ErrTemporary},
		"UNIMPLEMENTED":            {with: status(501, refusalOf(501, "UNIMPLEMENTED"))},
		"UNAVAILABLE":              {with: status(503, refusalOf(503, "UNAVAILABLE"), "Retry-After", "77"), want: chat.ErrTemporary, wait: 77 * time.Second},
		"DEADLINE_EXCEEDED":        {with: status(504, refusalOf(504, "DEADLINE_EXCEEDED")), want: chat.ErrTemporary},
		"limited":                  {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED", errorInfo("RATE_LIMIT_EXCEEDED"))), want: chat.ErrRateLimited},
		"limited for seconds":      {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED"), "Retry-After", "77"), want: chat.ErrRateLimited, wait: 77 * time.Second},
		"limited until a date":     {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED"), "Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), want: chat.ErrRateLimited, wait: 30 * time.Minute},
		"limited with a detail":    {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED", errorInfo("x"), retryInfo(`"77.5s"`))), want: chat.ErrRateLimited, wait: 77 * time.Second},
		"limited for ever":         {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED"), "Retry-After", "9223372036854775807"), want: chat.ErrRateLimited},
		"limited in the past":      {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED", retryInfo(`"-5s"`)), "Retry-After", "-5"), want: chat.ErrRateLimited},
		"limited in words":         {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED", retryInfo(`"soon"`)), "Retry-After", "soon"), want: chat.ErrRateLimited},
		"limited in another form":  {with: status(429, refusalOf(429, "RESOURCE_EXHAUSTED", retryInfo(`{"seconds":7}`))), want: chat.ErrRateLimited},
		"limited with odd details": {with: status(429, `{"error":{"code":"x","message":{},"status":7,"details":[7,null,"`+words+`",{"@type":7}]}}`), want: chat.ErrRateLimited},
		"a long name":              {with: status(400, refusalOf(400, strings.Repeat("LONG", 1000))), want: chat.ErrInvalid},
		"words for a name":         {with: status(400, refusalOf(400, words)), want: chat.ErrInvalid},
		"a name that is a token":   {with: status(400, refusalOf(400, "Bearer ya29.x")), want: chat.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, c.with)
			for method, do := range calls {
				if method == "delete" && errors.Is(c.want, chat.ErrRateLimited) && c.wait == 0 {
					continue // it waits by itself for a limit that ends soon
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				err := do(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "%s does not end", method)
				cancel()
				if method == "react" && name == "ALREADY_EXISTS" {
					require.NoError(t, err, "%s: that is what was wanted", method)
					continue
				}
				want, wait := c.want, c.wait
				switch { // the answer to a download is a status alone
				case method == "attachment" && name == "limited with a detail":
					wait = 0
				case method == "user":
					want, wait = nil, 0 // nobody is asked
				}
				requireRefusal(t, method, err, want, wait)
			}
		})
	}
}

func requireRefusal(t *testing.T, method string, err, want error, wait time.Duration) {
	t.Helper()
	require.Error(t, err, method)
	requireSecrecy(t, err.Error())
	require.Less(t, len(err.Error()), 1000, method)
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%s: %T %v", method, err, err)
	require.NotEmpty(t, failure.Op, method)
	require.NotZero(t, failure.Code, "%s: %v", method, err)
	require.GreaterOrEqual(t, failure.RetryAfter, wait, "%s: %v", method, err)
	if want != nil {
		require.ErrorIs(t, err, want, method)
	}
}

// tokensFrom has requests for tokens be answered so, by default as Google does, and all
// others otherwise.
func tokensFrom(tokens, others answerWith) func(*gchat.Config) {
	return func(c *gchat.Config) {
		google := c.HTTPClient.Transport
		c.APIURL = ""
		c.HTTPClient = &http.Client{Transport: answerWith(func(req *http.Request) (*http.Response, error) {
			switch {
			case req.URL.Host != "oauth2.googleapis.com":
				return others(req)
			case tokens == nil:
				return google.RoundTrip(req)
			}
			return tokens(req)
		})}
	}
}

// withTokens is a bot whose requests for tokens are answered so. No call may go out.
func withTokens(t *testing.T, answer answerWith) *rig {
	t.Helper()
	return newRig(t, tokensFrom(answer, func(req *http.Request) (*http.Response, error) {
		t.Errorf("a call without a token: %s", req.URL.Path)
		return nil, io.ErrUnexpectedEOF
	}))
}

// TestAttackTokens has Google refuse the token that every call needs.
// https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
func TestAttackTokens(t *testing.T) {
	t.Parallel()
	refused := func(code int, name string) answerWith {
		return status(code, fmt.Sprintf(`{"error":%q,"error_description":"%s: eyJhbGciOi.eyJpc3Mi"}`, name, words))
	}
	for name, c := range map[string]struct {
		with answerWith
		want error
		wait time.Duration
	}{
		"invalid_grant":         {refused(400, "invalid_grant"), chat.ErrAuthentication, 0},
		"invalid_client":        {refused(401, "invalid_client"), chat.ErrAuthentication, 0},
		"unauthorized_client":   {refused(401, "unauthorized_client"), chat.ErrAuthentication, 0},
		"access_denied":         {refused(403, "access_denied"), nil, 0},
		"admin_policy_enforced": {refused(400, "admin_policy_enforced"), nil, 0},
		"disabled_client":       {refused(401, "disabled_client"), chat.ErrAuthentication, 0},
		"invalid_scope":         {refused(400, "invalid_scope"), nil, 0},
		"words":                 {refused(400, words), nil, 0},
		"429":                   {refused(429, "rate_limit_exceeded"), chat.ErrRateLimited, time.Second},
		"429 with a time":       {status(429, "", "Retry-After", "77"), chat.ErrRateLimited, 77 * time.Second},
		"500":                   {refused(500, "internal_failure"), chat.ErrTemporary, 0},
		"503 in HTML":           {status(503, "<html>"+words, "Retry-After", "77"), chat.ErrTemporary, 77 * time.Second},
		"hangs up":              {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, chat.ErrTemporary, 0},
		"200 in HTML":           {status(200, "<html>"+words), chat.ErrTemporary, 0},
		"200 empty":             {status(200, ""), chat.ErrTemporary, 0},
		"200 with nothing":      {status(200, "{}"), chat.ErrTemporary, 0},
		"200 with null":         {status(200, "null"), chat.ErrTemporary, 0},
		"200 without a token":   {status(200, `{"access_token":"","expires_in":3600}`), chat.ErrTemporary, 0},
		"200 with wrong types":  {status(200, `{"access_token":7,"expires_in":"`+words+`"}`), chat.ErrTemporary, 0},
		"200 with half of it":   {status(200, `{"access_token":"ya29.half`), chat.ErrTemporary, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := withTokens(t, c.with)
			for method, do := range calls {
				if method == "delete" && c.wait == time.Second {
					continue // it waits by itself for a limit that ends soon
				}
				if method != "user" { // nobody is asked
					requireRefusal(t, method, do(t.Context(), r.Adapter), c.want, c.wait)
				}
			}
			requireSecrecy(t, r.log.String())
		})
	}
}

// TestAttackTokenAgain has a token come after one that was none: what was not a token is
// not kept.
func TestAttackTokenAgain(t *testing.T) {
	t.Parallel()
	s := newChat(t)
	answers := make(chan answerWith, 1)
	answers <- status(200, `{}`)
	r := newRigOn(t, s, botrig.Memory(t), tokensFrom(func(req *http.Request) (*http.Response, error) {
		select {
		case answer := <-answers:
			return answer(req)
		default:
			return s.Client().Transport.RoundTrip(req)
		}
	}, s.Client().Transport.RoundTrip))
	require.Error(t, attack.Second(r.FetchChannel(t.Context(), "gchat:spaces/AAAA")))
	require.NoError(t, attack.Second(r.FetchChannel(t.Context(), "gchat:spaces/AAAA")))
}

// TestAttackDowngrade has Google's addresses lead to others of its own, and to themselves
// without encryption: no token goes there.
func TestAttackDowngrade(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"http://chat.googleapis.com/v1/x", "https://evil.chat.googleapis.com/x", "https://chat.googleapis.com:8443/x", "https://chat.googleapis.com.evil.example/x", "//evil.example/x", "https://chat.googleapis.com@evil.example/x"} {
			t.Run(fmt.Sprint(code, " ", to), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, tokensFrom(nil, func(req *http.Request) (*http.Response, error) {
					known := req.URL.Host == "chat.googleapis.com" || req.URL.Host == "workspaceevents.googleapis.com"
					if (!known || req.URL.Scheme != "https") && req.Header.Get("Authorization") != "" {
						t.Errorf("the token went to %s", req.URL)
					}
					return status(code, "", "Location", to)(req)
				}))
				for method, do := range calls {
					require.Error(t, do(t.Context(), r.Adapter), method)
				}
			})
		}
	}
}

// TestAttackSlowness has Google give no token, or say too much: a caller waits no longer
// than it means to.
func TestAttackSlowness(t *testing.T) {
	t.Parallel()
	silent := answerWith(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	endless := answerWith(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: req.Context()}), Request: req}, nil
	})
	for method, do := range calls {
		if method == "user" {
			continue // nobody is asked
		}
		for about, change := range map[string]func(*testing.T) *rig{
			"a silent token": func(t *testing.T) *rig { t.Helper(); return withTokens(t, silent) }, "an endless token": func(t *testing.T) *rig { t.Helper(); return withTokens(t, endless) },
			"an endless refusal": func(t *testing.T) *rig { t.Helper(); return answering(t, endless) },
		} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := change(t)
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				err := do(ctx, r.Adapter)
				require.Error(t, err)
				requireSecrecy(t, err.Error())
			})
		}
	}
}
