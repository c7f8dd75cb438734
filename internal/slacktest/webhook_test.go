package slacktest_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const aMessage = `{"type":"message","channel":"C0ONE","user":"U0ADA","text":"x","ts":"1700000001.000200"}`

func TestSignature(t *testing.T) {
	t.Parallel()
	body := callback(aMessage)
	for name, change := range map[string]func(*http.Request){
		"none":            func(r *http.Request) { r.Header.Del("X-Slack-Signature") },
		"no timestamp":    func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") },
		"another body's":  func(r *http.Request) { sign(r, []byte(body+" "), time.Now()) },
		"too old":         func(r *http.Request) { sign(r, []byte(body), time.Now().Add(-6*time.Minute)) },
		"of the future":   func(r *http.Request) { sign(r, []byte(body), time.Now().Add(6*time.Minute)) },
		"another time's":  func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "1700000000") },
		"not hexadecimal": func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0=xyz") },
		"cut":             func(r *http.Request) { r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:20]) },
		"no scheme":       func(r *http.Request) { r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[3:]) },
		"another scheme": func(r *http.Request) {
			r.Header.Set("X-Slack-Signature", strings.Replace(r.Header.Get("X-Slack-Signature"), "v0", "v1", 1))
		},
	} {
		r := newRig(t, nil)
		req := request(jsonType, body)
		change(req)
		require.Equal(t, http.StatusUnauthorized, serve(r, req).Code, name)
		require.Empty(t, r.host.taken(), name)
	}
	r := newRig(t, nil)
	req := request(jsonType, body)
	sign(req, []byte(body), time.Now().Add(-4*time.Minute))
	require.Equal(t, http.StatusOK, serve(r, req).Code)
	require.Len(t, r.host.taken(), 1)
}

func TestWithoutSigningSecretNothingIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) { c.SigningSecret, c.AppToken = "", "xapp-1" })
	require.Equal(t, http.StatusUnauthorized, serve(r, request(jsonType, callback(aMessage))).Code)
	require.Empty(t, r.host.taken())
}

func TestURLVerification(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	w := serve(r, request(jsonType, `{"type":"url_verification","token":"x","challenge":"3eZbrw1aB"}`))
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"challenge":"3eZbrw1aB"}`, w.Body.String())
}

func TestOtherMethodsAndBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	require.Equal(t, http.StatusMethodNotAllowed, serve(r, httptest.NewRequest(http.MethodGet, "/", nil)).Code)
	require.Equal(t, http.StatusMethodNotAllowed, serve(r, httptest.NewRequest(http.MethodGet, "/install", nil)).Code, "it has one workspace")
	require.Equal(t, http.StatusOK, serve(r, request(jsonType, `{"type":"app_rate_limited","team_id":"T0ONE","minute_rate_limited":1700000000}`)).Code)

	big := callback(strings.Repeat(" ", 1<<10) + aMessage)
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/", http.MaxBytesReader(w, nopCloser{bytes.NewReader([]byte(big))}, 100))
	sign(req, []byte(big), time.Now())
	r.ServeHTTP(w, req)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// TestRetries checks that a retry is taken if and only if the event was not
// stored, and that a TypeScript instance can see which.
func TestRetries(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	body := callbackWithID("Ev0RETRY", aMessage)
	retry := func() *http.Request {
		req := request(jsonType, body)
		req.Header.Set("X-Slack-Retry-Num", "1")
		req.Header.Set("X-Slack-Retry-Reason", "http_timeout")
		return req
	}
	r.host.refuseWith(state.ErrUnavailable)
	require.Equal(t, http.StatusServiceUnavailable, serve(r, request(jsonType, body)).Code)
	require.Equal(t, http.StatusServiceUnavailable, serve(r, retry()).Code)
	_, err := r.host.state.Get(t.Context(), "slack:event-delivered:Ev0RETRY")
	require.ErrorIs(t, err, state.ErrNotFound)

	r.host.refuseWith(nil)
	require.Equal(t, http.StatusOK, serve(r, retry()).Code)
	one[*chat.Message](t, r.host.taken())
	mark, err := r.host.state.Get(t.Context(), "slack:event-delivered:Ev0RETRY")
	require.NoError(t, err)
	require.Equal(t, "true", string(mark))

	require.Equal(t, http.StatusOK, serve(r, retry()).Code)
	require.Empty(t, r.host.taken(), "it is stored")
}

func TestBusyAndRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for err, status := range map[error]int{chat.ErrBusy: 503, chat.ErrShutdown: 503, chat.ErrInvalidArgument: 400} {
		r.host.refuseWith(err)
		require.Equal(t, status, serve(r, request(jsonType, callback(aMessage))).Code)
	}
}

// TestStateAway checks that nothing is answered 2xx while the state is away.
func TestStateAway(t *testing.T) {
	t.Parallel()
	for _, config := range []func(*slack.Config){nil, many} {
		r := newRig(t, config)
		require.Equal(t, http.StatusOK, serve(r, request(jsonType, callback(`{"type":"pin_added"}`))).Code)
		require.NoError(t, r.host.state.Close(t.Context()))
		r.host.refuseWith(state.ErrClosed)
		require.Equal(t, http.StatusServiceUnavailable, serve(r, request(jsonType, callback(aMessage))).Code)
		again := request(jsonType, callback(aMessage))
		again.Header.Set("X-Slack-Retry-Num", "1")
		require.Equal(t, http.StatusServiceUnavailable, serve(r, again).Code, "nobody knows whether it was stored")
		require.Equal(t, http.StatusServiceUnavailable, r.interaction(t, `{"type":"block_actions",`+who+`,`+inside+`,"actions":[{"action_id":"a"}]}`).Code)
	}
}

// TestCertificateCheck checks what Slack sends without a signature to see the
// server's certificate, and that nothing else is taken so.
func TestCertificateCheck(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	unsigned := func(method, target, contentType, body string) int {
		req := httptest.NewRequest(method, target, strings.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		w := serve(r, req)
		require.Empty(t, r.host.taken())
		return w.Code
	}
	require.Equal(t, http.StatusOK, unsigned(http.MethodPost, "/", formType, "token=x&ssl_check=1"))
	require.Equal(t, http.StatusOK, unsigned(http.MethodPost, "/", formType+"; charset=utf-8", "ssl_check=1"))
	require.Equal(t, http.StatusOK, unsigned(http.MethodGet, "/?ssl_check=1&token=x", "", ""))
	for _, body := range []string{"ssl_check=0", "ssl_check=1&command=%2Fx&user_id=U0ADA&team_id=T0ONE", "ssl_check=1&payload=%7B%7D", "ssl_check=1;x=%zz"} {
		require.Equal(t, http.StatusUnauthorized, unsigned(http.MethodPost, "/", formType, body), body)
	}
	require.Equal(t, http.StatusUnauthorized, unsigned(http.MethodPost, "/?ssl_check=1", jsonType, callback(aMessage)))
	require.Equal(t, http.StatusUnauthorized, unsigned(http.MethodPost, "/", jsonType, "ssl_check=1"))
}
