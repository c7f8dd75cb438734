package pgstatetest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// fleet is several instances of a bot on one Postgres, and what their handlers did.
type fleet struct {
	fakes   []*chattest.Fake
	proxies []*statetest.Proxy

	mu       sync.Mutex
	live     map[chat.ThreadID]int
	handled  map[chat.MessageID]int
	overlaps int
}

func newFleet(t *testing.T, s *pgtest.Server, n int) *fleet {
	t.Helper()
	f := &fleet{live: map[chat.ThreadID]int{}, handled: map[chat.MessageID]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	for range n {
		proxy := statetest.NewProxy(t, s.Addr())
		fake := chattest.NewFake(chattest.Config{})
		bot, err := chat.New(chat.Config{
			UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, Logger: slog.New(slog.DiscardHandler),
			State:  open(t, pgstate.Config{URL: pgtest.URL(proxy.Addr()), Timeout: 2 * time.Second}),
			Lock:   chat.LockConfig{TTL: 3 * time.Second, SweepInterval: 500 * time.Millisecond},
			Limits: chat.LimitConfig{ShutdownTimeout: 5 * time.Second},
		})
		require.NoError(t, err)
		bot.OnMention(f.handle)
		f.fakes, f.proxies = append(f.fakes, fake), append(f.proxies, proxy)
		running.Go(func() { _ = bot.Run(ctx) })
	}
	return f
}

// handle works for a moment and ends when it is told to.
func (f *fleet) handle(ctx context.Context, ev *chat.MessageEvent) error {
	thread := ev.Message.ThreadID
	f.mu.Lock()
	f.live[thread]++
	if f.live[thread] > 1 {
		f.overlaps++
	}
	f.mu.Unlock()
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(20 * time.Millisecond):
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live[thread]--
	if err == nil {
		f.handled[ev.Message.ID]++
		for _, m := range ev.Skipped {
			f.handled[m.ID]++
		}
	}
	return err
}

// Of what several instances have accepted everything is handled, by one handler at a
// time on each thread, although an instance loses its server for good, and the server
// crashes.
func TestGuaranteesOfBots(t *testing.T) {
	s := pgtest.Start(t, pgtest.Options{Durable: true})
	f := newFleet(t, s, 3)
	first, total := 0, 90
	var accepted []chat.MessageID
	for n := range total {
		switch n {
		case 30:
			f.proxies[0].Silence(true)
			first = 1
		case 60:
			s.Kill(t)
			s.Run(t)
		}
		fake := f.fakes[first+n%(3-first)]
		m := fake.Message(fake.Thread("c", fmt.Sprint("t", n%6)), "@bot hello")
		m.ID = chat.MessageID(fmt.Sprint("m", n))
		// A platform delivers again what was refused.
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := fake.Send(ctx, m)
			assert.NoError(c, err)
		}, time.Minute, 10*time.Millisecond)
		accepted = append(accepted, m.ID)
	}
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range accepted {
			assert.Positive(c, f.handled[id], id)
		}
	}, time.Minute, 50*time.Millisecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	require.Zero(t, f.overlaps, "handlers that ran on a thread at the same time")
}
