package messengertest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

// The platform answers with what is no answer, slowly, or not at all.
func TestBrokenPlatform(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"an answer that breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"message_id":`)
		},
		"a connection that is closed": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = c.Close()
			}
		},
		"a page":                   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a list":                   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[]`) },
		"an id of another type":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message_id":7}`) },
		"an id with a line ending": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message_id":"a\nb"}`) },
		"an error that is none":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"error":"no"}`) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			r := newRig(t, func(c *messenger.Config) { c.APIURL = server.URL })
			_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "psst"})
			require.Error(t, err)
			_, ok := errors.AsType[*chat.PlatformError](err)
			require.True(t, ok, err)
			require.NotContains(t, err.Error(), fakemessaging.Token)
			require.NotContains(t, err.Error(), "psst")
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	r := newRig(t, func(c *messenger.Config) { c.APIURL = "http://" + listener.Addr().String() })
	ctx, cancel := context.WithCancel(t.Context())
	silent := make(chan net.Conn, 1)
	go func() {
		if c, err := listener.Accept(); err == nil { // and says nothing
			silent <- c
		}
		cancel()
	}()
	_, err = r.PostMessage(ctx, adasThread, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, context.Canceled)
	_ = (<-silent).Close()
}

// Files are fetched from Meta alone, and no longer ones than the bot takes.
func TestFilesFromElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, address := range []string{
		"", "x", "http://lookaside.fbsbx.com/a", "https://lookaside.fbsbx.com.evil.example/a", "https://evil.example/?lookaside.fbsbx.com", "https://127.0.0.1/a",
		"https://user:pass@lookaside.fbsbx.com/a", "https://lookaside.fbsbx.com:8443/a", "file:///etc/passwd",
	} {
		_, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: address}, 100)
		require.ErrorIs(t, err, chat.ErrInvalid, address)
	}
	_, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: "https://lookaside.fbsbx.com/missing"}, 100)
	require.ErrorIs(t, err, chat.ErrNotFound)
	address := r.messenger.AddFile("long", []byte(strings.Repeat("x", 101)))
	body, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: address}, 100)
	if err == nil {
		_, err = io.ReadAll(body)
		_ = body.Close()
	}
	require.ErrorIs(t, err, chat.ErrInvalid)
}

// Each field of the configuration that is wrong is named, and no secret shown.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*messenger.Config){
		"AppSecret": func(c *messenger.Config) { c.AppSecret = "" }, "PageAccessToken": func(c *messenger.Config) { c.PageAccessToken = "" },
		"VerifyToken": func(c *messenger.Config) { c.VerifyToken = "" }, "PageID": func(c *messenger.Config) { c.PageID = "my page" },
		"APIURL": func(c *messenger.Config) { c.APIURL = "graph.facebook.com" }, "APIVersion": func(c *messenger.Config) { c.APIVersion = "latest" },
	} {
		cfg := messenger.Config{AppSecret: appSecret, PageAccessToken: fakemessaging.Token, VerifyToken: verifyToken}
		change(&cfg)
		_, err := messenger.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, field+" ")
		for _, secret := range []string{appSecret, fakemessaging.Token, verifyToken} {
			require.NotContains(t, err.Error(), secret)
		}
	}
}
