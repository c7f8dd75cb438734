package pgstate

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/state"
)

// Statements that copy what @chat-adapter/state-pg has stored. $1 is the adapter's
// prefix, $2 its key prefix. Names are stored as keyOf does.
const (
	tooLongSQL = `
SELECT count(*) FROM (
    SELECT thread_id AS name FROM chat_state_subscriptions WHERE key_prefix = $1::text
    UNION ALL SELECT cache_key FROM chat_state_cache WHERE key_prefix = $1::text
    UNION ALL SELECT list_key FROM chat_state_lists WHERE key_prefix = $1::text
    UNION ALL SELECT thread_id FROM chat_state_queues WHERE key_prefix = $1::text
) AS names WHERE octet_length(replace(name, '\', '\\')) > $2::bigint`

	copySubscriptionsSQL = `
INSERT INTO chat_go_subscriptions (prefix, thread_id)
SELECT $1::text, replace(thread_id, '\', '\\') FROM chat_state_subscriptions WHERE key_prefix = $2::text
ON CONFLICT DO NOTHING`

	copyCacheSQL = `
INSERT INTO chat_go_cache (prefix, key, value, expires_at)
SELECT $1::text, replace(cache_key, '\', '\\'), convert_to(value, 'UTF8'), coalesce(expires_at, 'infinity')
FROM chat_state_cache WHERE key_prefix = $2::text AND coalesce(expires_at, 'infinity') > statement_timestamp()
ON CONFLICT DO NOTHING`

	copyListsSQL = `
WITH there AS (
    SELECT replace(list_key, '\', '\\') AS key, seq, value, coalesce(expires_at, 'infinity') AS expires_at
    FROM chat_state_lists WHERE key_prefix = $2::text AND coalesce(expires_at, 'infinity') > statement_timestamp()
), lists AS (
    INSERT INTO chat_go_lists (prefix, key, last_dropped, last, expires_at)
    SELECT $1::text, key, 0, count(*), max(expires_at) FROM there GROUP BY key
    ON CONFLICT DO NOTHING RETURNING key
)
INSERT INTO chat_go_list_values (prefix, key, position, value)
SELECT $1::text, key, row_number() OVER (PARTITION BY key ORDER BY seq), convert_to(value, 'UTF8')
FROM there WHERE key IN (SELECT key FROM lists)`

	lockQueuesSQL = `
SELECT count(pg_advisory_xact_lock(hashtextextended($1::text || '/' || thread_id, 0)))
FROM (SELECT DISTINCT replace(thread_id, '\', '\\') AS thread_id FROM chat_state_queues WHERE key_prefix = $2::text ORDER BY 1) AS queues`

	moveQueuesSQL = `
WITH moved AS (
    DELETE FROM chat_state_queues WHERE key_prefix = $2::text
    RETURNING replace(thread_id, '\', '\\') AS thread_id, seq, value, expires_at
), queues AS (
    INSERT INTO chat_go_queues AS q (prefix, thread_id, last, waiting_since, expires_at)
    SELECT $1::text, thread_id, count(*), clock_timestamp(), greatest(max(expires_at), statement_timestamp() + interval '1 minute')
    FROM moved GROUP BY thread_id
    ON CONFLICT (prefix, thread_id) DO UPDATE SET
        last = q.last + EXCLUDED.last, waiting_since = EXCLUDED.waiting_since, expires_at = greatest(q.expires_at, EXCLUDED.expires_at)
    RETURNING thread_id, last
)
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry)
SELECT $1::text, m.thread_id, q.last + 1 - row_number() OVER (PARTITION BY m.thread_id ORDER BY m.seq DESC), gen_random_uuid()::text, convert_to(m.value, 'UTF8')
FROM moved m JOIN queues q ON q.thread_id = m.thread_id`
)

// MigrateFromTypeScript takes over what @chat-adapter/state-pg 4.41 has stored under
// the key prefix, from its tables in the role's search_path, and returns how many rows
// it took. Subscriptions, cached values and lists are copied, where the adapter has
// none of the name; queued messages are moved and marked as waiting. Locks end by
// themselves. It is one transaction, and called again it takes what is new.
//
// Stop the bots of the other kind first: the two kinds see neither each other's locks
// nor what the other stores later. The role needs SELECT on the chat_state_ tables, and
// DELETE on chat_state_queues.
func (a *Adapter) MigrateFromTypeScript(ctx context.Context, keyPrefix string) (rows int, err error) {
	o, err := a.begin(ctx, "migrate from TypeScript")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckName("keyPrefix", keyPrefix); err != nil {
		return 0, err
	}
	var tooLong int64
	err = o.send(again, func(b *batch) { b.row(nil, []any{&tooLong}, tooLongSQL, keyPrefix, int64(maxKey)) })
	if err == nil && tooLong > 0 {
		err = &setUpError{kind: state.ErrCorrupt, cause: errors.New("names are too long to be copied"), text: "the tables of state-pg"}
	}
	if err != nil {
		return 0, o.fail(err)
	}
	var taken [4]int64
	err = o.send(again, func(b *batch) {
		b.exec(nil, lockQueuesSQL, a.cfg.Prefix, keyPrefix)
		for i, sql := range []string{copySubscriptionsSQL, copyCacheSQL, copyListsSQL, moveQueuesSQL} {
			b.exec(&taken[i], sql, a.cfg.Prefix, keyPrefix)
		}
	})
	if err != nil {
		return 0, o.fail(err)
	}
	for _, n := range taken {
		rows += int(n)
	}
	return rows, nil
}
