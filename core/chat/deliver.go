package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// deliver takes a message: it claims its id, stores it and wakes the lane that
// will handle it. When it returns nil the message is safe.
func (c *Chat) deliver(ctx context.Context, a Adapter, m *Message) (*Receipt, error) {
	ref, err := c.check(a, m)
	if err != nil {
		return nil, err
	}
	if c.cfg.Storage.DiscardRaw {
		m = withoutRaw(m)
	}
	o := Observation{Step: StepReceived, Adapter: a.Name(), Thread: m.ThreadID, Message: m.ID}
	c.observe(ctx, o)
	if m.Author.Me {
		c.step(ctx, o, StepIgnored, "own message", nil)
		return settledReceipt, nil
	}
	if c.stopping.Load() {
		c.step(ctx, o, StepRejected, "shutting down", ErrShutdown)
		return nil, ErrShutdown
	}
	if err := c.connect(ctx); err != nil {
		c.step(ctx, o, StepRejected, "state not connected", err)
		return nil, err
	}
	foreign, taken, err := c.claimForeign(ctx, a, m)
	switch {
	case err != nil:
		c.step(ctx, o, StepRejected, "claiming the message id failed", err)
		return nil, err
	case taken:
		c.step(ctx, o, StepDuplicate, "a TypeScript instance has it", nil)
		return settledReceipt, nil
	}
	receipt, err := c.take(ctx, a, m, ref, o)
	foreign.end(ctx, err)
	return receipt, err
}

// take claims and stores a message that may be taken.
func (c *Chat) take(ctx context.Context, a Adapter, m *Message, ref ThreadRef, o Observation) (*Receipt, error) {
	conc, err := c.deliveryRule(ctx, m, ref)
	if err != nil {
		c.step(ctx, o, StepRejected, "choosing the strategy failed", err)
		return nil, err
	}
	key := c.lockKey(a, m, ref, conc)
	l, asks := c.lanes.enter(key, !conc.locksAtDelivery())
	arr := newArrival(c, a, m)
	arr.ref = ref
	fresh, held, err := c.claim(ctx, m, l, asks)
	if err != nil || !fresh {
		l.leave(asks, grant{lease: held})
		if err != nil {
			c.step(ctx, o, StepRejected, "claiming the message id failed", err)
			return nil, err
		}
		c.step(ctx, o, StepDuplicate, "", nil)
		return arr.receipt, nil
	}
	depth, dropped, err := c.accept(ctx, l, conc, arr, asks, held)
	o.Depth = depth
	switch {
	case err != nil:
		c.giveUp(ctx, m, err)
		c.step(ctx, o, StepRejected, "storing the message failed", err)
		return nil, err
	case dropped != "":
		if err := c.confirm(context.WithoutCancel(ctx), m); err != nil {
			c.log.WarnContext(ctx, "dedupe-confirm-failed", "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
		}
		arr.receipt.settle(nil)
		c.step(ctx, o, StepDropped, dropped, nil)
		return arr.receipt, nil
	}
	c.step(ctx, o, StepAccepted, "", nil)
	return arr.receipt, nil
}

// step reports what became of a delivery.
func (c *Chat) step(ctx context.Context, o Observation, s Step, reason string, err error) {
	o.Step, o.Reason, o.Err = s, reason, err
	c.observe(ctx, o)
}

func (c *Chat) check(a Adapter, m *Message) (ThreadRef, error) {
	switch {
	case m == nil:
		return ThreadRef{}, fmt.Errorf("%w: message is nil", ErrInvalidArgument)
	case m.ID == "":
		return ThreadRef{}, fmt.Errorf("%w: message.ID is empty", ErrInvalidArgument)
	case m.ThreadID.Adapter() != a.Name():
		return ThreadRef{}, fmt.Errorf("%w: message.ThreadID %q does not start with the adapter's name %q", ErrInvalidArgument, m.ThreadID, a.Name())
	}
	if m.SentAt.IsZero() {
		m.SentAt = time.Now()
	}
	c.adopt(a, m)
	return a.DecodeThreadID(m.ThreadID)
}

// accept stores the message and hands it to its lane, with the lock if there is
// one. It returns why the message was dropped, if it was.
func (c *Chat) accept(ctx context.Context, l *lane, conc Concurrency, arr *arrival, asked bool, held *lease) (depth int, dropped string, err error) {
	g := grant{lease: held}
	if err = arr.encode(c.messageTTL(conc)); err != nil {
		l.leave(asked, g)
		return 0, "", err
	}
	if conc.locksAtDelivery() {
		conc, g.lease, dropped, err = c.lockOrDecide(ctx, l.key, conc, arr.msg)
	}
	if err == nil && dropped == "" {
		depth, dropped, err = c.store(ctx, l.key, conc, arr, &g)
	}
	if err != nil || dropped != "" {
		l.leave(asked, g)
		return depth, dropped, err
	}
	// Kept before the lane can see the message, so that its answers come after it.
	c.keepIncoming(ctx, arr.adapter, arr.ref, arr.msg)
	arr.start(ctx, l.key)
	l.arrive(arr, asked, g)
	if conc.Interrupt {
		c.lanes.cancel(arr.msg.ThreadID, arr.entry.EnqueuedAt, ErrTurnCancelled, true)
		return depth, "", c.publishCancel(ctx, arr.msg.ThreadID, true)
	}
	return depth, "", nil
}

// store puts the message into the inbox, within the queue's bound.
func (c *Chat) store(ctx context.Context, key string, conc Concurrency, arr *arrival, g *grant) (depth int, dropped string, err error) {
	if c.cfg.Durability == DurabilityNone && conc.Strategy != StrategyDrop {
		return c.storeVolatile(ctx, key, conc, arr)
	}
	depth, err = c.put(ctx, key, arr, g)
	if err == nil && depth > conc.bound() && c.cfg.Durability == DurabilityInbox {
		dropped, err = c.full(ctx, key, conc, arr, depth)
	}
	return depth, dropped, err
}

// put stores the arrival. For a lane that has the lock it looks at the queue as
// well, unless looking would empty it.
func (c *Chat) put(ctx context.Context, key string, arr *arrival, g *grant) (int, error) {
	if g.lease == nil || c.cfg.Durability == DurabilityNone {
		return c.inbox.Accept(ctx, key, arr.entry, 0)
	}
	req := state.AcceptTurn{ThreadID: key, Entry: arr.entry}
	if c.asksSubscription(arr) {
		req.Subscription = string(arr.msg.ThreadID)
	}
	req.Keys = c.signKeys(&arr.signs, key)
	out, err := c.turns.AcceptTurn(ctx, req)
	if err == nil && out.Looked {
		g.looked, g.waiting = true, out.Waiting
		g.signs = newSigns(req.Keys, out.Found)
		if req.Subscription != "" {
			g.subscribed = subscription{arr.msg.ThreadID, here(out.Subscribed, nil)}
		}
	}
	return out.Depth, err
}

// storeVolatile is store where looking at the queue would empty it: the bound is
// asked for first, so concurrent messages can exceed it by their number.
func (c *Chat) storeVolatile(ctx context.Context, key string, conc Concurrency, arr *arrival) (int, string, error) {
	// Trimming would drop the messages of other groups too, so there it is left to
	// the lane.
	grouped := c.handlers.table.Load().isGrouped()
	if conc.OnFull != FullDropOldest || grouped {
		depth, err := c.state.QueueDepth(ctx, key)
		switch {
		case err != nil:
			return 0, "", err
		case depth < conc.bound():
		case conc.OnFull == FullDropNewest:
			return depth, "queue full", nil
		default:
			return depth, "", fmt.Errorf("%w: %d messages wait on %q", ErrBusy, depth, key)
		}
		depth, err = c.inbox.Accept(ctx, key, arr.entry, 0)
		return depth, "", err
	}
	depth, err := c.inbox.Accept(ctx, key, arr.entry, 0)
	if err == nil && depth > conc.MaxQueueSize {
		err = c.dropOldest(ctx, key, arr)
	}
	return depth, "", err
}

// dropOldest takes the oldest message out of the queue, with a report. The new one
// stays, also if a lane has taken the others meanwhile.
func (c *Chat) dropOldest(ctx context.Context, key string, fresh *arrival) error {
	oldest, err := c.state.Dequeue(ctx, key)
	if err != nil {
		if errors.Is(err, state.ErrQueueEmpty) {
			return nil
		}
		return err
	}
	if string(oldest.Message) == string(fresh.entry.Message) {
		_, err = c.inbox.Accept(ctx, key, *oldest, 0)
		return err
	}
	m, err := c.decodeMessage(oldest.Message)
	if err != nil {
		c.log.WarnContext(ctx, "entry-unreadable", "key", key, "error", err)
		return nil
	}
	c.observe(ctx, Observation{
		Step: StepDropped, Adapter: m.ThreadID.Adapter(), Thread: m.ThreadID, Message: m.ID,
		Reason: "queue full", Waited: time.Since(oldest.EnqueuedAt),
	})
	return c.confirm(ctx, m)
}

// full takes a message out again that has found its queue full. Asking after
// storing keeps the bound without a race that could trim another message.
func (c *Chat) full(ctx context.Context, key string, conc Concurrency, arr *arrival, depth int) (string, error) {
	entries, err := c.inbox.Waiting(ctx, key)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(entries, func(e state.WaitingEntry) bool { return string(e.Message) == string(arr.entry.Message) })
	if at < conc.MaxQueueSize {
		// There is room again: the message may be at a handler already, or done.
		return "", nil
	}
	if before, err := c.ahead(ctx, key, arr, entries[:at]); err != nil || before < conc.bound() {
		return "", err
	}
	if _, err := c.inbox.Settle(ctx, key, entries[at].Receipt); err != nil {
		return "", err
	}
	if conc.OnFull == FullDropNewest {
		return "queue full", nil
	}
	return "", fmt.Errorf("%w: %d messages wait on %q", ErrBusy, depth, key)
}

// lockKey names what is locked for the message, which is also where it waits.
func (c *Chat) lockKey(a Adapter, m *Message, ref ThreadRef, conc Concurrency) string {
	scope := ScopeThread
	if s, ok := a.(LockScoper); ok {
		scope = s.LockScope()
	}
	if c.cfg.Lock.Scope != nil {
		scope = c.cfg.Lock.Scope(m)
	}
	key := string(m.ThreadID)
	if scope == ScopeChannel {
		key = string(channelID(a, ref))
	}
	if conc.Strategy == StrategyConcurrent {
		key = messageKey(key, m.ID)
	}
	return key
}
