package meta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

const appSecret = "fake-app-secret"

var hook = Webhook{Object: "page", VerifyToken: "fake-verify-token", AppSecret: appSecret}

func serve(t *testing.T, h *Webhook, r *http.Request, entry func(*Delivery, json.RawMessage) error) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.Take(w, r, slog.New(slog.DiscardHandler), func(_ context.Context, d *Delivery, raw json.RawMessage) error { return entry(d, raw) })
	return w
}

func signed(t *testing.T, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set(SignatureHeader, Signature(appSecret).Sign([]byte(body)))
	return r
}

func none(*Delivery, json.RawMessage) error { panic("an entry was handed over") }

func TestTheWebhookIsVerified(t *testing.T) {
	t.Parallel()
	for query, status := range map[string]int{
		"hub.mode=subscribe&hub.verify_token=fake-verify-token&hub.challenge=1158201444":   http.StatusOK,
		"hub.mode=subscribe&hub.verify_token=another&hub.challenge=1158201444":             http.StatusForbidden,
		"hub.mode=subscribe&hub.challenge=1158201444":                                      http.StatusForbidden,
		"hub.mode=unsubscribe&hub.verify_token=fake-verify-token&hub.challenge=1158201444": http.StatusBadRequest,
		"": http.StatusBadRequest,
	} {
		w := serve(t, &hook, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+query, nil), none)
		require.Equal(t, status, w.Code, query)
		require.Equal(t, status == http.StatusOK, w.Body.String() == "1158201444", query)
		require.NotContains(t, w.Body.String(), "fake-verify-token")
	}
	w := serve(t, &Webhook{Object: "page"}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?hub.mode=subscribe&hub.verify_token=&hub.challenge=1", nil), none)
	require.Equal(t, http.StatusForbidden, w.Code, "no token is configured")
}

func TestWhatIsNotMetasIsRefused(t *testing.T) {
	t.Parallel()
	body := `{"object":"page","entry":[{}]}`
	forged := signed(t, body)
	forged.Header.Set(SignatureHeader, Signature("another").Sign([]byte(body)))
	bare := signed(t, body)
	bare.Header.Del(SignatureHeader)
	old := signed(t, body)
	old.Header.Set(SignatureHeader, strings.Replace(old.Header.Get(SignatureHeader), "sha256=", "sha1=", 1))
	put := signed(t, body)
	put.Method = http.MethodPut
	for name, c := range map[string]struct {
		r      *http.Request
		status int
	}{
		"signed with another secret": {forged, http.StatusUnauthorized},
		"without a signature":        {bare, http.StatusUnauthorized},
		"with another prefix":        {old, http.StatusUnauthorized},
		"another method":             {put, http.StatusMethodNotAllowed},
		"no JSON":                    {signed(t, "{"), http.StatusBadRequest},
		"another object":             {signed(t, `{"object":"user","entry":[{}]}`), http.StatusBadRequest},
		"without entries":            {signed(t, `{"object":"page"}`), http.StatusBadRequest},
		"entries that are none":      {signed(t, `{"object":"page","entry":{}}`), http.StatusBadRequest},
		"an entry that is null":      {signed(t, `{"object":"page","entry":[null]}`), http.StatusBadRequest},
	} {
		require.Equal(t, c.status, serve(t, &hook, c.r, none).Code, name)
	}
	require.Equal(t, http.StatusUnauthorized, serve(t, &Webhook{Object: "page"}, signed(t, body), none).Code, "no secret is configured")
}

// TestEntriesAreTakenOneByOne checks what one bad part does to the others.
func TestEntriesAreTakenOneByOne(t *testing.T) {
	t.Parallel()
	const four = `{"object":"page","entry":[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"}]}`
	invalid, away := fmt.Errorf("%w: bad", chat.ErrInvalidArgument), errors.New("the state is away")
	for _, c := range []struct {
		name   string
		errs   map[string]error
		taken  string
		status int
	}{
		{"all", nil, "1234", http.StatusOK},
		{"one that can never be taken", map[string]error{"2": invalid}, "134", http.StatusOK},
		{"all that can never be taken", map[string]error{"1": invalid, "2": invalid, "3": invalid, "4": invalid}, "", http.StatusBadRequest},
		{"one that can be taken later", map[string]error{"2": away}, "1", http.StatusServiceUnavailable},
		{"both", map[string]error{"1": invalid, "3": away}, "2", http.StatusServiceUnavailable},
	} {
		taken := ""
		w := serve(t, &hook, signed(t, four), func(d *Delivery, raw json.RawMessage) error {
			return Each(d, []json.RawMessage{raw}, func(e *struct{ ID string }, _ json.RawMessage) error {
				if err := c.errs[e.ID]; err != nil {
					return err
				}
				taken += e.ID
				return nil
			})
		})
		require.Equal(t, c.taken, taken, c.name)
		require.Equal(t, c.status, w.Code, c.name)
	}
}

// TestAPartThatCannotBeReadStopsNoOther has fields of wrong types in the middle.
func TestAPartThatCannotBeReadStopsNoOther(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`{"id":7}`, `null`, `[]`, `"text"`, `7`} {
		taken, d := "", &Delivery{}
		err := Each(d, []json.RawMessage{json.RawMessage(`{"id":"1"}`), json.RawMessage(bad), json.RawMessage(`{"id":"3"}`)}, func(e *struct{ ID string }, _ json.RawMessage) error {
			taken += e.ID
			return nil
		})
		require.NoError(t, err, bad)
		require.ErrorIs(t, errors.Join(d.invalid...), chat.ErrInvalidArgument, bad)
		require.Equal(t, 2, d.taken, bad)
		require.Equal(t, "13", taken, bad)
	}
}
