package pgstatetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// A message must not cost more when the bot has many keys and threads: the planner, which
// knows a table as a small one until it is analyzed, must find rows by their keys all the
// same, for callers that are alone and for those that travel together. A session that
// plans anew when the tables have grown shows what a message should cost.
func TestAMessageReadsFewPages(t *testing.T) {
	s := pgtest.Start(t, pgtest.Options{Settings: map[string]string{"autovacuum": "off"}})
	for _, callers := range []int{1, 10} {
		t.Run(fmt.Sprint(callers, " callers"), func(t *testing.T) {
			old, anew := pagesRead(t, s, callers, false), pagesRead(t, s, callers, true)
			t.Logf("pages read by sessions that plan before the tables grow: %d, and after: %d", old, anew)
			require.Less(t, (old-anew)/costMessages, int64(20), "more pages for each message")
		})
	}
}

// costMessages are handled before the tables grow, and after.
const costMessages = 50

// pagesRead returns how many pages are read if so many callers handle messages at a time,
// the tables grow, and the same session handles further ones, or a new one.
func pagesRead(t *testing.T, s *pgtest.Server, callers int, anew bool) (n int64) {
	t.Helper()
	url := newDatabase(t, s)
	open := func() *pgstate.Adapter { // its calls travel together, as there is one connection
		return connect(t, pgstate.Config{URL: url, Prefix: "bot", PoolSize: 1})
	}
	a := open()
	handle(t, a, callers, "before ")
	for _, insert := range []string{
		`chat_go_cache (prefix, key, value, expires_at) SELECT 'bot', 'filler ' || n, 'x', now() + interval '1 hour'`,
		`chat_go_locks (prefix, thread_id, token, expires_at) SELECT 'bot', 'filler ' || n, 'x', now() + interval '1 hour'`,
		`chat_go_subscriptions (prefix, thread_id) SELECT 'bot', 'filler ' || n`,
		`chat_go_queues (prefix, thread_id, last, expires_at) SELECT 'bot', 'filler ' || n, 1, now() + interval '1 hour'`,
		`chat_go_queue_entries (prefix, thread_id, number, id, entry) SELECT 'bot', 'filler ' || n, 1, 'x', 'x'`,
	} {
		pool := newPool(t, url)
		exec(t, pool, "INSERT INTO "+insert+" FROM generate_series(1, 20000) AS n")
		pool.Close()
	}
	if anew {
		require.NoError(t, a.Close(t.Context()))
		a = open()
	}
	handle(t, a, callers, "after ")
	require.NoError(t, a.Close(t.Context()))

	pool := newPool(t, url)
	require.Eventually(t, func() bool { // a session tells what it has read when it ends
		var sessions int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&sessions)
		return err == nil && sessions == 0
	}, 30*time.Second, 10*time.Millisecond)
	err := pool.QueryRow(t.Context(), `SELECT coalesce(sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit), 0)
FROM pg_statio_user_tables WHERE relname LIKE 'chat_go_%'`).Scan(&n)
	require.NoError(t, err)
	return n
}

// handle has callers handle messages.
func handle(t *testing.T, a *pgstate.Adapter, callers int, name string) {
	t.Helper()
	message := func(id string) {
		started, err := a.StartTurn(t.Context(), state.StartTurn{
			Key: "claim:" + id, Value: state.NewClaim(time.Now()), TTL: time.Hour, ThreadID: id, LockTTL: time.Minute,
			Accept: state.AcceptTurn{ThreadID: id, Entry: entry(`{}`), MaxSize: 10, Subscription: id, Keys: []string{"a:" + id, "b:" + id}},
		})
		if !assert.NoError(t, err) || !assert.True(t, started.Set) || !assert.Len(t, started.Accepted.Waiting, 1) {
			return
		}
		_, err = a.EndTurn(t.Context(), state.EndTurn{
			ThreadID: id, Receipts: []state.Receipt{started.Accepted.Waiting[0].Receipt}, Lock: started.Lock,
			Marks: []string{"done:" + id}, Mark: []byte("1"), MarkTTL: time.Hour,
		})
		assert.NoError(t, err)
	}
	var next atomic.Int64
	var working sync.WaitGroup
	for range callers {
		working.Go(func() {
			for i := next.Add(1); i <= costMessages; i = next.Add(1) {
				message(fmt.Sprint(name, i))
			}
		})
	}
	working.Wait()
}
