package pgstate

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// How a queue is kept in order. Each change takes the queue's advisory lock first, which
// ends with the transaction, and then looks at the entries in statements of their own:
// those see what the lock was waited for, which one statement would not
// (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED).
// So changes of one queue come one after the other, in the order in which they commit.
// To lock the queue's row would not do: it comes and goes with the entries, and a row
// that is not there locks nothing. Two queues may share a lock: one waits for the other
// then.

// queueLinger is how long a queue stays at least after an entry came, even if that
// entry's ExpiresAt is earlier.
const queueLinger = time.Minute

// push is an entry that is to be stored.
type push struct {
	threadID string
	key      string
	id       string
	entry    []byte
	maxSize  int
	marks    bool // whether the thread is marked as waiting
	ttl      time.Duration

	depth int64 // of the queue with it
}

// newPush checks the arguments of Enqueue and Accept.
func newPush(threadID string, entry state.QueueEntry, maxSize int, marks bool) (*push, error) {
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckSize("maxSize", maxSize)); err != nil {
		return nil, err
	}
	raw, err := entry.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return &push{
		threadID: threadID, key: keyOf(threadID), id: rand.Text(), entry: raw, maxSize: maxSize, marks: marks,
		ttl: max(time.Until(entry.ExpiresAt), queueLinger),
	}, nil
}

const (
	pushSQL = `
WITH locked AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtextextended($1::text || '/' || $2::text, 0))
), queue AS (
    INSERT INTO chat_go_queues AS q (prefix, thread_id, name, last, waiting_since, expires_at)
    SELECT $1::text, $2::text, $3::text, 1, CASE WHEN $4::boolean THEN clock_timestamp() END, statement_timestamp() + $5::bigint * interval '1 millisecond'
    FROM locked
    ON CONFLICT (prefix, thread_id) DO UPDATE SET
        last = q.last + 1,
        waiting_since = CASE WHEN $4::boolean THEN clock_timestamp() ELSE q.waiting_since END,
        expires_at = greatest(q.expires_at, EXCLUDED.expires_at)
    RETURNING last
)
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry)
SELECT $1::text, $2::text, last, $6::text, $7::bytea FROM queue`

	trimSQL = `
DELETE FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text AND number <= (
    SELECT number FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text
    ORDER BY number DESC OFFSET $3::bigint LIMIT 1)`

	depthSQL = `SELECT count(*) FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text`

	lockQueueSQL = `SELECT pg_advisory_xact_lock(hashtextextended($1::text || '/' || $2::text, 0))`

	popSQL = `
DELETE FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text AND number = (
    SELECT min(number) FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text)
RETURNING entry`

	// The row of a queue goes with its last entry, and with it the thread's mark.
	dropEmptySQL = `
WITH entries AS MATERIALIZED (
    SELECT count(*) AS depth FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text
), dropped AS (
    DELETE FROM chat_go_queues WHERE prefix = $1::text AND thread_id = $2::text AND (SELECT depth FROM entries) = 0
)
SELECT depth FROM entries`
)

// push stores an entry. It locks the queue.
func (b *batch) push(p *push) {
	b.exec(nil, pushSQL, b.a.cfg.Prefix, p.key, wholeName(p.threadID, p.key), p.marks, millis(p.ttl), p.id, p.entry)
}

// trim drops the oldest entries beyond the size.
func (b *batch) trim(p *push) {
	if p.maxSize > 0 {
		b.exec(nil, trimSQL, b.a.cfg.Prefix, p.key, int64(p.maxSize))
	}
}

func (b *batch) depth(depth *int64, key string) {
	b.row(nil, []any{depth}, depthSQL, b.a.cfg.Prefix, key)
}

// lockQueue comes before all that changes a queue.
func (b *batch) lockQueue(key string) { b.exec(nil, lockQueueSQL, b.a.cfg.Prefix, key) }

// Enqueue pushes the entry at the tail, drops the oldest entries beyond maxSize
// (0 means no bound), and returns the depth after the trim.
//
// The whole queue expires when the entry does, but not before a minute, nor before it
// would have expired anyway. What has expired is there until it is swept.
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the entry may be there, and enqueuing it again can
// double it and never loses another.
func (a *Adapter) Enqueue(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (int, error) {
	return a.store(ctx, "enqueue", threadID, entry, maxSize, false)
}

func (a *Adapter) store(ctx context.Context, name, threadID string, entry state.QueueEntry, maxSize int, marks bool) (int, error) {
	o, err := a.begin(ctx, name)
	if err != nil {
		return 0, err
	}
	defer o.end()
	p, err := newPush(threadID, entry, maxSize, marks)
	if err != nil {
		return 0, err
	}
	if err := o.send(once, func(b *batch) {
		b.push(p)
		b.trim(p)
		b.depth(&p.depth, p.key)
	}); err != nil {
		return 0, o.failUnknown(err)
	}
	return int(p.depth), nil
}

// Dequeue removes and returns the oldest entry, or returns [state.ErrQueueEmpty]. An
// entry that cannot be decoded is removed and returned as a *[state.CorruptError].
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the oldest entry may be gone. Where no entry may be lost,
// take them with Waiting and Settle.
func (a *Adapter) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	o, err := a.begin(ctx, "dequeue")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	key := keyOf(threadID)
	var raw []byte
	var found bool
	err = o.send(once, func(b *batch) {
		b.lockQueue(key)
		b.row(&found, []any{&raw}, popSQL, a.cfg.Prefix, key)
		b.exec(nil, dropEmptySQL, a.cfg.Prefix, key)
	})
	if err != nil {
		return nil, o.failUnknown(err)
	}
	if !found {
		return nil, state.ErrQueueEmpty
	}
	entry := new(state.QueueEntry)
	if err := decode(threadID, raw, entry); err != nil {
		return nil, err
	}
	return entry, nil
}

func decode(threadID string, raw []byte, entry *state.QueueEntry) error {
	if err := entry.UnmarshalJSON(raw); err != nil {
		return &state.CorruptError{Kind: "queue", Name: threadID, Raw: raw, Cause: err}
	}
	return nil
}

// QueueDepth returns the number of entries stored.
func (a *Adapter) QueueDepth(ctx context.Context, threadID string) (int, error) {
	o, err := a.begin(ctx, "measure queue")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return 0, err
	}
	var depth int64
	if err := o.send(again, func(b *batch) { b.depth(&depth, keyOf(threadID)) }); err != nil {
		return 0, o.fail(err)
	}
	return int(depth), nil
}
