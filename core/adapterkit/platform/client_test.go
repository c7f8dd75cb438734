package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

const secret = "12345:s3cret/token"

// serve returns a client of a server whose base URL holds the secret.
func serve(t *testing.T, h http.HandlerFunc, change func(*ClientConfig)) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := ClientConfig{Adapter: "pager", BaseURL: server.URL + "/bot" + url.PathEscape(secret) + "/", Secrets: []string{secret}}
	if change != nil {
		change(&cfg)
	}
	c, err := NewClient(cfg)
	require.NoError(t, err)
	return c
}

func failure(t *testing.T, err error) *chat.PlatformError {
	t.Helper()
	e, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "pager", e.Adapter)
	return e
}

func requireNoSecret(t *testing.T, err error) {
	t.Helper()
	for _, form := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret), "s3cret"} {
		require.NotContains(t, fmt.Sprintf("%v %+v", err, err), form)
	}
}

func TestClientConfig(t *testing.T) {
	t.Parallel()
	for _, cfg := range []ClientConfig{
		{BaseURL: "https://example.com/"},
		{Adapter: "pager"},
		{Adapter: "pager", BaseURL: "example.com/"},
		{Adapter: "pager", BaseURL: "https://example.com/" + secret},
		{Adapter: "pager", BaseURL: "ftp://example.com/"},
		{Adapter: "pager", BaseURL: "https://exa mple.com/" + secret + "/"},
	} {
		_, err := NewClient(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		requireNoSecret(t, err)
	}
}

func TestCallsAndAnswers(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got, body = r, string(data)
		w.Header().Set("X-Seen", "yes")
		_, _ = w.Write([]byte(`{"id": 7}`))
	}, func(cfg *ClientConfig) {
		cfg.Authorization = "Bearer x"
	})
	var into struct{ ID int }
	answer, err := c.Do(t.Context(), Call{Path: "send?a=1", Query: url.Values{"b": {"2"}}, Body: map[string]string{"text": "hi"}, Into: &into})
	require.NoError(t, err)
	require.Equal(t, 7, into.ID)
	require.Equal(t, "yes", answer.Header.Get("X-Seen"))
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, "/bot"+secret+"/send", got.URL.Path)
	require.Equal(t, url.Values{"a": {"1"}, "b": {"2"}}, got.URL.Query())
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "Bearer x", got.Header.Get("Authorization"))
	require.Equal(t, `{"text":"hi"}`, body)
	require.EqualValues(t, len(body), got.ContentLength)

	_, err = c.Do(t.Context(), Call{Path: "get"})
	require.NoError(t, err)
	require.Equal(t, http.MethodGet, got.Method)
	require.Empty(t, body)

	_, err = c.Do(t.Context(), Call{Path: "form", Body: url.Values{"a": {"1 2"}}})
	require.NoError(t, err)
	require.Equal(t, "application/x-www-form-urlencoded", got.Header.Get("Content-Type"))
	require.Equal(t, "a=1+2", body)

	_, err = c.Do(t.Context(), Call{Path: "raw", Method: http.MethodPut, Body: []byte("\x00"), Header: http.Header{"content-type": {"image/png"}}})
	require.NoError(t, err)
	require.Equal(t, http.MethodPut, got.Method)
	require.Equal(t, "image/png", got.Header.Get("Content-Type"))

	_, err = c.Do(t.Context(), Call{Path: "x", Body: make(chan int)})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = c.Do(t.Context(), Call{Path: "%zz"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	requireNoSecret(t, err)
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	type part struct{ name, file, kind, content string }
	received := make(chan []part, 3)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var parts []part
		defer func() { received <- parts }()
		reader, err := r.MultipartReader()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for {
			p, err := reader.NextPart()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					w.WriteHeader(http.StatusBadRequest)
				}
				return
			}
			content, _ := io.ReadAll(p)
			parts = append(parts, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(content)})
		}
	}, nil)
	_, err := c.Do(t.Context(), Call{Path: "upload", Body: Multipart{
		Fields: url.Values{"chat": {"1"}, "caption": {"é\n"}},
		Files: []FormFile{
			{Field: "document", File: chat.File{Name: "a\"\r\nb.png", Content: strings.NewReader("first")}},
			{Field: "other", File: chat.File{Name: "x", MIMEType: "text/plain; charset=utf-8", Content: strings.NewReader("second")}},
		},
	}})
	require.NoError(t, err)
	require.Equal(t, []part{
		{"caption", "", "", "é\n"},
		{"chat", "", "", "1"},
		{"document", "a%22%0D%0Ab.png", "image/png", "first"},
		{"other", "x", "text/plain; charset=utf-8", "second"},
	}, <-received)

	broken := errors.New("the disk is gone")
	_, err = c.Do(t.Context(), Call{Path: "upload", Body: Multipart{Files: []FormFile{{Field: "f", File: chat.File{Name: "x", Content: iotest.ErrReader(broken)}}}}})
	require.ErrorIs(t, err, broken)
	_, err = c.Do(t.Context(), Call{Path: "upload", Body: Multipart{Files: []FormFile{{Field: "f", File: chat.File{Name: "x"}}}}})
	require.ErrorContains(t, err, "files[0] has no content")
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		400: chat.ErrInvalid, 401: chat.ErrAuthentication, 403: chat.ErrPermission, 404: chat.ErrNotFound, 408: chat.ErrTemporary,
		409: chat.ErrInvalid, 410: chat.ErrNotFound, 413: chat.ErrInvalid, 425: chat.ErrTemporary, 429: chat.ErrRateLimited,
		500: chat.ErrTemporary, 502: chat.ErrTemporary, 503: chat.ErrTemporary, 302: chat.ErrInvalid,
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "2")
			w.Header().Set("Location", "https://example.com/"+secret)
			if status == http.StatusForbidden {
				w.Header().Del("Retry-After")
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("what people wrote"))
		}, nil)
		answer, err := c.Do(t.Context(), Call{Op: "op", Path: "x"})
		require.ErrorIs(t, err, want, status)
		e := failure(t, err)
		require.Equal(t, "op", e.Op)
		if e.Code == chat.CodeRateLimited || e.Code == chat.CodeTemporary {
			require.Equal(t, 2*time.Second, e.RetryAfter, status)
		} else {
			require.Zero(t, e.RetryAfter, status)
		}
		require.Equal(t, status, answer.Status)
		require.NotContains(t, err.Error(), "what people wrote")
		requireNoSecret(t, err)
	}
	require.Equal(t, chat.CodeRateLimited, CodeOf(403, http.Header{"X-Ratelimit-Remaining": {"0"}}))
	require.Equal(t, chat.CodeRateLimited, CodeOf(403, http.Header{"Retry-After": {"60"}}))
	require.Equal(t, chat.CodePermission, CodeOf(403, http.Header{"X-Ratelimit-Remaining": {"5"}}))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	refusal := &Refusal{}
	status := http.StatusOK
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"ok": false}`))
	}, func(cfg *ClientConfig) {
		cfg.Refused = func(a *Answer) *Refusal {
			require.JSONEq(t, `{"ok": false}`, string(a.Body))
			return refusal
		}
	})
	do := func() error {
		_, err := c.Do(t.Context(), Call{Path: "send"})
		return err
	}
	refusal = &Refusal{Code: chat.CodeNotFound, Err: errors.New("chat not found for " + secret)}
	err := do()
	require.ErrorIs(t, err, chat.ErrNotFound)
	require.ErrorContains(t, err, "chat not found for REDACTED")
	require.ErrorIs(t, err, refusal.Err)
	requireNoSecret(t, err)

	refusal = &Refusal{Code: chat.CodeRateLimited, RetryAfter: 3 * time.Second}
	require.Equal(t, 3*time.Second, failure(t, do()).RetryAfter)
	refusal = &Refusal{Code: chat.CodeRateLimited}
	require.Equal(t, 9*time.Second, failure(t, do()).RetryAfter)
	refusal = &Refusal{Err: fmt.Errorf("unknown method: %w", errors.ErrUnsupported)}
	err = do()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, isPlatforms := errors.AsType[*chat.PlatformError](err)
	require.False(t, isPlatforms)
	refusal, status = nil, http.StatusForbidden
	require.ErrorIs(t, do(), chat.ErrRateLimited, "403 with Retry-After")
	status = http.StatusOK
	require.NoError(t, do())
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	answer := `{"id": "x", "text": "what people wrote"}`
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }, func(cfg *ClientConfig) { cfg.MaxAnswer = 100 })
	var into struct{ ID int }
	for _, answer = range []string{`{"id": "x"}`, `what people wrote`, ``} {
		_, err := c.Do(t.Context(), Call{Path: "x", Into: &into})
		require.ErrorIs(t, err, chat.ErrTemporary)
		require.NotContains(t, err.Error(), "what people wrote")
	}
	answer = strings.Repeat("x", 101)
	_, err := c.Do(t.Context(), Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.ErrorContains(t, err, "longer than 100 bytes")
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	arrived := make(chan struct{}, 10)
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, func(cfg *ClientConfig) { cfg.Timeout = 50 * time.Millisecond })
	t.Cleanup(func() { close(release) })
	_, err := c.Do(t.Context(), Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrTemporary, "its own time has passed")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	requireNoSecret(t, err)
	<-arrived

	c.cfg.Timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err = c.Do(ctx, Call{Path: "x"})
	require.ErrorIs(t, err, context.Canceled)
	_, isPlatforms := errors.AsType[*chat.PlatformError](err)
	require.False(t, isPlatforms, "the caller gave up")
	requireNoSecret(t, err)

	gone := serve(t, nil, nil)
	gone.cfg.BaseURL = "http://127.0.0.1:1/" + secret + "/"
	_, err = gone.Do(t.Context(), Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrTemporary)
	requireNoSecret(t, err)
}

// A platform that repeats the token in its answer makes no error show it.
func TestAuthorizationIsNotInErrors(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, func(cfg *ClientConfig) {
		cfg.Authorization, cfg.Secrets = "Bot "+secret, nil
		cfg.Refused = func(*Answer) *Refusal { return &Refusal{Err: errors.New("not allowed for " + secret)} }
	})
	_, err := c.Do(t.Context(), Call{Path: "x"})
	require.ErrorIs(t, err, chat.ErrPermission)
	require.NotContains(t, err.Error(), secret)
}

func TestAuthorizeFails(t *testing.T) {
	t.Parallel()
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("nothing may be sent") }, func(cfg *ClientConfig) {
		cfg.Authorize = func(*http.Request) error {
			return &chat.PlatformError{Adapter: "pager", Op: "token", Code: chat.CodeAuthentication, Err: errors.New("no token for " + secret)}
		}
	})
	_, err := c.Do(t.Context(), Call{Path: "x", Body: Multipart{Fields: url.Values{"a": {"b"}}}})
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.Equal(t, chat.CodeAuthentication, failure(t, err).Code)
	require.NotContains(t, err.Error(), secret)
}
