package chat

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serveLate returns what the client has when the handler has returned, and what it has
// after send.
func serveLate(method string, handler http.HandlerFunc) (before string, after *http.Response) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/", nil)
	out := newLateResponse(w, r, true)
	handler(out, r)
	before = w.Body.String()
	out.send()
	return before, w.Result()
}

func TestLateResponse(t *testing.T) {
	large := strings.Repeat("x", maxLateBody+1)
	for name, c := range map[string]struct {
		method  string
		handler http.HandlerFunc
		before  string // what passes at once
		status  int
		length  string
		body    string
	}{
		"nothing": {http.MethodPost, func(http.ResponseWriter, *http.Request) {}, "", 200, "0", ""},
		"text": {http.MethodPost, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no", http.StatusBadRequest)
		}, "", 400, "3", "no\n"},
		"no content": {http.MethodPost, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "", 204, "", ""},
		"head":       {http.MethodHead, func(http.ResponseWriter, *http.Request) {}, "", 200, "", ""},
		"the first status counts": {http.MethodPost, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			w.WriteHeader(http.StatusBadRequest)
		}, "", 202, "0", ""},
		"a stream passes": {http.MethodPost, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("a"))
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write([]byte("b"))
		}, "ab", 200, "", "ab"},
		"a large answer passes": {http.MethodPost, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("a"))
			_, _ = w.Write([]byte(large))
		}, "a" + large, 200, "", "a" + large},
	} {
		t.Run(name, func(t *testing.T) {
			before, got := serveLate(c.method, c.handler)
			require.Equal(t, c.before, before)
			require.Equal(t, c.status, got.StatusCode)
			require.Equal(t, c.length, got.Header.Get("Content-Length"))
			body := new(strings.Builder)
			require.NoError(t, got.Write(body))
			require.True(t, strings.HasSuffix(body.String(), c.body), body)
			if before == "" {
				require.Equal(t, "close", got.Header.Get("Connection"))
			}
			require.NoError(t, got.Body.Close())
		})
	}
}
