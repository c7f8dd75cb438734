package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// delivery is one item on its way into its queue: it is claimed, the lock is asked for
// if the worker was idle, the item is stored and the queue is read, in one trip where the
// policy allows that, and the item arrives at its worker.
type delivery struct {
	*Item
	d      *Dispatcher
	w      *worker
	policy *Policy
	// opens says that this delivery found the worker idle, and asks for its lock.
	opens bool
	grant grant
	// stored says that the item was stored with its claim; depth is how many waited then.
	stored bool
	depth  int
	// sent is when the item was sent to be stored.
	sent time.Time
}

// grant is a lock that a delivery has taken for its worker, with what it has seen in the
// queue, if it has read it.
type grant struct {
	lease *Lease

	looked     bool
	waiting    []state.WaitingEntry
	subscribed subscription
	signs      signs
}

// subscription is the answer to whether a topic is subscribed, asked for while
// something else is. Its zero value is of no topic.
type subscription struct {
	topic  string
	answer answer[bool]
}

// Accept takes an item: it claims it, stores it and wakes the worker that will handle
// it. When it returns nil the item is safe, or needs no handling. A policy of nil is that
// of an event, whose queue is its own.
func (d *Dispatcher) Accept(ctx context.Context, key Key, it *Item, policy *Policy) error {
	if policy == nil {
		policy = eventPolicy
	}
	x := delivery{Item: it, d: d, policy: policy}
	x.w, x.opens = d.pool.enter(key, !policy.locksAtDelivery())
	fresh, err := x.claim(ctx)
	switch {
	case err != nil:
		x.w.leave(&x)
		return x.reject(ctx, "claiming the message id failed", err)
	case !fresh:
		x.w.leave(&x)
		d.program.Report(ctx, Report{Step: Duplicate, Item: it})
		return nil
	}
	dropped, err := x.accept(ctx)
	switch {
	case err != nil:
		x.giveUp(ctx, err)
		return x.reject(ctx, "storing the message failed", err)
	case dropped != "":
		if err := d.markHandled(context.WithoutCancel(ctx), it); err != nil {
			d.log.WarnContext(ctx, "dedupe-confirm-failed", "key", key.name, "message", it.ID, "error", err)
		}
		it.Receipt.settle(nil)
		d.program.Report(ctx, Report{Step: Dropped, Item: it, Depth: x.depth, Reason: dropped})
		return nil
	}
	d.program.Report(ctx, Report{Step: Accepted, Item: it, Depth: x.depth})
	return nil
}

// reject reports an item that could not be taken, and returns the error.
func (x *delivery) reject(ctx context.Context, reason string, err error) error {
	x.d.program.Report(ctx, Report{Step: Rejected, Item: x.Item, Depth: x.depth, Reason: reason, Err: err})
	return err
}

// accept stores the item, unless that is done, and hands it to its worker, with the lock
// if there is one. It returns why the item was dropped, if it was.
func (x *delivery) accept(ctx context.Context) (dropped string, err error) {
	interrupts := x.policy.Interrupt
	if x.policy.locksAtDelivery() {
		interrupts, dropped, err = x.lockOrDecide(ctx)
	}
	if err == nil && dropped == "" {
		dropped, err = x.store(ctx)
	}
	if err != nil || dropped != "" {
		x.w.leave(x)
		return dropped, err
	}
	// Told before the worker can see the item, so that its answers come after it.
	x.d.program.Stored(ctx, x.w.key, x.Item)
	x.w.arrive(x)
	if interrupts {
		return "", x.d.interrupt(ctx, x.Topic, x.sent)
	}
	return "", nil
}

// lockOrDecide takes the lock for the item, or decides what becomes of it without: it is
// dropped if that returns why, else it waits, and may interrupt what runs.
func (x *delivery) lockOrDecide(ctx context.Context) (interrupts bool, dropped string, err error) {
	x.grant.lease, err = x.d.leases.acquire(ctx, x.w.key)
	if !errors.Is(err, state.ErrLocked) {
		return x.policy.Interrupt, "", err
	}
	decision := Discard
	if x.policy.Decide != nil {
		if decision, err = x.policy.Decide(ctx, x.Item); err != nil {
			return false, "", err
		}
	}
	if decision == Discard {
		return false, "a handler is running", nil
	}
	return decision == Interrupt || x.policy.Interrupt, "", nil
}

// store puts the item into the inbox, within the queue's bound.
func (x *delivery) store(ctx context.Context) (dropped string, err error) {
	bounded := x.w.key.kind != Event
	if bounded && !x.d.cfg.Durable && x.policy.Mode != Drop {
		return x.storeVolatile(ctx)
	}
	if !x.stored {
		if err = x.put(ctx); err != nil {
			return "", err
		}
	}
	if bounded && x.depth > x.policy.bound() && x.d.cfg.Durable {
		return x.makeRoom(ctx)
	}
	return "", nil
}

// put stores the item. For a worker that has the lock it reads the queue as well, unless
// reading would empty it.
func (x *delivery) put(ctx context.Context) (err error) {
	x.sent = time.Now()
	if x.grant.lease == nil || !x.d.cfg.Durable {
		x.depth, err = x.d.inbox.Accept(ctx, x.w.key.name, x.Entry, 0)
		return err
	}
	out, err := x.d.turns.AcceptTurn(ctx, x.request())
	if err == nil {
		x.noteStored(&out)
	}
	return err
}
