package bottest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// addresses is a log that hands over the addresses of webhooks.
type addresses struct {
	slog.Handler
	urls chan string
}

func (a addresses) Enabled(context.Context, slog.Level) bool { return true }

func (a addresses) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "listening" {
		r.Attrs(func(attr slog.Attr) bool {
			if attr.Key == "url" {
				a.urls <- attr.Value.String()
			}
			return true
		})
	}
	return nil
}

func listening(t *testing.T, serve http.HandlerFunc) (*chat.Chat, chan string) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	urls := make(chan string, 1)
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{&served{newFakePlatform("fake"), serve}}, State: st,
		Logger: slog.New(addresses{slog.DiscardHandler, urls}),
	})
	require.NoError(t, err)
	return bot, urls
}

// The answer of a request that is under way when the bot is told to end is sent.
func TestListenAndServe(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	bot, urls := listening(t, func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-release
		_, _ = io.WriteString(w, "the answer")
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bot.ListenAndServe(ctx, "127.0.0.1:0") }()
	url := <-urls
	answered := make(chan string, 1)
	go func() {
		defer close(answered)
		resp, err := http.Post(url, "application/json", nil)
		if err != nil {
			return
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		answered <- string(body)
	}()
	<-began
	cancel()
	close(release)
	require.Equal(t, "the answer", <-answered)
	require.NoError(t, <-ended)
	_, err := net.Dial("tcp", url[len("http://"):len(url)-len("/webhooks/fake")])
	require.Error(t, err, "the server is closed")
}

func TestListenAndServeNeedsItsAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for _, addr := range []string{taken.Addr().String(), "nonsense"} {
		bot, _ := listening(t, nil)
		require.ErrorContains(t, bot.ListenAndServe(t.Context(), addr), addr)
		require.NoError(t, bot.Shutdown(t.Context()))
	}
}
