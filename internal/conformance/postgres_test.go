package conformance

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// postgresBackend opens adapters on one server and knows what each stands on.
type postgresBackend struct {
	mu     sync.Mutex
	places map[state.Adapter]pgstate.Config
}

func (b *postgresBackend) open(tb testing.TB, cfg pgstate.Config) state.Adapter {
	tb.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	a, err := pgstate.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.places == nil {
		b.places = map[state.Adapter]pgstate.Config{}
	}
	b.places[a] = cfg
	return a
}

func (b *postgresBackend) place(a state.Adapter) pgstate.Config {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.places[a]
}

// openFresh opens an adapter on data of its own.
func (b *postgresBackend) openFresh(t *testing.T) state.Adapter {
	t.Helper()
	return b.open(t, pgstate.Config{URL: pgtest.Shared(t).URL(), Prefix: pgtest.Prefix()})
}

// openProxied opens an adapter behind a proxy.
func (b *postgresBackend) openProxied(t *testing.T, timeout time.Duration) (state.Adapter, *statetest.Proxy) {
	t.Helper()
	proxy := statetest.NewProxy(t, pgtest.Shared(t).Addr())
	return b.open(t, pgstate.Config{URL: pgtest.URL(proxy.Addr()), Prefix: pgtest.Prefix(), Timeout: timeout}), proxy
}

// features declares what the Postgres adapter has.
func (b *postgresBackend) features(admin *pgxpool.Pool) statetest.Features {
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
			return b.open(t, b.place(a))
		},
		Corrupt: func(t *testing.T, a state.Adapter, threadID string, raw []byte) {
			t.Helper()
			_, err := admin.Exec(t.Context(), `
WITH queue AS (UPDATE chat_go_queues SET last = last + 1 WHERE prefix = $1 AND thread_id = $2 RETURNING last)
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry) SELECT $1, $2, last, 'corrupt', $3 FROM queue`,
				b.place(a).Prefix, threadID, raw)
			if err != nil {
				t.Fatal(err)
			}
		},
		Outage: func(t *testing.T, patience time.Duration) (state.Adapter, func(bool)) {
			t.Helper()
			a, proxy := b.openProxied(t, patience)
			return a, proxy.Silence
		},
		Open: func(t *testing.T) (state.Adapter, func() (int, int)) {
			t.Helper()
			a, proxy := b.openProxied(t, 0)
			return a, proxy.Connections
		},
		Lent: func(t *testing.T) (state.Adapter, func(context.Context) error) {
			t.Helper()
			pool := pgtest.Shared(t).Pool(t)
			return b.open(t, pgstate.Config{Pool: pool, Prefix: pgtest.Prefix()}), pool.Ping
		},
		LoseReply: func(t *testing.T) (state.Adapter, func(int) func() bool) {
			t.Helper()
			a, proxy := b.openProxied(t, 0)
			return a, proxy.LoseReply
		},
	}
}

func TestPostgres(t *testing.T) {
	b := &postgresBackend{}
	statetest.Run(t, b.openFresh, b.features(pgtest.Shared(t).Pool(t)))
}

func TestPostgresOpener(t *testing.T) {
	for _, scheme := range []string{"postgres", "postgresql"} {
		t.Run(scheme, func(t *testing.T) {
			statetest.RunOpener(t, scheme, fmt.Sprintf("%s://postgres@%s/postgres", scheme, pgtest.Shared(t).Addr()))
		})
	}
}

func BenchmarkPostgres(b *testing.B) {
	var backend postgresBackend
	statetest.Bench(b, func(b *testing.B) state.Adapter {
		return backend.open(b, pgstate.Config{URL: pgtest.Shared(b).URL(), Prefix: pgtest.Prefix()})
	})
}
