package pgstate

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// sweepBatch is how many expired rows of a table one transaction removes.
const sweepBatch = 500

// Statements that remove expired rows, of all prefixes. Each does nothing in a
// transaction that does not get the advisory lock $1: one instance sweeps at a time.
// A list or a queue goes when its values are gone, which the next statement sees.
var sweepSQL = []string{
	`DELETE FROM chat_go_cache WHERE (prefix, key) IN (
    SELECT prefix, key FROM chat_go_cache WHERE expires_at <= statement_timestamp() AND expires_at < 'infinity'
    AND (SELECT pg_try_advisory_xact_lock($1::bigint)) ORDER BY expires_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
AND expires_at <= statement_timestamp()`,
	`DELETE FROM chat_go_locks WHERE (prefix, thread_id) IN (
    SELECT prefix, thread_id FROM chat_go_locks WHERE expires_at <= statement_timestamp()
    AND (SELECT pg_try_advisory_xact_lock($1::bigint)) LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
AND expires_at <= statement_timestamp()`,
	`DELETE FROM chat_go_list_values WHERE (prefix, key) IN (
    SELECT prefix, key FROM chat_go_lists WHERE expires_at <= statement_timestamp() AND expires_at < 'infinity'
    AND (SELECT pg_try_advisory_xact_lock($1::bigint)) ORDER BY expires_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)`,
	`DELETE FROM chat_go_lists l WHERE (prefix, key) IN (
    SELECT prefix, key FROM chat_go_lists WHERE expires_at <= statement_timestamp() AND expires_at < 'infinity'
    AND (SELECT pg_try_advisory_xact_lock($1::bigint)) ORDER BY expires_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
AND NOT EXISTS (SELECT FROM chat_go_list_values v WHERE v.prefix = l.prefix AND v.key = l.key)`,
	`DELETE FROM chat_go_queue_entries WHERE (prefix, thread_id) IN (
    SELECT prefix, thread_id FROM chat_go_queues WHERE expires_at <= statement_timestamp()
    AND (SELECT pg_try_advisory_xact_lock($1::bigint)) AND pg_try_advisory_xact_lock(hashtextextended(prefix || '/' || thread_id, 0))
    LIMIT $2::bigint)`,
	`DELETE FROM chat_go_queues q WHERE expires_at <= statement_timestamp()
AND (SELECT pg_try_advisory_xact_lock($1::bigint)) AND pg_try_advisory_xact_lock(hashtextextended(prefix || '/' || thread_id, 0))
AND NOT EXISTS (SELECT FROM chat_go_queue_entries e WHERE e.prefix = q.prefix AND e.thread_id = q.thread_id)
AND $2::bigint > 0`,
}

// sweep removes expired rows until the adapter is closed.
func (a *Adapter) sweep() {
	for {
		// Instances that were started together sweep apart.
		wait := time.NewTimer(a.cfg.SweepInterval/2 + rand.N(a.cfg.SweepInterval))
		select {
		case <-wait.C:
		case <-a.closing.Done():
			wait.Stop()
			return
		}
		for {
			removed, err := a.sweepOnce()
			if err != nil && a.closing.Err() == nil {
				a.cfg.Logger.Warn("pgstate: expired rows cannot be removed", "error", err)
			}
			if err != nil || removed < sweepBatch {
				break
			}
		}
	}
}

// sweepOnce removes a batch of expired rows of each table, unless another instance is
// about it, and returns how many it has removed.
func (a *Adapter) sweepOnce() (removed int64, err error) {
	o, err := a.begin(context.Background(), "sweep")
	if err != nil {
		return 0, err
	}
	defer o.end()
	counts := make([]int64, len(sweepSQL))
	err = o.send(again, func(b *batch) {
		for i, sql := range sweepSQL {
			b.exec(&counts[i], sql, a.sweepLock(), int64(sweepBatch))
		}
	})
	if err != nil {
		return 0, o.fail(err)
	}
	for _, n := range counts {
		removed += n
	}
	return removed, nil
}

// sweepLock is the key of the advisory lock of these tables.
func (a *Adapter) sweepLock() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("chat-go sweep " + a.tables))
	return int64(h.Sum64())
}
