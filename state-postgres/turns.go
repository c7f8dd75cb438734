package pgstate

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

// Each method of the Turns role is one trip and one transaction: what it does is done
// as a whole or not at all. All lock in the same order, so that none waits for another
// in a circle: the queue, then keys of the cache, then the lock's row.

// startSQL sets the key $2 and, if it did, takes the lock of $5 and stores an entry for
// $8, each unless it is NULL. A claim that is in place was set by an earlier attempt,
// with the rest: only its expiry starts again.
const startSQL = `
WITH locked AS MATERIALIZED (
    SELECT CASE WHEN $8::text IS NOT NULL THEN pg_advisory_xact_lock(hashtextextended($1::text || '/' || $8::text, 0)) END
), claim AS (
    INSERT INTO chat_go_cache AS c (prefix, key, value, expires_at)
    SELECT $1::text, $2::text, $3::bytea, coalesce(statement_timestamp() + $4::bigint * interval '1 millisecond', 'infinity') FROM locked
    ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
    WHERE c.expires_at <= statement_timestamp()
    RETURNING 1
), renewed AS (
    UPDATE chat_go_cache SET expires_at = coalesce(statement_timestamp() + $4::bigint * interval '1 millisecond', 'infinity')
    WHERE prefix = $1::text AND key = $2::text AND value = $3::bytea AND expires_at > statement_timestamp() AND NOT EXISTS (SELECT FROM claim)
), lock AS (
    INSERT INTO chat_go_locks AS l (prefix, thread_id, token, expires_at)
    SELECT $1::text, $5::text, $6::text, statement_timestamp() + $7::bigint * interval '1 millisecond' FROM claim WHERE $5::text IS NOT NULL
    ON CONFLICT (prefix, thread_id) DO UPDATE SET token = EXCLUDED.token, expires_at = EXCLUDED.expires_at
    WHERE l.expires_at <= statement_timestamp()
    RETURNING 1
), queue AS (
    INSERT INTO chat_go_queues AS q (prefix, thread_id, name, last, waiting_since, expires_at)
    SELECT $1::text, $8::text, $9::text, 1, clock_timestamp(), statement_timestamp() + $10::bigint * interval '1 millisecond'
    FROM claim WHERE $8::text IS NOT NULL
    ON CONFLICT (prefix, thread_id) DO UPDATE SET
        last = q.last + 1, waiting_since = clock_timestamp(), expires_at = greatest(q.expires_at, EXCLUDED.expires_at)
    RETURNING last
)
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry)
SELECT $1::text, $8::text, last, $11::text, $12::bytea FROM queue`

// lookSQL drops the oldest entries of the queue of $5 beyond $9, unless it is NULL, and
// looks at what a turn needs to know, in one snapshot: at the key $2, at the lock of $3
// with the token $4, at the queue, at the subscription $6 and at the keys $7. It returns
// a row for each entry, or one without; and no entries if $8 and the lock is not held.
// Each key is looked up by itself: key = ANY($7) had the planner read all keys of the
// prefix while it knew the table as a small one.
const lookSQL = `
WITH trimmed AS (
    DELETE FROM chat_go_queue_entries WHERE $9::bigint IS NOT NULL AND prefix = $1::text AND thread_id = $5::text AND number <= (
        SELECT number FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $5::text
        ORDER BY number DESC OFFSET $9::bigint LIMIT 1)
    RETURNING number
)
SELECT seen.*, e.number, e.id, e.entry
FROM (
    SELECT (SELECT value FROM chat_go_cache WHERE prefix = $1::text AND key = $2::text AND expires_at > statement_timestamp()) AS there,
        EXISTS (SELECT FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $3::text AND token = $4::text) AS locked,
        (SELECT count(*) FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $5::text) - (SELECT count(*) FROM trimmed) AS depth,
        EXISTS (SELECT FROM chat_go_subscriptions WHERE prefix = $1::text AND thread_id = $6::text) AS subscribed,
        ARRAY(SELECT wanted FROM unnest($7::text[]) AS wanted
            WHERE (SELECT true FROM chat_go_cache WHERE prefix = $1::text AND key = wanted AND expires_at > statement_timestamp())) AS keys
) AS seen
LEFT JOIN chat_go_queue_entries e ON e.prefix = $1::text AND e.thread_id = $5::text AND (seen.locked OR NOT $8::boolean)
    AND e.number > coalesce((SELECT max(number) FROM trimmed), 0)
ORDER BY e.number`

// StartTurn does SetIfNotExists, AcquireLock, Accept and what AcceptTurn looks for. It
// asks for no lock when the key was taken. With a value made by [state.NewClaim] it is
// one trip, which is made again when its reply is lost; with another it is several.
func (a *Adapter) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	if !state.IsClaim(req.Value) {
		return state.Stepwise{Adapter: a, Concurrent: true}.StartTurn(ctx, req)
	}
	o, err := a.begin(ctx, "start turn")
	if err != nil {
		return state.TurnStarted{}, err
	}
	defer o.end()
	if err := state.CheckStartTurn(req); err != nil {
		return state.TurnStarted{}, err
	}
	s := starting{req: req, token: rand.Text(), start: time.Now()}
	if req.Accept.ThreadID != "" {
		if s.push, err = newPush(req.Accept.ThreadID, req.Accept.Entry, req.Accept.MaxSize, true); err != nil {
			return state.TurnStarted{}, err
		}
	}
	if err := o.send(again, s.fill); err != nil {
		if req.ThreadID != "" && (fateOf(err) == unknown || o.resent) {
			a.releaseLater(req.ThreadID, s.token)
		}
		return state.TurnStarted{}, o.fail(err)
	}
	return s.outcome(), nil
}

// starting is a StartTurn under way.
type starting struct {
	req   state.StartTurn
	token string
	start time.Time
	push  *push // nil if nothing is to be accepted

	looked looked
}

func (s *starting) fill(b *batch) {
	req := &s.req
	var thread, queue, id, name *string
	var entry []byte
	var ttl *int64
	if req.ThreadID != "" {
		thread = new(keyOf(req.ThreadID))
	}
	if p := s.push; p != nil {
		queue, id, name, entry, ttl = &p.key, &p.id, wholeName(p.threadID, p.key), p.entry, millis(p.ttl)
	}
	b.exec(nil, startSQL, b.a.cfg.Prefix, keyOf(req.Key), req.Value, millis(req.TTL), thread, s.token, millis(req.LockTTL), queue, name, ttl, id, entry)
	b.look(&s.looked, lookFor{key: req.Key, lock: thread, token: s.token, AcceptTurn: req.Accept})
}

func (s *starting) outcome() (out state.TurnStarted) {
	l := &s.looked
	if l.locked {
		out.Lock = newLock(s.req.ThreadID, s.token, s.start, s.req.LockTTL)
	}
	if out.Set = bytes.Equal(l.there, s.req.Value); !out.Set {
		out.Found = l.there
		return out
	}
	if s.push != nil {
		out.Accepted = l.outcome(s.req.Accept, l.locked)
	}
	return out
}

// lookFor is what lookSQL looks for. Without a lock it looks at the entries anyway.
type lookFor struct {
	state.AcceptTurn
	key   string
	lock  *string
	token string
}

// looked is what lookSQL finds.
type looked struct {
	there      []byte
	locked     bool
	depth      int64
	subscribed bool
	keys       []string
	waiting    []state.WaitingEntry
}

func (b *batch) look(l *looked, req lookFor) {
	var bound *int64
	if req.MaxSize > 0 {
		bound = new(int64(req.MaxSize))
	}
	keys := make([]string, len(req.Keys))
	for i, key := range req.Keys {
		keys[i] = keyOf(key)
	}
	b.rows(func() { *l = looked{} }, func(rows pgx.Rows) error {
		var (
			number *int64
			id     *string
			raw    []byte
		)
		if err := rows.Scan(&l.there, &l.locked, &l.depth, &l.subscribed, &l.keys, &number, &id, &raw); err != nil || number == nil {
			return err
		}
		l.waiting = append(l.waiting, waitingEntry(req.ThreadID, *number, *id, raw))
		return nil
	}, lookSQL, b.a.cfg.Prefix, keyOf(req.key), req.lock, req.token, keyOf(req.ThreadID), keyOf(req.Subscription), keys, req.token != "", bound)
}

func (l *looked) outcome(req state.AcceptTurn, all bool) state.TurnAccepted {
	out := state.TurnAccepted{Depth: int(l.depth), Looked: all}
	if !all {
		return out
	}
	out.Waiting, out.Subscribed = l.waiting, l.subscribed && req.Subscription != ""
	for _, key := range req.Keys {
		if slices.Contains(l.keys, keyOf(key)) {
			out.Found = append(out.Found, key)
		}
	}
	return out
}

// AcceptTurn does Accept, Waiting, IsSubscribed and Get in one trip. Its reply may be
// lost as that of Accept.
func (a *Adapter) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	o, err := a.begin(ctx, "accept turn")
	if err != nil {
		return state.TurnAccepted{}, err
	}
	defer o.end()
	if err := state.CheckAcceptTurn(req); err != nil {
		return state.TurnAccepted{}, err
	}
	p, err := newPush(req.ThreadID, req.Entry, req.MaxSize, true)
	if err != nil {
		return state.TurnAccepted{}, err
	}
	var l looked
	err = o.send(once, func(b *batch) {
		b.push(p)
		b.look(&l, lookFor{AcceptTurn: req})
	})
	if err != nil {
		return state.TurnAccepted{}, o.failUnknown(err)
	}
	return l.outcome(req, true), nil
}

// endSQL sets the marks $5, releases the lock of $8, removes entries of $2 and tells how
// many are left. The queue is locked; its row goes with its last entry.
const endSQL = `
WITH marked AS (
    INSERT INTO chat_go_cache (prefix, key, value, expires_at)
    SELECT $1::text, key, $6::bytea, coalesce(statement_timestamp() + $7::bigint * interval '1 millisecond', 'infinity')
    FROM unnest($5::text[]) WITH ORDINALITY AS marks (key, n) ORDER BY n
    ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
), released AS (
    DELETE FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $8::text AND token = $9::text
), removed AS (
    DELETE FROM chat_go_queue_entries
    WHERE prefix = $1::text AND thread_id = $2::text AND number = ANY($3::bigint[]) AND id = ANY($4::text[])
    RETURNING 1
), entries AS MATERIALIZED (
    SELECT (SELECT count(*) FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text) - (SELECT count(*) FROM removed) AS depth
), dropped AS (
    DELETE FROM chat_go_queues WHERE prefix = $1::text AND thread_id = $2::text AND (SELECT depth FROM entries) = 0
)
SELECT depth FROM entries`

// EndTurn does Set for each mark, Settle, ReleaseLock and QueueDepth in one trip, which
// is made again when its reply is lost.
func (a *Adapter) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	o, err := a.begin(ctx, "end turn")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckEndTurn(req); err != nil {
		return 0, err
	}
	marks := make([]string, len(req.Marks))
	for i, key := range req.Marks {
		marks[i] = keyOf(key)
	}
	slices.Sort(marks) // and none twice, which one statement cannot set
	marks = slices.Compact(marks)
	key, r := keyOf(req.ThreadID), readReceipts(req.Receipts)
	var depth int64
	err = o.send(again, func(b *batch) {
		b.lockQueue(key)
		b.row(nil, []any{&depth}, endSQL,
			a.cfg.Prefix, key, r.numbers, r.ids, marks, notNil(req.Mark), millis(req.MarkTTL), keyOf(req.Lock.ThreadID), req.Lock.Token)
	})
	if err != nil {
		return 0, o.fail(err)
	}
	return int(depth), nil
}
