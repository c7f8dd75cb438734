package webtest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
)

// gaps is an answer that remembers the longest time without a byte.
type gaps struct {
	*httptest.ResponseRecorder
	last    time.Time
	longest time.Duration
}

func (g *gaps) Write(p []byte) (int, error) {
	now := time.Now()
	if !g.last.IsZero() {
		g.longest = max(g.longest, now.Sub(g.last))
	}
	g.last = now
	return g.ResponseRecorder.Write(p)
}

// Proxies end a connection that is silent for 30 or 60 seconds, while a model may think for
// minutes.
func TestASilentTurnKeepsItsStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page, err := web.New(web.Config{User: headerUser})
		require.NoError(t, err)
		st := newMemory(t)
		bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{page}, State: st, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
				if yield("May I?", nil) {
					time.Sleep(8 * time.Minute)
					yield(" I did.", nil)
				}
			}))
			return err
		})
		ctx, stop := context.WithCancel(t.Context())
		run := make(chan error, 1)
		go func() { run <- bot.Run(ctx) }()

		listening, leave := context.WithCancel(t.Context())
		events := &gaps{ResponseRecorder: httptest.NewRecorder()}
		listened := make(chan struct{})
		go func() {
			defer close(listened)
			r := httptest.NewRequestWithContext(listening, http.MethodGet, "/webhooks/web/events?conversation=c1", nil)
			r.Header.Set("User", "ada")
			bot.ServeHTTP(events, r)
		}()

		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/web", strings.NewReader(turn("c1", "m1", "hello")))
		r.Header.Set("User", "ada")
		r.Header.Set("Content-Type", "application/json")
		said := &gaps{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()
		bot.ServeHTTP(said, r)
		require.GreaterOrEqual(t, time.Since(start), 8*time.Minute)
		leave()
		<-listened

		for name, stream := range map[string]*gaps{"the answer": said, "the events": events} {
			require.Equal(t, http.StatusOK, stream.Code, "%s: %s", name, stream.Body)
			require.Contains(t, stream.Body.String(), "I did.", name)
			require.LessOrEqual(t, stream.longest, 15*time.Second, name)
		}
		stop()
		require.NoError(t, <-run)
	})
}
