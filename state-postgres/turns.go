package pgstate

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

// Each method of the Turns role is one trip and one transaction, which calls of several
// callers may share: what a call does is done as a whole or not at all. All lock in the
// same order, so that none waits for another in a circle: the queues, then keys of the
// cache, then the rows of locks, each sorted.

// startSQL sets the key of each call and, if it did, takes the lock of the thread and stores
// an entry for the queue, each unless it is NULL. A claim that is in place was set by an
// earlier attempt, with the rest: only its expiry starts again. Its row is locked by then,
// so that renewed inserts none.
var startSQL = newCallSQL(`
WITH calls AS {calls}, locked AS MATERIALIZED ({lock}
), claims AS (
    INSERT INTO chat_go_cache AS c (prefix, key, value, expires_at)
    SELECT prefix, key, value, coalesce(statement_timestamp() + ttl * interval '1 millisecond', 'infinity')
    FROM locked, calls ORDER BY key COLLATE "C"
    ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
    WHERE c.expires_at <= statement_timestamp()
    RETURNING c.key
), renewed AS (
    INSERT INTO chat_go_cache AS c (prefix, key, value, expires_at)
    SELECT prefix, key, value, coalesce(statement_timestamp() + ttl * interval '1 millisecond', 'infinity')
    FROM calls WHERE key NOT IN (SELECT key FROM claims) ORDER BY key COLLATE "C"
    ON CONFLICT (prefix, key) DO UPDATE SET expires_at = EXCLUDED.expires_at
    WHERE c.value = EXCLUDED.value
), locks AS (
    INSERT INTO chat_go_locks AS l (prefix, thread_id, token, expires_at)
    SELECT prefix, thread, token, statement_timestamp() + lock_ttl * interval '1 millisecond'
    FROM calls WHERE thread IS NOT NULL AND key IN (SELECT key FROM claims) ORDER BY thread COLLATE "C"
    ON CONFLICT (prefix, thread_id) DO UPDATE SET token = EXCLUDED.token, expires_at = EXCLUDED.expires_at
    WHERE l.expires_at <= statement_timestamp()
), queues AS (
    INSERT INTO chat_go_queues AS q (prefix, thread_id, name, last, waiting_since, expires_at)
    SELECT prefix, queue, name, 1, clock_timestamp(), statement_timestamp() + queue_ttl * interval '1 millisecond'
    FROM calls WHERE queue IS NOT NULL AND key IN (SELECT key FROM claims)
    ON CONFLICT (prefix, thread_id) DO UPDATE SET
        last = q.last + 1, waiting_since = clock_timestamp(), expires_at = greatest(q.expires_at, EXCLUDED.expires_at)
    RETURNING thread_id, last
)
INSERT INTO chat_go_queue_entries (prefix, thread_id, number, id, entry)
SELECT c.prefix, c.queue, q.last, c.id, c.entry FROM queues q JOIN calls c ON c.queue = q.thread_id`,
	"key text, value bytea, ttl bigint, thread text, token text, lock_ttl bigint, queue text, name text, queue_ttl bigint, id text, entry bytea")

// lookSQL drops the oldest entries of each call's queue beyond max_size, unless it is NULL,
// and looks at what a turn needs to know, in one snapshot: at the key, the lock, the queue,
// the subscription, and those of the keys $9 that are for the call, by $10. It returns a
// row for each entry, or one without; and no entries if needs_lock and the lock is not held.
var lookSQL = newCallSQL(`
WITH calls AS {calls}, trimmed AS (
    DELETE FROM chat_go_queue_entries e USING calls c
    WHERE c.max_size IS NOT NULL AND e.prefix = c.prefix AND e.thread_id = c.queue AND e.number <= (
        SELECT number FROM chat_go_queue_entries WHERE prefix = c.prefix AND thread_id = c.queue
        ORDER BY number DESC OFFSET c.max_size LIMIT 1)
    RETURNING e.thread_id, e.number
), seen AS (
    SELECT c.call, c.prefix, c.queue,
        (SELECT value FROM chat_go_cache WHERE prefix = c.prefix AND key = c.key AND expires_at > statement_timestamp()) AS there,
        l.locked, l.locked OR NOT c.needs_lock AS whole,
        (SELECT count(*) FROM chat_go_queue_entries WHERE prefix = c.prefix AND thread_id = c.queue)
            - (SELECT count(*) FROM trimmed WHERE thread_id = c.queue) AS depth,
        (SELECT max(number) FROM trimmed WHERE thread_id = c.queue) AS last_trimmed,
        (SELECT true FROM chat_go_subscriptions WHERE prefix = c.prefix AND thread_id = c.subscription) IS NOT NULL AS subscribed,
        ARRAY(SELECT key FROM unnest($9::text[], $10::bigint[]) AS wanted (key, call) WHERE call = c.call
            AND (SELECT true FROM chat_go_cache WHERE prefix = c.prefix AND key = wanted.key AND expires_at > statement_timestamp())) AS keys
    FROM calls c, LATERAL (
        SELECT (SELECT true FROM chat_go_locks WHERE prefix = c.prefix AND thread_id = c.thread AND token = c.token) IS NOT NULL AS locked OFFSET 0
    ) AS l
)
SELECT s.call, s.there, s.locked, s.depth, s.subscribed, s.keys, e.number, e.id, e.entry
FROM seen s
LEFT JOIN LATERAL (
    SELECT number, id, entry FROM chat_go_queue_entries
    WHERE prefix = s.prefix AND thread_id = s.queue AND s.whole AND number > coalesce(s.last_trimmed, 0) OFFSET 0
) AS e ON true
ORDER BY s.call, e.number`,
	"key text, thread text, token text, queue text, max_size bigint, subscription text, needs_lock boolean")

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
	s := &starting{req: req, token: rand.Text(), start: time.Now()}
	if req.Accept.ThreadID != "" {
		if s.push, err = newPush(req.Accept.ThreadID, req.Accept.Entry, req.Accept.MaxSize, true); err != nil {
			return state.TurnStarted{}, err
		}
	}
	if err := o.repeat(again, func() error { return a.starts.send(o, s) }); err != nil {
		if req.ThreadID != "" && (fateOf(err) == unknown || o.resent) {
			a.releaseLater(req.ThreadID, s.token, o.left)
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

func (s *starting) changes() []string {
	names := []string{"key " + s.req.Key}
	if s.req.ThreadID != "" {
		names = append(names, "lock "+s.req.ThreadID)
	}
	if s.push != nil {
		names = append(names, "queue "+s.push.threadID)
	}
	return names
}

func (s *starting) size() int {
	if s.push == nil {
		return 0
	}
	return len(s.push.entry)
}

// fillStarts adds the statements of StartTurns.
func fillStarts(b *batch, calls []*starting) {
	n := len(calls)
	var (
		keys, tokens          = make([]string, n), make([]string, n)
		values, entries       = make([][]byte, n), make([][]byte, n)
		threads, queues       = make([]*string, n), make([]*string, n)
		names, ids            = make([]*string, n), make([]*string, n)
		ttls, lockTTLs, lasts = make([]*int64, n), make([]*int64, n), make([]*int64, n)
		looks                 = make([]lookFor, n)
	)
	for i, s := range calls {
		req := &s.req
		keys[i], tokens[i], values[i], ttls[i], lockTTLs[i] = keyOf(req.Key), s.token, req.Value, millis(req.TTL), millis(req.LockTTL)
		if req.ThreadID != "" {
			threads[i] = new(keyOf(req.ThreadID))
		}
		if p := s.push; p != nil {
			queues[i], names[i], lasts[i], ids[i], entries[i] = &p.key, wholeName(p.threadID, p.key), millis(p.ttl), &p.id, p.entry
		}
		looks[i] = lookFor{into: &s.looked, key: keys[i], lock: threads[i], token: s.token, AcceptTurn: &req.Accept}
	}
	b.exec(nil, startSQL.of(n), b.a.cfg.Prefix, arg(keys), arg(values), arg(ttls), arg(threads), arg(tokens), arg(lockTTLs),
		arg(queues), arg(names), arg(lasts), arg(ids), arg(entries))
	b.look(looks)
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

// lookFor is what lookSQL looks for. Without a token it looks at the entries anyway.
type lookFor struct {
	*state.AcceptTurn
	into  *looked
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

func (b *batch) look(calls []lookFor) {
	n := len(calls)
	var (
		keys, tokens          = make([]string, n), make([]string, n)
		queues, subscriptions = make([]string, n), make([]string, n)
		threads               = make([]*string, n)
		maxSizes              = make([]*int64, n)
		needLock              = make([]bool, n)
		wanted                = []string{}
		wantedBy              = []int64{}
	)
	for i, c := range calls {
		keys[i], threads[i], tokens[i], needLock[i] = c.key, c.lock, c.token, c.token != ""
		queues[i], subscriptions[i], maxSizes[i] = keyOf(c.ThreadID), keyOf(c.Subscription), bound(c.MaxSize)
		for _, key := range c.Keys {
			wanted, wantedBy = append(wanted, keyOf(key)), append(wantedBy, int64(i+1))
		}
	}
	reset := func() {
		for _, c := range calls {
			*c.into = looked{}
		}
	}
	b.rows(reset, func(rows pgx.Rows) error {
		var (
			l      looked
			call   int64
			number *int64
			id     *string
			raw    []byte
		)
		if err := rows.Scan(&call, &l.there, &l.locked, &l.depth, &l.subscribed, &l.keys, &number, &id, &raw); err != nil {
			return err
		}
		c := calls[call-1]
		if l.waiting = c.into.waiting; number != nil {
			l.waiting = append(l.waiting, waitingEntry(c.ThreadID, *number, *id, raw))
		}
		*c.into = l
		return nil
	}, lookSQL.of(n), b.a.cfg.Prefix, arg(keys), arg(threads), arg(tokens), arg(queues), arg(maxSizes), arg(subscriptions), arg(needLock), wanted, wantedBy)
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
		b.look([]lookFor{{into: &l, AcceptTurn: &req}})
	})
	if err != nil {
		return state.TurnAccepted{}, o.failUnknown(err)
	}
	return l.outcome(req, true), nil
}

// endSQL sets the marks $7, releases each call's lock, removes the entries with its numbers,
// an array as text, and one of the ids $6, and tells how many are left. The queue is locked;
// its row goes with its last entry.
var endSQL = newCallSQL(`
WITH calls AS {calls}, marks AS (
    INSERT INTO chat_go_cache (prefix, key, value, expires_at)
    SELECT $1::text, key, value, coalesce(statement_timestamp() + ttl * interval '1 millisecond', 'infinity')
    FROM unnest($7::text[], $8::bytea[], $9::bigint[]) AS m (key, value, ttl) ORDER BY key COLLATE "C"
    ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
), released AS (
    DELETE FROM chat_go_locks l USING (SELECT * FROM calls ORDER BY thread COLLATE "C") c WHERE l.prefix = c.prefix AND l.thread_id = c.thread AND l.token = c.token
), removed AS (
    DELETE FROM chat_go_queue_entries e USING calls c
    WHERE e.prefix = c.prefix AND e.thread_id = c.queue AND e.number = ANY(c.numbers::bigint[]) AND e.id = ANY($6::text[])
    RETURNING e.thread_id
), depths AS MATERIALIZED (
    SELECT c.call, c.prefix, c.queue,
        (SELECT count(*) FROM chat_go_queue_entries WHERE prefix = c.prefix AND thread_id = c.queue)
            - (SELECT count(*) FROM removed WHERE thread_id = c.queue) AS depth
    FROM calls c
), dropped AS (
    DELETE FROM chat_go_queues q USING depths d WHERE q.prefix = d.prefix AND q.thread_id = d.queue AND d.depth = 0
)
SELECT call, depth FROM depths`,
	"queue text, thread text, token text, numbers text")

// lockCallsSQL locks the queue of each call.
var lockCallsSQL = newCallSQL(`
WITH calls AS {calls}
{lock}`, "queue text")

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
	e := newEnding(req)
	if err := o.repeat(again, func() error { return a.ends.send(o, e) }); err != nil {
		return 0, o.fail(err)
	}
	return int(e.depth), nil
}

// ending is an EndTurn under way.
type ending struct {
	queue, thread, token string
	receipts             receipts
	numbers              string   // of the receipts, as an array in text
	marks                []string // sorted, and none twice, which one statement cannot set
	mark                 []byte
	markTTL              *int64

	depth int64
}

func newEnding(req state.EndTurn) *ending {
	e := &ending{
		queue: keyOf(req.ThreadID), thread: keyOf(req.Lock.ThreadID), token: req.Lock.Token, receipts: readReceipts(req.Receipts),
		mark: notNil(req.Mark), markTTL: millis(req.MarkTTL),
	}
	var numbers []string
	for _, number := range e.receipts.numbers {
		numbers = append(numbers, strconv.FormatInt(number, 10))
	}
	e.numbers = "{" + strings.Join(numbers, ",") + "}"
	for _, key := range req.Marks {
		e.marks = append(e.marks, keyOf(key))
	}
	slices.Sort(e.marks)
	e.marks = slices.Compact(e.marks)
	return e
}

func (e *ending) changes() []string {
	names := []string{"queue " + e.queue, "lock " + e.thread}
	for _, key := range e.marks {
		names = append(names, "key "+key)
	}
	return names
}

func (e *ending) size() int { return len(e.mark) * len(e.marks) }

// fillEnds adds the statements of EndTurns.
func fillEnds(b *batch, calls []*ending) {
	n := len(calls)
	var (
		queues, threads, tokens = make([]string, n), make([]string, n), make([]string, n)
		numbers, ids            = make([]string, n), make([]string, 0, n)
		keys                    = []string{}
		values                  = [][]byte{}
		ttls                    = []*int64{}
	)
	for i, e := range calls {
		queues[i], threads[i], tokens[i] = e.queue, e.thread, e.token
		numbers[i], ids = e.numbers, append(ids, e.receipts.ids...)
		for _, key := range e.marks {
			keys, values, ttls = append(keys, key), append(values, e.mark), append(ttls, e.markTTL)
		}
	}
	b.exec(nil, lockCallsSQL.of(n), b.a.cfg.Prefix, arg(queues))
	b.rows(func() {}, func(rows pgx.Rows) error {
		var call, depth int64
		if err := rows.Scan(&call, &depth); err != nil {
			return err
		}
		calls[call-1].depth = depth
		return nil
	}, endSQL.of(n), b.a.cfg.Prefix, arg(queues), arg(threads), arg(tokens), arg(numbers), ids, keys, values, ttls)
}
