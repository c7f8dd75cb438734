package pgstatetest

import (
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// What the npm adapter has stored is taken over as it is, once, and nothing that the bot
// has stored since is overwritten.
func TestMigrateFromTypeScript(t *testing.T) {
	s := pgtest.Shared(t)
	url := newDatabase(t, s)
	ctx := t.Context()
	pool := newPool(t, url)
	tables, err := os.ReadFile("testdata/state-pg-4.41.sql")
	require.NoError(t, err)
	const rows = `
INSERT INTO chat_state_subscriptions (key_prefix, thread_id) VALUES ('chat-sdk', 'thread'), ('chat-sdk', 'back\slash'), ('other', 'others');
INSERT INTO chat_state_locks (key_prefix, thread_id, token, expires_at) VALUES ('chat-sdk', 'thread', 'pg_1', now() + interval '1 hour');
INSERT INTO chat_state_cache (key_prefix, cache_key, value, expires_at) VALUES
    ('chat-sdk', 'forever', '{"é":1}', NULL), ('chat-sdk', 'hour', '"2"', now() + interval '1 hour'),
    ('chat-sdk', 'past', '"3"', now() - interval '1 hour'), ('chat-sdk', 'mine', '"4"', NULL), ('other', 'others', '"5"', NULL);
INSERT INTO chat_state_lists (key_prefix, list_key, value, expires_at) VALUES
    ('chat-sdk', 'list', '"a"', now() + interval '1 hour'), ('chat-sdk', 'another', '"x"', NULL), ('chat-sdk', 'list', '"b"', now() + interval '1 hour');
INSERT INTO chat_state_queues (key_prefix, thread_id, value, expires_at) VALUES
    ('chat-sdk', 'thread', '{"message":{"id":"1"},"enqueuedAt":1,"expiresAt":2}', now() + interval '1 hour'),
    ('chat-sdk', 'back\slash', '{"message":{"id":"3"},"enqueuedAt":1,"expiresAt":2}', now() + interval '1 hour'),
    ('chat-sdk', 'thread', '{"message":{"id":"2"},"enqueuedAt":1,"expiresAt":2}', now() + interval '1 hour')`
	exec(t, pool, string(tables)+rows)

	a := connect(t, pgstate.Config{URL: url, Prefix: "bot"})
	require.NoError(t, a.Set(ctx, "mine", []byte("newer"), 0))
	_, err = a.Accept(ctx, "thread", entry(`{"id":"0"}`), 0)
	require.NoError(t, err)
	taken, err := a.MigrateFromTypeScript(ctx, "chat-sdk")
	require.NoError(t, err)
	require.Equal(t, 2+2+3+3, taken)
	taken, err = a.MigrateFromTypeScript(ctx, "chat-sdk")
	require.NoError(t, err)
	require.Zero(t, taken, "a second call takes nothing twice")

	for thread, want := range map[string]bool{"thread": true, `back\slash`: true, "others": false} {
		subscribed, err := a.IsSubscribed(ctx, thread)
		require.NoError(t, err)
		require.Equal(t, want, subscribed, thread)
	}
	for key, want := range map[string]string{"forever": `{"é":1}`, "hour": `"2"`, "mine": "newer"} {
		value, err := a.Get(ctx, key)
		require.NoError(t, err, key)
		require.Equal(t, want, string(value))
	}
	_, err = a.Get(ctx, "past")
	require.Error(t, err)
	for key, want := range map[string][]string{"list": {`"a"`, `"b"`}, "another": {`"x"`}} {
		values, err := a.GetList(ctx, key)
		require.NoError(t, err)
		require.Len(t, values, len(want))
		for i := range want {
			require.Equal(t, want[i], string(values[i]))
		}
	}
	threads, err := a.WaitingThreads(ctx, time.Now().Add(time.Minute), 0)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"thread", `back\slash`}, threads)
	waiting, err := a.Waiting(ctx, "thread")
	require.NoError(t, err)
	require.Len(t, waiting, 3)
	for i, w := range waiting {
		require.JSONEq(t, []string{`{"id":"0"}`, `{"id":"1"}`, `{"id":"2"}`}[i], string(w.Message))
		left, err := a.Settle(ctx, "thread", w.Receipt)
		require.NoError(t, err)
		require.Equal(t, 2-i, left)
	}
	lock, err := a.AcquireLock(ctx, "thread", time.Minute)
	require.NoError(t, err, "locks of the other kind are not taken over")
	require.NoError(t, a.ReleaseLock(ctx, lock))
}

// Without the tables, or the rights to them, an error says so.
func TestMigrateFromTypeScriptWithoutTables(t *testing.T) {
	a := connect(t, pgstate.Config{URL: newDatabase(t, pgtest.Shared(t))})
	_, err := a.MigrateFromTypeScript(t.Context(), "chat-sdk")
	require.ErrorContains(t, err, `relation "chat_state_subscriptions" does not exist`)
}

func newPool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	c, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	defer c.Release()
	_, err = c.Conn().PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
}
