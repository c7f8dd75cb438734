package pgstate

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"time"

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

const startedSQL = `
SELECT (SELECT value FROM chat_go_cache WHERE prefix = $1::text AND key = $2::text AND expires_at > statement_timestamp()),
    EXISTS (SELECT FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $3::text AND token = $4::text)`

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

	there  []byte // the key's value afterwards
	locked bool
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
	s.there = nil
	b.row(nil, []any{&s.there, &s.locked}, startedSQL, b.a.cfg.Prefix, keyOf(req.Key), thread, s.token)
	if s.push != nil {
		b.trim(s.push)
		b.look(&s.looked, req.Accept, s.token, thread)
	}
}

func (s *starting) outcome() (out state.TurnStarted) {
	if s.locked {
		out.Lock = newLock(s.req.ThreadID, s.token, s.start, s.req.LockTTL)
	}
	if out.Set = bytes.Equal(s.there, s.req.Value); !out.Set {
		out.Found = s.there
		return out
	}
	if s.push != nil {
		out.Accepted = s.looked.outcome(s.req.Accept, s.locked)
	}
	return out
}

// looked is what AcceptTurn finds after Accept.
type looked struct {
	depth      int64
	subscribed bool
	keys       []string
	waiting    []state.WaitingEntry
}

// look adds the statements that look. With a thread they read no entries unless the
// token holds its lock.
func (b *batch) look(l *looked, req state.AcceptTurn, token string, thread *string) {
	keys := make([]string, len(req.Keys))
	for i, key := range req.Keys {
		keys[i] = keyOf(key)
	}
	key := keyOf(req.ThreadID)
	b.row(nil, []any{&l.depth, &l.subscribed, &l.keys}, `
SELECT (SELECT count(*) FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text),
    EXISTS (SELECT FROM chat_go_subscriptions WHERE prefix = $1::text AND thread_id = $3::text),
    ARRAY(SELECT key FROM chat_go_cache WHERE prefix = $1::text AND key = ANY($4::text[]) AND expires_at > statement_timestamp())`,
		b.a.cfg.Prefix, key, keyOf(req.Subscription), keys)
	if token == "" {
		b.waiting(&l.waiting, req.ThreadID)
		return
	}
	b.entries(&l.waiting, req.ThreadID, `
SELECT number, id, entry FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text
AND EXISTS (SELECT FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $3::text AND token = $4::text) ORDER BY number`,
		b.a.cfg.Prefix, key, thread, token)
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
		b.trim(p)
		b.look(&l, req, "", nil)
	})
	if err != nil {
		return state.TurnAccepted{}, o.failUnknown(err)
	}
	return l.outcome(req, true), nil
}

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
		if len(marks) > 0 {
			b.exec(nil, `
INSERT INTO chat_go_cache (prefix, key, value, expires_at)
SELECT $1::text, key, $3::bytea, coalesce(statement_timestamp() + $4::bigint * interval '1 millisecond', 'infinity')
FROM unnest($2::text[]) WITH ORDINALITY AS marks (key, n) ORDER BY n
ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at`,
				a.cfg.Prefix, marks, notNil(req.Mark), millis(req.MarkTTL))
		}
		b.release(new(bool), new(bool), req.Lock.ThreadID, req.Lock.Token)
		b.settle(&depth, key, r)
	})
	if err != nil {
		return 0, o.fail(err)
	}
	return int(depth), nil
}
