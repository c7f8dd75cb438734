package conformance

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// redisBackend opens adapters on one server and knows what each stands on.
type redisBackend struct {
	delay time.Duration // of each reply

	mu     sync.Mutex
	places map[state.Adapter]redisPlace
}

// redisPlace is where an adapter keeps its data.
type redisPlace struct{ url, prefix string }

func (b *redisBackend) open(t *testing.T, p redisPlace, timeout time.Duration) state.Adapter {
	t.Helper()
	a, err := redisstate.New(redisstate.Config{URL: p.url, KeyPrefix: p.prefix, Timeout: timeout, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.places == nil {
		b.places = map[state.Adapter]redisPlace{}
	}
	b.places[a] = p
	return a
}

func (b *redisBackend) place(a state.Adapter) redisPlace {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.places[a]
}

// openFresh opens an adapter on data of its own.
func (b *redisBackend) openFresh(t *testing.T) state.Adapter {
	t.Helper()
	srv := redistest.Shared(t)
	if b.delay > 0 {
		return b.open(t, redisPlace{"redis://" + b.proxy(t).Addr(), srv.Prefix()}, 0)
	}
	return b.open(t, redisPlace{srv.URL(), srv.Prefix()}, 0)
}

// proxy starts a proxy in front of the server.
func (b *redisBackend) proxy(t *testing.T) *statetest.Proxy {
	t.Helper()
	p := statetest.NewProxy(t, redistest.Shared(t).Addr())
	p.Delay(b.delay)
	return p
}

// features declares what the Redis adapter has.
func (b *redisBackend) features(corrupter redis.UniversalClient) statetest.Features {
	return statetest.Features{
		Inbox:      true,
		Swaps:      true,
		Turns:      true,
		Checker:    true,
		Fences:     true,
		Persistent: true,
		Shared:     true,
		Reopen: func(t *testing.T, a state.Adapter) state.Adapter {
			t.Helper()
			return b.open(t, b.place(a), 0)
		},
		Corrupt: func(t *testing.T, a state.Adapter, threadID string, raw []byte) {
			t.Helper()
			if err := corrupter.RPush(t.Context(), b.place(a).prefix+":queue:"+threadID, raw).Err(); err != nil {
				t.Fatal(err)
			}
		},
		Outage: func(t *testing.T, patience time.Duration) (state.Adapter, func(bool)) {
			t.Helper()
			srv := redistest.Shared(t)
			proxy := b.proxy(t)
			return b.open(t, redisPlace{"redis://" + proxy.Addr(), srv.Prefix()}, patience), proxy.Silence
		},
		Open: func(t *testing.T) (state.Adapter, func() (int, int)) {
			t.Helper()
			srv := redistest.Shared(t)
			proxy := b.proxy(t)
			return b.open(t, redisPlace{"redis://" + proxy.Addr(), srv.Prefix()}, 0), proxy.Connections
		},
		Lent: func(t *testing.T) (state.Adapter, func(context.Context) error) {
			t.Helper()
			srv := redistest.Shared(t)
			client := srv.Client(t)
			a, err := redisstate.New(redisstate.Config{Client: client, KeyPrefix: srv.Prefix(), Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			return a, func(ctx context.Context) error { return client.Ping(ctx).Err() }
		},
		LoseReply: func(t *testing.T) (state.Adapter, func(int) func() bool) {
			t.Helper()
			srv := redistest.Shared(t)
			proxy := b.proxy(t)
			return b.open(t, redisPlace{"redis://" + proxy.Addr(), srv.Prefix()}, 0), proxy.LoseReply
		},
	}
}

func TestRedis(t *testing.T) {
	b := &redisBackend{}
	statetest.Run(t, b.openFresh, b.features(redistest.Shared(t).Client(t)))
}

func TestRedisOpener(t *testing.T) {
	statetest.RunOpener(t, "redis", redistest.Shared(t).URL())
}

func BenchmarkRedis(b *testing.B) {
	statetest.Bench(b, func(b *testing.B) state.Adapter {
		srv := redistest.Shared(b)
		a, err := redisstate.New(redisstate.Config{URL: srv.URL(), KeyPrefix: srv.Prefix(), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		return a
	})
}
