package dispatch

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/state"
)

// delivery is one item on its way into its queue: it is claimed, the lock is asked for
// if the worker was idle, the item is stored and the queue is read, and the item arrives
// at its worker.
type delivery struct {
	*Item
	d      *Dispatcher
	w      *worker
	policy *Policy
	// opens says that this delivery found the worker idle, and asks for its lock.
	opens bool
	grant grant
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
// it. encode makes the item's entry, once it is known that it is no duplicate. When it
// returns nil the item is safe, or needs no handling. A policy of nil is that of an
// event, whose queue is its own.
func (d *Dispatcher) Accept(ctx context.Context, key Key, it *Item, policy *Policy, encode func() error) error {
	event := policy == nil
	if event {
		policy = eventPolicy
	}
	x := delivery{Item: it, d: d, policy: policy}
	x.w, x.opens = d.pool.enter(key, !policy.locksAtDelivery())
	fresh, err := x.claim(ctx)
	if err != nil || !fresh {
		x.w.leave(&x)
		if err != nil {
			d.program.Report(ctx, Report{Step: Rejected, Item: it, Reason: "claiming the message id failed", Err: err})
			return err
		}
		d.program.Report(ctx, Report{Step: Duplicate, Item: it})
		return nil
	}
	depth, dropped, err := x.accept(ctx, encode)
	switch {
	case err != nil:
		x.giveUp(ctx, err)
		d.program.Report(ctx, Report{Step: Rejected, Item: it, Depth: depth, Reason: "storing the message failed", Err: err})
		return err
	case dropped != "":
		if err := d.markHandled(context.WithoutCancel(ctx), it); err != nil {
			d.log.WarnContext(ctx, "dedupe-confirm-failed", "key", key.name, "message", it.ID, "error", err)
		}
		it.Receipt.settle(nil)
		d.program.Report(ctx, Report{Step: Dropped, Item: it, Depth: depth, Reason: dropped})
		return nil
	}
	d.program.Report(ctx, Report{Step: Accepted, Item: it, Depth: depth})
	return nil
}

// accept stores the item and hands it to its worker, with the lock if there is one. It
// returns why the item was dropped, if it was.
func (x *delivery) accept(ctx context.Context, encode func() error) (depth int, dropped string, err error) {
	interrupts := x.policy.Interrupt
	if err = encode(); err == nil && x.policy.locksAtDelivery() {
		interrupts, dropped, err = x.lockOrDecide(ctx)
	}
	if err == nil && dropped == "" {
		depth, dropped, err = x.store(ctx)
	}
	if err != nil || dropped != "" {
		x.w.leave(x)
		return depth, dropped, err
	}
	// Told before the worker can see the item, so that its answers come after it.
	x.d.program.Stored(ctx, x.w.key, x.Item)
	x.w.arrive(x)
	if interrupts {
		return depth, "", x.d.interrupt(ctx, x.Topic, x.Entry.EnqueuedAt)
	}
	return depth, "", nil
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
func (x *delivery) store(ctx context.Context) (depth int, dropped string, err error) {
	if x.w.key.kind == Event {
		depth, err = x.put(ctx)
		return depth, "", err
	}
	if !x.d.cfg.Durable && x.policy.Mode != Drop {
		return x.storeVolatile(ctx)
	}
	depth, err = x.put(ctx)
	if err == nil && depth > x.policy.bound() && x.d.cfg.Durable {
		dropped, err = x.makeRoom(ctx, depth)
	}
	return depth, dropped, err
}

// put stores the item. For a worker that has the lock it reads the queue as well, unless
// reading would empty it.
func (x *delivery) put(ctx context.Context) (int, error) {
	d, g := x.d, &x.grant
	if g.lease == nil || !d.cfg.Durable {
		return d.inbox.Accept(ctx, x.w.key.name, x.Entry, 0)
	}
	req := state.AcceptTurn{ThreadID: x.w.key.name, Entry: x.Entry, Subscription: x.Subscription}
	req.Keys = d.signKeys(&x.Item.heartbeat, x.w.key)
	out, err := d.turns.AcceptTurn(ctx, req)
	if err == nil && out.Looked {
		g.looked, g.waiting = true, out.Waiting
		g.signs = newSigns(req.Keys, out.Found)
		if req.Subscription != "" {
			g.subscribed = subscription{x.Topic, known(out.Subscribed, nil)}
		}
	}
	return out.Depth, err
}
