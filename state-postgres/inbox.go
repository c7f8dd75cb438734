package pgstate

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

// Accept does what Enqueue does and marks the thread as waiting since now, by the
// server's clock. When it returns without an error the entry is stored and the mark
// is set. Its reply may be lost as that of Enqueue.
func (a *Adapter) Accept(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (int, error) {
	return a.store(ctx, "accept", threadID, entry, maxSize, true)
}

// Waiting returns all entries of the thread, oldest first, without removing
// them. An entry that cannot be decoded comes with its error.
func (a *Adapter) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	o, err := a.begin(ctx, "read waiting entries")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	var entries []state.WaitingEntry
	if err := o.send(again, func(b *batch) { b.waiting(&entries, threadID) }); err != nil {
		return nil, o.fail(err)
	}
	return entries, nil
}

func (b *batch) waiting(entries *[]state.WaitingEntry, threadID string) {
	b.rows(func() { *entries = nil }, func(rows pgx.Rows) error {
		var (
			number int64
			id     string
			raw    []byte
		)
		err := rows.Scan(&number, &id, &raw)
		*entries = append(*entries, waitingEntry(threadID, number, id, raw))
		return err
	}, `
SELECT number, id, entry FROM chat_go_queue_entries WHERE prefix = $1::text AND thread_id = $2::text ORDER BY number`,
		b.a.cfg.Prefix, keyOf(threadID))
}

func waitingEntry(threadID string, number int64, id string, raw []byte) (w state.WaitingEntry) {
	w.Receipt = newReceipt(number, id)
	if w.Err = decode(threadID, raw, &w.QueueEntry); w.Err != nil {
		w.QueueEntry = state.QueueEntry{}
	}
	return w
}

// A receipt is the number of an entry and its id, which is random: numbers begin anew
// when a queue was empty, and after a failover that lost the latest of them.
func newReceipt(number int64, id string) state.Receipt {
	return state.Receipt(strconv.FormatInt(number, 10) + "-" + id)
}

// receipts are those of several entries.
type receipts struct {
	numbers []int64
	ids     []string
}

func readReceipts(all []state.Receipt) receipts {
	r := receipts{numbers: make([]int64, 0, len(all)), ids: make([]string, 0, len(all))}
	for _, receipt := range all {
		first, id, _ := strings.Cut(string(receipt), "-")
		if number, err := strconv.ParseInt(first, 10, 64); err == nil && isText(id) {
			r.numbers, r.ids = append(r.numbers, number), append(r.ids, id)
		}
	}
	return r
}

// settle removes entries and tells how many are left. The queue is locked.
func (b *batch) settle(depth *int64, key string, r receipts) {
	b.exec(nil, `
DELETE FROM chat_go_queue_entries
WHERE prefix = $1::text AND thread_id = $2::text AND number = ANY($3::bigint[]) AND id = ANY($4::text[])`,
		b.a.cfg.Prefix, key, r.numbers, r.ids)
	b.row(nil, []any{depth}, dropEmptySQL, b.a.cfg.Prefix, key)
}

// Settle removes exactly the entries with these receipts and returns how many
// entries are left. When nothing is left the thread's mark goes, too. It is sent again
// when its reply is lost, which changes nothing.
func (a *Adapter) Settle(ctx context.Context, threadID string, settled ...state.Receipt) (int, error) {
	o, err := a.begin(ctx, "settle")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return 0, err
	}
	key, r := keyOf(threadID), readReceipts(settled)
	var depth int64
	err = o.send(again, func(b *batch) {
		b.lockQueue(key)
		b.settle(&depth, key, r)
	})
	if err != nil {
		return 0, o.fail(err)
	}
	return int(depth), nil
}

// ExtendQueue keeps what waits on the thread for at least the TTL from now. It
// shortens nothing, and where nothing waits it changes nothing.
func (a *Adapter) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	o, err := a.begin(ctx, "extend queue")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckLockTTL("ttl", ttl)); err != nil {
		return err
	}
	err = o.send(again, func(b *batch) {
		b.exec(nil, `
UPDATE chat_go_queues SET expires_at = greatest(expires_at, statement_timestamp() + $3::bigint * interval '1 millisecond')
WHERE prefix = $1::text AND thread_id = $2::text`, a.cfg.Prefix, keyOf(threadID), millis(ttl))
	})
	if err != nil {
		return o.fail(err)
	}
	return nil
}

// WaitingThreads returns up to limit threads, longest first, that were last
// marked before the moment. Marks are times of the server's clock. A limit of 0
// means all.
func (a *Adapter) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	o, err := a.begin(ctx, "list waiting threads")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckSize("limit", limit); err != nil {
		return nil, err
	}
	var threads []string
	err = o.send(again, func(b *batch) {
		b.rows(func() { threads = []string{} }, func(rows pgx.Rows) error {
			var key string
			var name *string
			if err := rows.Scan(&key, &name); err != nil {
				return err
			}
			if name == nil {
				key = nameOf(key)
				name = &key
			}
			threads = append(threads, *name)
			return nil
		}, `
SELECT thread_id, name FROM chat_go_queues WHERE prefix = $1::text AND waiting_since < $2::timestamptz
ORDER BY waiting_since LIMIT $3::bigint`, a.cfg.Prefix, before, bound(limit))
	})
	if err != nil {
		return nil, o.fail(err)
	}
	return threads, nil
}
