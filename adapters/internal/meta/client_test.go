package meta

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const token = "fake-token"

// answering returns a client of a server that answers so.
func answering(t *testing.T, status int, header http.Header, body string, refused func(*Error) *platform.Refusal) *platform.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := NewClient(ClientConfig{Adapter: "messenger", BaseURL: s.URL + "/v25.0/", Token: token, Refused: refused})
	require.NoError(t, err)
	return c
}

func TestErrorCodesAreMapped(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		status int
		err    error
	}{
		`{"error":{"code":1}}`:                          {500, chat.ErrTemporary},
		`{"error":{"code":2}}`:                          {500, chat.ErrTemporary},
		`{"error":{"code":3}}`:                          {400, chat.ErrPermission},
		`{"error":{"code":4}}`:                          {400, chat.ErrRateLimited},
		`{"error":{"code":10}}`:                         {403, chat.ErrPermission},
		`{"error":{"code":17}}`:                         {400, chat.ErrRateLimited},
		`{"error":{"code":32}}`:                         {400, chat.ErrRateLimited},
		`{"error":{"code":102}}`:                        {400, chat.ErrAuthentication},
		`{"error":{"code":100}}`:                        {400, chat.ErrInvalid},
		`{"error":{"code":100,"error_subcode":33}}`:     {400, chat.ErrNotFound},
		`{"error":{"code":190,"error_subcode":463}}`:    {401, chat.ErrAuthentication},
		`{"error":{"code":200}}`:                        {403, chat.ErrPermission},
		`{"error":{"code":299}}`:                        {400, chat.ErrPermission},
		`{"error":{"code":341}}`:                        {400, chat.ErrRateLimited},
		`{"error":{"code":368}}`:                        {400, chat.ErrPermission},
		`{"error":{"code":506}}`:                        {400, chat.ErrInvalid},
		`{"error":{"code":613}}`:                        {400, chat.ErrRateLimited},
		`{"error":{"code":803}}`:                        {404, chat.ErrNotFound},
		`{"error":{"code":80006}}`:                      {400, chat.ErrRateLimited},
		`{"error":{"code":987654}}`:                     {400, chat.ErrInvalid},
		`{"error":{"code":987655}}`:                     {503, chat.ErrTemporary},
		`{"error":{"code":987655,"is_transient":true}}`: {400, chat.ErrTemporary},
		`{"error":{"code":987656}}`:                     {200, chat.ErrInvalid},
		`{"error":{"code":"text"}}`:                     {403, chat.ErrPermission},
		`{"error":"text"}`:                              {429, chat.ErrRateLimited},
		`<html>`:                                        {502, chat.ErrTemporary},
	} {
		_, err := answering(t, want.status, nil, body, nil).Do(t.Context(), platform.Call{Path: "me/messages", Body: struct{}{}})
		require.ErrorIs(t, err, want.err, body)
	}
	_, err := answering(t, http.StatusOK, nil, `{"message_id":"m"}`, nil).Do(t.Context(), platform.Call{Path: "me/messages", Body: struct{}{}})
	require.NoError(t, err)
}

func TestThePlatformsOwnCodesComeFirst(t *testing.T) {
	t.Parallel()
	own := errors.New("the window is closed")
	refused := func(e *Error) *platform.Refusal {
		if e.Code == 10 && e.Subcode == 2018278 {
			return &platform.Refusal{Code: chat.CodeInvalid, Err: own}
		}
		return nil
	}
	_, err := answering(t, 400, nil, `{"error":{"code":10,"error_subcode":2018278}}`, refused).Do(t.Context(), platform.Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.ErrorIs(t, err, own)
	_, err = answering(t, 400, nil, `{"error":{"code":10}}`, refused).Do(t.Context(), platform.Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrPermission)
}

func TestALimitSaysWhenItEnds(t *testing.T) {
	t.Parallel()
	for usage, want := range map[string]time.Duration{
		`{"1":[{"type":"messenger","estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":19}]}`: 19 * time.Minute,
		`{"1":[{"type":"messenger","estimated_time_to_regain_access":1e300}]}`:                                    24 * time.Hour,
		`{"1":[{"type":"messenger","estimated_time_to_regain_access":-5}]}`:                                       0,
		`{"1":7}`: 0, "": 0,
	} {
		_, err := answering(t, 400, http.Header{usageHeader: {usage}}, `{"error":{"code":80006}}`, nil).Do(t.Context(), platform.Call{Path: "x"})
		refused, ok := errors.AsType[*chat.PlatformError](err)
		require.True(t, ok)
		require.Equal(t, want, refused.RetryAfter, usage)
	}
}

// TestErrorsQuoteNothing checks that an error has neither what a message quotes nor the
// token.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		`(#100) Param text must not be \"the secret words\"`, `(#100) Param text must not be 'the secret words'`, `Bad token fake-token`,
	} {
		_, err := answering(t, 400, nil, `{"error":{"code":100,"message":"`+message+`"}}`, nil).Do(t.Context(), platform.Call{Path: "x"})
		require.ErrorContains(t, err, "code 100: ")
		require.NotContains(t, err.Error(), "secret words")
		require.NotContains(t, err.Error(), token)
	}
}
