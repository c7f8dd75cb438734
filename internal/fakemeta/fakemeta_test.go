package fakemeta

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var fields = Fields{
	"to!": Text(5), "count": Number, "silent": Boolean, "kind!": OneOf("text", "image"), "link": Address, "anything": Any, "name": Bytes(4),
	"buttons": List(1, 2, Object(Fields{"title!": Text(3)})),
}

// TestWrongCallsAreRefused plants wrong calls: each fails the test of an adapter that
// makes it.
func TestWrongCallsAreRefused(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Adapter: "messenger", Token: "fake-token"})
	s.config.Answer = func(c *Call) (any, *Failure) {
		if problems := fields.Check(c.Args); len(problems) > 0 {
			return s.Refuse(c, problems...)
		}
		return map[string]any{"id": "1"}, nil
	}
	problems := s.Expect()
	for body, want := range map[string]string{
		`{"to":"1","kind":"text"}`: "",
		`{"to":"1","kind":"text","buttons":[{"title":"Yes"}],"count":1,"silent":true,"link":"https://x.example/","anything":[],"name":"ab"}`: "",
		`{"kind":"text"}`:                                        "to is missing",
		`{"to":"","kind":"text"}`:                                "to is no text of 1 to 5 characters: it has 0",
		`{"to":"123456","kind":"text"}`:                          "to is no text of 1 to 5 characters: it has 6",
		`{"to":7,"kind":"text"}`:                                 "to is no text",
		`{"to":"1","kind":"video"}`:                              "kind is video",
		`{"to":"1","kind":"text","count":"1"}`:                   "count is no number",
		`{"to":"1","kind":"text","silent":1}`:                    "silent is no boolean",
		`{"to":"1","kind":"text","link":"ftp://x"}`:              "link is no http",
		`{"to":"1","kind":"text","name":"äöü"}`:                  "name is no text of 1 to 4 bytes: it has 6",
		`{"to":"1","kind":"text","buttons":[]}`:                  "buttons is no list of 1 to 2 items",
		`{"to":"1","kind":"text","buttons":[{"title":"Maybe"}]}`: "buttons[0].title is no text",
		`{"to":"1","kind":"text","buttons":["Yes"]}`:             "buttons[0] is no object",
		`{"to":"1","kind":"text","colour":"red"}`:                "colour is not known",
		`{"to":`: "unexpected EOF",
	} {
		status := http.StatusOK
		if want != "" {
			status = http.StatusBadRequest
		}
		require.Equal(t, status, call(t, s, "fake-token", "/v25.0/me/messages", body), body)
		got := problems()
		if want == "" {
			require.Empty(t, got, body)
			continue
		}
		require.Len(t, got, 1, body)
		require.Contains(t, got[0], "POST me/messages: "+want)
	}
	require.Equal(t, http.StatusUnauthorized, call(t, s, "another", "/v25.0/me/messages", `{}`))
	require.Equal(t, http.StatusBadRequest, call(t, s, "fake-token", "/me/messages", `{}`))
	s.Fail("POST me/messages", Failure{Status: http.StatusForbidden, Code: 10})
	require.Equal(t, http.StatusForbidden, call(t, s, "fake-token", "/v25.0/me/messages", `{}`))
	s.Break()
	require.Equal(t, http.StatusServiceUnavailable, call(t, s, "fake-token", "/v25.0/me/messages", `{}`))
}

func call(t *testing.T, s *Server, token, path, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}
