package chat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// runAll runs the batches while the lease holds. It reports true if nothing is
// left to look at.
func (d *drain) runAll(ctx context.Context, conc Concurrency, batches []batch) (bool, error) {
	left := 0
	for i := range batches {
		b := &batches[i]
		if d.held.err() != nil || !d.goesOn() {
			return true, nil
		}
		var err error
		if left, err = d.run(ctx, conc, b); err != nil {
			return true, err
		}
		if !d.lane.owns(d.turn) {
			return true, nil
		}
	}
	return d.ending || left == 0 && !d.lane.hasNews(), nil
}

// run is one turn: it hands a batch to the handlers and settles it by their
// outcome. It returns how many messages are left in the queue.
func (d *drain) run(ctx context.Context, conc Concurrency, b *batch) (int, error) {
	c := d.chat
	it := b.last()
	slot, err := d.takeSlot(ctx, conc, b)
	if err != nil || slot.refused {
		return 1, err // not an attempt
	}
	defer slot.free(ctx)
	if d.suspect || it.foreign && time.Since(it.entry.EnqueuedAt) > c.cfg.Lock.TTL {
		if err := d.countFirst(ctx, b); err != nil {
			return 0, err
		}
	}
	attempt := d.retries.attempt(b)
	if attempt > c.cfg.Retry.MaxAttempts {
		return d.bury(b, attempt-1, 0, errDied)
	}

	o := Observation{
		Adapter: it.adapter.Name(), Thread: it.msg.ThreadID, Message: it.msg.ID,
		Attempt: attempt, Waited: time.Since(it.entry.EnqueuedAt),
	}
	if err := d.held.err(); err != nil {
		return d.conclude(ctx, b, o, false, err) // what was written since the look has taken too long
	}
	if d.answersTooMany(ctx, b) {
		o.Step, o.Reason = StepDropped, "bots answer each other"
		return d.settle(ctx, b, o)
	}
	if d.suspect && it.foreign {
		o.Step = StepRecovered
		c.observe(ctx, o)
	}
	o.Step = StepDequeued
	c.observe(ctx, o)
	d.lane.setCurrent(d.held, it.arrival, conc.isInterruptible())
	d.held.beginTurn()
	b.attempt = d.newAttempt(b)
	kept := d.keepPosted(b)
	start := time.Now()
	called, err := d.call(b, attempt)
	d.lane.clearCurrent(d.held)
	o.Took = time.Since(start)
	kept.end()
	if err == nil {
		caller{c, it.adapter, d.held, b.attempt}.removeRest(d.held.ctx)
		d.countBotAnswer(ctx, b)
		if (attempt > 1 || b.counted) && it.event == nil { // it was tried before
			c.unmarkFailed(it.adapter, it.msg)
		}
	}
	return d.conclude(ctx, b, o, called, err)
}

// call hands the batch to the handlers.
func (d *drain) call(b *batch, attempt int) (bool, error) {
	c, it := d.chat, b.last()
	ctx := it.request.in(d.held.ctx)
	thread := Thread{chat: c, adapter: it.adapter, id: it.msg.ThreadID, ref: it.ref, lease: d.held, attempt: b.attempt}
	if it.event != nil {
		base := it.event.base()
		base.Attempt = attempt
		if base.ThreadID != "" {
			base.Thread = &thread
		}
		base.turn = &eventTurn{caller{c, it.adapter, d.held, b.attempt}}
		return c.handleEvent(ctx, it.adapter, it.event)
	}
	thread.current = it.msg
	turn := &struct { // what lives as long as the event
		event    MessageEvent
		thread   Thread
		welcomed sync.Once
	}{thread: thread}
	ev := &turn.event
	*ev = MessageEvent{Thread: &turn.thread, Message: it.msg, SinceLast: len(b.items), Attempt: attempt, welcomed: &turn.welcomed}
	for _, s := range b.items[:len(b.items)-1] {
		ev.Skipped = append(ev.Skipped, s.msg)
	}
	return c.route(ctx, ev, it.ref.DM, func() (bool, error) {
		return d.takeSubscription(ctx, it.msg.ThreadID)
	})
}

// conclude settles the batch by what its handlers returned.
func (d *drain) conclude(ctx context.Context, b *batch, o Observation, called bool, err error) (int, error) {
	c := d.chat
	if err == nil {
		o.Step = StepHandled
		if !called {
			o.Step, o.Reason = StepIgnored, "no handler"
		}
		return d.settle(ctx, b, o)
	}
	o.Err = err
	switch cause := d.held.err(); {
	case errors.Is(cause, ErrTurnCancelled), errors.Is(err, ErrTurnCancelled): // also where a platform says that the user did
		o.Step = StepCancelled
		return d.settle(ctx, b, o)
	case errors.Is(cause, ErrLockLost):
		// Whoever has the lock now finds the messages in the queue.
		o.Step = StepLockLost
		c.observe(ctx, o)
		return 0, nil
	case errors.Is(cause, ErrShutdown):
		o.Step = StepReleased
		c.observe(ctx, o)
		if len(b.attempt.shown()) == 0 {
			return 0, nil
		}
		d.retries.update(b)
		return 0, d.saveRetries()
	case !d.lane.owns(d.turn) && c.cfg.Durability == DurabilityInbox:
		return 0, nil // the successor has counted the attempt
	}
	if c.cfg.Durability == DurabilityNone || o.Attempt >= c.cfg.Retry.MaxAttempts {
		return d.bury(b, o.Attempt, o.Took, err)
	}
	delay := c.cfg.Retry.delay(o.Attempt)
	o.Step = StepFailed
	c.observe(ctx, o)
	d.retries.postpone(b, o.Attempt, time.Now().Add(delay))
	d.lane.all.mu.Lock()
	for _, it := range b.items {
		it.failed = true
	}
	d.lane.all.mu.Unlock()
	return 1, d.saveRetries()
}

// settle removes the batch from the queue and marks its messages as handled.
func (d *drain) settle(ctx context.Context, b *batch, o Observation) (left int, err error) {
	c := d.chat
	slips := make([]state.Receipt, 0, len(b.items))
	for _, it := range b.items {
		slips = append(slips, it.slip)
	}
	if d.isLast(b) {
		d.ending = true
		if d.endTurn(b, slips) {
			d.reportSettled(ctx, b, o)
			return 0, nil
		}
	}
	err = d.persist(func(ctx context.Context) error {
		// Marked first: a redelivery that finds neither the mark nor the message
		// would be handled again.
		for _, it := range b.items {
			if err := c.confirm(ctx, it.msg); err != nil {
				return err
			}
		}
		left, err = d.inbox.Settle(ctx, d.lane.key, slips...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("chat: settling %q: %w", o.Message, err)
	}
	d.reportSettled(ctx, b, o)
	if d.retries.drop(b) {
		return left, d.saveRetries()
	}
	return left, nil
}

// reportSettled reports a batch that is out of the queue.
func (d *drain) reportSettled(ctx context.Context, b *batch, o Observation) {
	c := d.chat
	for i := range b.items {
		it := &b.items[i]
		if it != b.last() {
			skipped := o
			skipped.Step, skipped.Message, skipped.Waited = StepSkipped, it.msg.ID, time.Since(it.entry.EnqueuedAt)
			c.observe(ctx, skipped)
		}
		d.forget(it, nil)
	}
	c.observe(ctx, o)
}

// isLast reports whether nothing but the batch is known to wait.
func (d *drain) isLast(b *batch) bool {
	return d.chat.cfg.Durability == DurabilityInbox && len(b.items) == d.seen && len(d.retries.list) == 0 &&
		!d.lane.hasNews() && d.held.err() == nil
}

// endTurn marks and settles the last batch and gives the lock back, together. It
// reports false if any of it failed: then it is for the caller to go on step by
// step.
func (d *drain) endTurn(b *batch, slips []state.Receipt) bool {
	marks := make([]string, 0, len(b.items))
	for _, it := range b.items {
		marks = append(marks, dedupeKey(it.msg))
	}
	d.held.pause()
	depth, err := d.chat.turns.EndTurn(context.Background(), state.EndTurn{
		Marks: marks, Mark: dedupeDone, MarkTTL: d.chat.cfg.Storage.DedupeTTL,
		ThreadID: d.lane.key, Receipts: slips, Lock: d.held.lock,
	})
	if err != nil {
		d.held.resume()
		return false
	}
	d.held.markReleased()
	d.held.darken()
	d.end.released, d.end.depth = true, depth
	return true
}

// persist writes the outcome of a turn, trying again while the lock is held, so
// that a short outage does not make a handled message be handled again.
func (d *drain) persist(write func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		err := write(context.Background())
		if err == nil || errors.Is(err, state.ErrClosed) {
			return err
		}
		timer := time.NewTimer(min(50*time.Millisecond<<min(attempt, 6), 2*time.Second))
		select {
		case <-timer.C:
		case <-d.held.ctx.Done():
			if d.held.mayWrite() {
				<-timer.C
				continue
			}
			timer.Stop()
			return err
		}
	}
}

// saveRetries writes down what has to be tried again.
func (d *drain) saveRetries() error {
	return d.persist(func(ctx context.Context) error { return d.retries.save(ctx, d.chat) })
}

// countFirst writes the attempt down before it is made, because the last one may
// have ended with its instance.
func (d *drain) countFirst(ctx context.Context, b *batch) error {
	d.retries.postpone(b, d.retries.attempt(b), time.Time{})
	b.counted = true
	return d.retries.save(ctx, d.chat)
}
