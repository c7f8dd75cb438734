package pgstatetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// A message must not cost more when the bot has many keys: the planner, which knows a
// table as a small one until it is analyzed, must find rows by their keys all the same.
func TestAMessageReadsFewPages(t *testing.T) {
	s := pgtest.Start(t, pgtest.Options{Settings: map[string]string{"autovacuum": "off"}})
	pool := s.Pool(t)
	// pages returns how many pages of the cache were read so far. A session tells it
	// when it ends.
	pages := func() (n int64) {
		require.Eventually(t, func() bool {
			var sessions int
			err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chat-go'`).Scan(&sessions)
			return err == nil && sessions == 0
		}, 30*time.Second, 10*time.Millisecond)
		err := pool.QueryRow(t.Context(), `SELECT coalesce(sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit), 0)
FROM pg_statio_user_tables WHERE relname LIKE 'chat_go_%'`).Scan(&n)
		require.NoError(t, err)
		return n
	}
	run := func(do func(a *pgstate.Adapter)) int64 {
		before := pages()
		a, err := pgstate.New(pgstate.Config{URL: s.URL(), Prefix: "bot", PoolSize: 1})
		require.NoError(t, err)
		require.NoError(t, a.Connect(t.Context()))
		do(a)
		require.NoError(t, a.Close(t.Context()))
		return pages() - before
	}
	message := func(a *pgstate.Adapter, id string) {
		entry := state.QueueEntry{Message: []byte(`{}`), EnqueuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
		started, err := a.StartTurn(t.Context(), state.StartTurn{
			Key: "claim:" + id, Value: state.NewClaim(time.Now()), TTL: time.Hour, ThreadID: id, LockTTL: time.Minute,
			Accept: state.AcceptTurn{ThreadID: id, Entry: entry, MaxSize: 10, Subscription: id, Keys: []string{"a:" + id, "b:" + id}},
		})
		require.NoError(t, err)
		require.True(t, started.Set)
		require.Len(t, started.Accepted.Waiting, 1)
		_, err = a.EndTurn(t.Context(), state.EndTurn{
			ThreadID: id, Receipts: []state.Receipt{started.Accepted.Waiting[0].Receipt}, Lock: started.Lock,
			Marks: []string{"done:" + id}, Mark: []byte("1"), MarkTTL: time.Hour,
		})
		require.NoError(t, err)
	}
	const messages = 50
	few := run(func(a *pgstate.Adapter) {
		for i := range 2 * messages {
			message(a, fmt.Sprint("few-", i))
		}
	})
	grown := run(func(a *pgstate.Adapter) {
		for i := range messages {
			message(a, fmt.Sprint("before-", i))
		}
		s.Exec(t, `INSERT INTO chat_go_cache (prefix, key, value, expires_at)
SELECT 'bot', 'filler:' || n, 'x', now() + interval '1 hour' FROM generate_series(1, 20000) n`)
		for i := range messages {
			message(a, fmt.Sprint("after-", i))
		}
	})
	filler := run(func(*pgstate.Adapter) {
		s.Exec(t, `INSERT INTO chat_go_cache (prefix, key, value, expires_at)
SELECT 'bot', 'further:' || n, 'x', now() + interval '1 hour' FROM generate_series(1, 20000) n`)
	})
	perMessage := (grown - filler - few) / messages
	t.Logf("pages read for %d messages: %d; if the keys grow by 20,000 after half of them: %d, of which that takes %d", 2*messages, few, grown, filler)
	require.Less(t, perMessage, int64(50), "more pages read for each message once there are 20,000 keys") // their index is higher, too
}
