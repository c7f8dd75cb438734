package pgstatetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// What has expired goes from every table without being read, in more than one batch,
// and nothing else goes.
func TestSweep(t *testing.T) {
	ctx := t.Context()
	url := newDatabase(t, pgtest.Shared(t))
	a := connect(t, pgstate.Config{URL: url, SweepInterval: 20 * time.Millisecond})
	connect(t, pgstate.Config{URL: url, SweepInterval: 20 * time.Millisecond}) // another that sweeps
	pool := newPool(t, url)
	exec(t, pool, `
INSERT INTO chat_go_cache (prefix, key, value, expires_at) SELECT 'chat-sdk', 'past ' || n, '', now() FROM generate_series(1, 1200) AS n;
INSERT INTO chat_go_locks (prefix, thread_id, token, expires_at) VALUES ('chat-sdk', 'past', 'token', now());
INSERT INTO chat_go_lists (prefix, key, last_dropped, last, expires_at) VALUES ('chat-sdk', 'past', 0, 1, now());
INSERT INTO chat_go_list_values (prefix, key, position, value) VALUES ('chat-sdk', 'past', 1, '');
INSERT INTO chat_go_queues (prefix, thread_id, last, waiting_since, expires_at) VALUES ('chat-sdk', 'past', 1, now(), now());
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry) VALUES ('chat-sdk', 'past', 1, 'id', '')`)
	for _, ttl := range []time.Duration{0, time.Hour} {
		key := fmt.Sprint(ttl)
		require.NoError(t, a.Set(ctx, key, []byte("1"), ttl))
		require.NoError(t, a.AppendToList(ctx, key, []byte("1"), state.ListOptions{TTL: ttl}))
	}
	_, err := a.AcquireLock(ctx, "thread", time.Hour)
	require.NoError(t, err)
	_, err = a.Accept(ctx, "thread", entry("1"), 0)
	require.NoError(t, err)
	for table, want := range map[string]int{"cache": 2, "locks": 1, "lists": 2, "list_values": 2, "queues": 1, "queue_entries": 1} {
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			var rows int
			require.NoError(c, pool.QueryRow(ctx, "SELECT count(*) FROM chat_go_"+table).Scan(&rows))
			require.Equal(c, want, rows, table)
		}, 20*time.Second, 10*time.Millisecond)
	}
}
