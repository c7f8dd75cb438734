package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// settle writes the outcome of the batch.
func (h *hold) settle(ctx context.Context) State {
	left, err := h.conclude(ctx, h.batches[0])
	h.freeSlot(ctx)
	if err != nil {
		return h.fail(err)
	}
	h.rest = left
	return h.batchNext()
}

// settleBatch removes the batch from the queue and marks its items as handled.
func (h *hold) settleBatch(ctx context.Context, b *Batch, r Report) (left int, err error) {
	if h.isLast(b) {
		h.ending = true
		if h.endTurn(b) {
			h.reportSettled(ctx, b, r)
			h.d.program.Report(ctx, Report{Step: LockReleased, Key: h.w.key})
			return 0, nil
		}
	}
	err = h.persist(func(ctx context.Context) error {
		// Marked first: a redelivery that finds neither the mark nor the item
		// would be handled again.
		for _, e := range b.items {
			if err := h.d.markHandled(ctx, e.Item); err != nil {
				return err
			}
		}
		left, err = h.inbox.Settle(ctx, h.w.key.name, b.receipts()...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("chat: settling %q: %w", r.Item.ID, err)
	}
	h.reportSettled(ctx, b, r)
	if h.retries.drop(b) {
		return left, h.saveRetries()
	}
	return left, nil
}

// reportSettled reports a batch that is out of the queue.
func (h *hold) reportSettled(ctx context.Context, b *Batch, r Report) {
	for i := range b.items {
		e := &b.items[i]
		if e != b.last() {
			skipped := r
			skipped.Step, skipped.Item, skipped.Waited = Skipped, e.Item, time.Since(e.Entry.EnqueuedAt)
			h.d.program.Report(ctx, skipped)
		}
		h.forget(e.Item, nil)
	}
	h.d.program.Report(ctx, r)
}

// isLast reports whether nothing but the batch is known to wait.
func (h *hold) isLast(b *Batch) bool {
	return h.d.cfg.Durable && len(b.items) == h.seen && len(h.retries.list) == 0 && !h.outcome.news && h.lease.Err() == nil
}

// endTurn marks and settles the last batch and gives the lock back, together. It
// reports false if any of it failed: then it is for the caller to go on step by
// step.
func (h *hold) endTurn(b *Batch) bool {
	h.lease.pause()
	depth, err := h.d.turns.EndTurn(context.Background(), state.EndTurn{
		Marks: b.claims(), Mark: markDone, MarkTTL: h.d.cfg.DedupeTTL,
		ThreadID: h.w.key.name, Receipts: b.receipts(), Lock: h.lease.lock,
	})
	if err != nil {
		h.lease.resume()
		return false
	}
	h.lease.markReleased()
	h.lease.endHeartbeat()
	h.released, h.depth = true, depth
	return true
}

// persist writes an outcome, trying again while the lock is held, so
// that a short outage does not make a handled item be handled again.
func (h *hold) persist(write func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		err := write(context.Background())
		if err == nil || errors.Is(err, state.ErrClosed) {
			return err
		}
		timer := time.NewTimer(min(50*time.Millisecond<<min(attempt, 6), 2*time.Second))
		select {
		case <-timer.C:
		case <-h.lease.Context().Done():
			if h.lease.mayWrite() {
				<-timer.C
				continue
			}
			timer.Stop()
			return err
		}
	}
}
