package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// outcome is how an attempt has ended.
type outcome struct {
	called bool // there were handlers
	err    error
	took   time.Duration
	// uncalled says that no handler was called: the batch is settled otherwise.
	uncalled bool
	// step and reason say how, if the attempt was not made.
	step   Step
	reason string
	news   bool // something has arrived meanwhile
}

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

// conclude writes the outcome of a batch. It returns how many entries are left in the
// queue.
func (h *hold) conclude(ctx context.Context, b *Batch) (int, error) {
	d, o := h.d, &h.outcome
	e := b.last()
	r := Report{Item: e.Item, Attempt: b.Attempt, Waited: h.waited, Took: o.took, Err: o.err}
	switch {
	case o.uncalled && o.step == Dead:
		return h.bury(ctx, b, b.Attempt-1, 0, errDied)
	case o.uncalled:
		r.Step, r.Reason = o.step, o.reason
		return h.settleBatch(ctx, b, r)
	}
	b.keeper.end()
	if o.err == nil {
		d.program.Succeeded(ctx, b)
		r.Step = Handled
		if !o.called {
			r.Step, r.Reason = Ignored, "no handler"
		}
		return h.settleBatch(ctx, b, r)
	}
	switch cause := h.lease.Err(); {
	case errors.Is(cause, fault.ErrTurnCancelled), errors.Is(o.err, fault.ErrTurnCancelled): // also where a platform says that the user did
		r.Step = Cancelled
		return h.settleBatch(ctx, b, r)
	case errors.Is(cause, fault.ErrLockLost):
		// Whoever has the lock now finds the items in the queue.
		r.Step = LockLost
		d.program.Report(ctx, r)
		return 0, nil
	case errors.Is(cause, fault.ErrShutdown):
		r.Step = Returned
		d.program.Report(ctx, r)
		if len(b.left()) == 0 {
			return 0, nil
		}
		h.retries.update(b)
		return 0, h.saveRetries()
	case h.orphan && d.cfg.Durable:
		return 0, nil // the successor has counted the attempt
	}
	if !d.cfg.Durable || b.Attempt >= d.cfg.Retry.MaxAttempts {
		return h.bury(ctx, b, b.Attempt, o.took, o.err)
	}
	r.Step = Failed
	d.program.Report(ctx, r)
	h.retries.postpone(b, b.Attempt, time.Now().Add(d.cfg.Retry.delay(b.Attempt)))
	h.w.markFailed(b)
	return 1, h.saveRetries()
}

// markFailed notes that the retry record names the batch's items.
func (w *worker) markFailed(b *Batch) {
	w.shard.mu.Lock()
	defer w.shard.mu.Unlock()
	for _, e := range b.items {
		e.failed = true
	}
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

// forget forgets an item that is settled.
func (h *hold) forget(it *Item, err error) {
	it.Receipt.settle(err)
	h.leave(it)
}

// leave takes an item from those that need no decoding.
func (h *hold) leave(gone *Item) {
	if len(h.local) == 1 && h.local[0] == gone {
		h.local = nil
		return
	}
	kept := make([]*Item, 0, len(h.local))
	for _, it := range h.local {
		if it != gone {
			kept = append(kept, it)
		}
	}
	h.local = kept
}

// batchNext goes on when a batch is done or postponed: with the next one, with another
// look, or by giving the lock back.
func (h *hold) batchNext() State {
	h.batches = h.batches[1:]
	if len(h.batches) > 0 && !h.released {
		return h.enter(Run)
	}
	h.suspect = false
	w := h.w
	w.shard.mu.Lock()
	defer w.shard.mu.Unlock()
	w.owes = false
	switch {
	case h.released:
		w.follow(h.local)
		h.local = nil
		w.to(Depth)
		return Depth
	case h.ending || h.rest == 0 && !w.woken || h.lease.Err() != nil || !h.goesOnLocked():
		return h.releaseLocked()
	}
	h.take()
	w.to(Look)
	return Look
}
