package browsertest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// pageBot is a bot in the test's own process, for what a test has to hold up or
// let fail.
type pageBot struct {
	*chat.Chat
	url string
	// away is how many requests for actions are still to be answered 503.
	away atomic.Int32
	// broken says that the state cannot be reached.
	broken *atomic.Bool
	// cutConnections breaks all connections of pages.
	cutConnections func()
}

// fickleState is a state that cannot be read while it is broken.
type fickleState struct {
	state.Adapter
	broken *atomic.Bool
}

func (f fickleState) Unwrap() state.Adapter { return f.Adapter }

func (f fickleState) GetList(ctx context.Context, key string) ([][]byte, error) {
	if f.broken.Load() {
		return nil, errors.New("the state is away")
	}
	return f.Adapter.GetList(ctx, key)
}

// newPageBot starts a bot that answers each message with the content.
// It takes files of up to 64 KiB.
func newPageBot(t *testing.T, answer func() chat.Postable) *pageBot {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	broken := new(atomic.Bool)
	page, err := web.New(web.Config{PollInterval: 20 * time.Millisecond, UserFiles: true, MaxFile: 64 << 10})
	require.NoError(t, err)
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{page}, State: fickleState{st, broken}, Logger: slog.New(slog.DiscardHandler), Retry: chat.Retry{MaxAttempts: 1},
	})
	require.NoError(t, err)
	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, answer())
		return err
	})
	b := &pageBot{Chat: bot, broken: broken}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/webhooks/web/actions" && b.away.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		bot.ServeHTTP(w, r)
	}))
	b.cutConnections = server.CloseClientConnections
	b.url = server.URL + "/webhooks/web/"
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bot.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		server.CloseClientConnections()
		server.Close()
	})
	return b
}
