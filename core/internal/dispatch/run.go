package dispatch

import (
	"context"
	"time"
)

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
	h.lease.beginAttempt(now, h.w)
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
