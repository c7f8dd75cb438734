package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
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

// run takes the next batch, or makes batches of what was read, and begins its attempt.
func (h *hold) run(ctx context.Context) State {
	if len(h.batches) == 0 {
		if next, err := h.makeBatches(ctx); err != nil {
			return h.fail(err)
		} else if next != Run {
			return next
		}
	}
	if h.lease.Err() != nil || !h.goesOn() {
		return h.releaseNext()
	}
	b := h.batches[0]
	h.outcome = outcome{}
	taken, err := h.takeSlot(ctx, b)
	if err != nil {
		return h.fail(err)
	}
	if !taken {
		h.rest = 1 // not an attempt
		return h.batchNext()
	}
	e := b.last()
	if h.suspect || e.foreign && time.Since(e.Entry.EnqueuedAt) > h.d.cfg.LockTTL {
		if err := h.countFirst(ctx, b); err != nil {
			return h.fail(err)
		}
	}
	b.Attempt = h.retries.attempt(b)
	h.waited = time.Since(e.Entry.EnqueuedAt)
	if b.Attempt > h.d.cfg.Retry.MaxAttempts {
		h.outcome = outcome{uncalled: true, step: Dead}
		return h.enter(Settle)
	}
	if err := h.lease.Err(); err != nil {
		h.outcome.err = err // what was written since the look has taken too long
		return h.enter(Settle)
	}
	if reason := h.d.program.Refuse(ctx, b); reason != "" {
		h.outcome = outcome{uncalled: true, step: Dropped, reason: reason}
		return h.enter(Settle)
	}
	if h.suspect && e.foreign {
		h.d.program.Report(ctx, Report{Step: Recovered, Item: e.Item, Attempt: b.Attempt, Waited: h.waited})
	}
	h.d.program.Report(ctx, Report{Step: Dequeued, Item: e.Item, Attempt: b.Attempt, Waited: h.waited})
	return h.beginAttempt(b)
}

// beginAttempt enters Running.
func (h *hold) beginAttempt(b *Batch) State {
	now := time.Now()
	h.lease.beginAttempt(now, h)
	b.keeper.begin(b, now)
	w := h.w
	w.shard.mu.Lock()
	defer w.shard.mu.Unlock()
	w.running = running{lease: h.lease, item: b.Last(), since: now, interruptible: h.policy.isInterruptible()}
	w.to(Running)
	return Running
}

// callHandlers makes the attempt.
func (h *hold) callHandlers() State {
	b := h.batches[0]
	begun := b.keeper.begun
	h.outcome.called, h.outcome.err = h.d.program.Run(b)
	h.outcome.took = time.Since(begun)
	if h.endAttempt() {
		return Settle
	}
	ctx := context.Background()
	h.orphan = true
	if _, err := h.conclude(ctx, b); err != nil {
		h.d.log.Warn("state-failed", "key", h.w.key.name, "error", err)
	}
	h.endOrphan(ctx)
	return Idle
}

// endAttempt leaves Running, unless the worker was given to another goroutine.
func (h *hold) endAttempt() bool {
	w := h.w
	w.shard.mu.Lock()
	defer w.shard.mu.Unlock()
	if w.epoch != h.epoch {
		return false
	}
	w.running = running{}
	h.outcome.news = w.woken
	w.to(Settle)
	return true
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
