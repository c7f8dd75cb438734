package bottest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// served is a fake whose webhook is the test's.
type served struct {
	fakePlatform
	serve http.HandlerFunc
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r) }

func serve(t *testing.T, change func(*chat.Config), handler http.HandlerFunc) (*httptest.Server, *served) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	adapter := &served{fakePlatform: newFakePlatform("fake"), serve: handler}
	cfg := chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st, Logger: slog.New(slog.DiscardHandler)}
	change(&cfg)
	bot, err := chat.New(cfg)
	require.NoError(t, err)
	server := httptest.NewServer(bot)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, bot.Shutdown(context.Background()))
	})
	return server, adapter
}

// A body that does not arrive in time is an error for the adapter.
func TestSlowBodyIsBounded(t *testing.T) {
	failed := make(chan error, 1)
	server, _ := serve(t, func(c *chat.Config) { c.Webhook.BodyTimeout = 100 * time.Millisecond }, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	})
	body, write := io.Pipe()
	defer func() { _ = write.Close() }()
	go func() { _, _ = write.Write([]byte("the first half")) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/webhooks/fake", body)
	require.NoError(t, err)
	go func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	require.ErrorIs(t, <-failed, os.ErrDeadlineExceeded)
}

func TestHugeBodyIsBounded(t *testing.T) {
	failed := make(chan error, 1)
	server, _ := serve(t, func(c *chat.Config) { c.Webhook.MaxBodyBytes = 1000 }, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	})
	resp, err := http.Post(server.URL+"/webhooks/fake", "text/plain", strings.NewReader(strings.Repeat("x", 1001)))
	if err == nil {
		_ = resp.Body.Close()
	}
	var tooLarge *http.MaxBytesError
	require.ErrorAs(t, <-failed, &tooLarge)
}

// The time for the body does not bound the answer: a stream goes on for as long
// as it takes.
func TestAnswerMayTakeLongerThanTheBody(t *testing.T) {
	const timeout = 50 * time.Millisecond
	ended := make(chan error, 1)
	server, _ := serve(t, func(c *chat.Config) { c.Webhook.BodyTimeout = timeout }, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
			ended <- r.Context().Err()
		case <-time.After(5 * timeout):
			ended <- nil
		}
	})
	for _, body := range []string{"", "a body"} {
		resp, err := http.Post(server.URL+"/webhooks/fake", "text/plain", strings.NewReader(body))
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.NoError(t, <-ended, "body %q", body)
	}
	resp, err := http.Get(server.URL + "/webhooks/fake")
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.NoError(t, <-ended)
}

func TestPaths(t *testing.T) {
	got := make(chan string, 1)
	server, _ := serve(t, func(*chat.Config) {}, func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.Path })
	for path, want := range map[string]struct {
		status int
		inner  string
	}{
		"/webhooks/fake":     {200, "/"},
		"/webhooks/fake/":    {200, "/"},
		"/webhooks/fake/a/b": {200, "/a/b"},
		"/webhooks/other":    {404, ""},
		"/elsewhere":         {404, ""},
		"/healthz":           {200, ""},
		"/readyz":            {200, ""},
	} {
		resp, err := http.Get(server.URL + path)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, want.status, resp.StatusCode, path)
		if want.inner != "" {
			require.Equal(t, want.inner, <-got, path)
		}
	}
}

// Whatever path a program mounts its bot below, with or without http.StripPrefix.
func TestBotWorksBelowAnyPath(t *testing.T) {
	paths := make(chan string, 1)
	server, adapter := serve(t, func(*chat.Config) {}, func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		w.WriteHeader(http.StatusNoContent)
	})
	for _, prefix := range []string{"", "/bot", "/api/v1/chat", "/webhooks/bot", "/fake"} {
		for path, want := range map[string]string{
			"/webhooks/fake": "/", "/webhooks/fake/": "/", "/webhooks/fake/a/b": "/a/b", "/webhooks/fake/webhooks/x": "/webhooks/x",
		} {
			require.Equal(t, http.StatusNoContent, status(t, server.URL+prefix+path), prefix+path)
			require.Equal(t, want, <-paths, prefix+path)
		}
		require.Equal(t, http.StatusOK, status(t, server.URL+prefix+"/healthz"), prefix)
		require.Equal(t, http.StatusNotFound, status(t, server.URL+prefix+"/webhooks/other"), prefix)
		require.Equal(t, http.StatusNotFound, status(t, server.URL+prefix+"/other"), prefix)
		require.Equal(t, http.StatusOK, status(t, server.URL+prefix+"/readyz"), prefix)
	}
	require.Equal(t, "fake", adapter.Name())
}

func status(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
