package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// deliver takes a message: it finds out under which key and rule, and gives it to the
// dispatcher. When it returns nil the message is safe.
func (h *host) deliver(ctx context.Context, m *Message) (*Receipt, error) {
	c, a := h.chat, h.adapter
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
		c.observe(ctx, o.as(StepIgnored, "own message", nil))
		return settledReceipt, nil
	}
	if c.stopping.Load() {
		c.observe(ctx, o.as(StepRejected, "shutting down", ErrShutdown))
		return nil, ErrShutdown
	}
	if err := c.connect(ctx); err != nil {
		c.observe(ctx, o.as(StepRejected, "state not connected", err))
		return nil, err
	}
	foreign, taken, err := c.claimForeign(ctx, a, m)
	switch {
	case err != nil:
		c.observe(ctx, o.as(StepRejected, "claiming the message id failed", err))
		return nil, err
	case taken:
		c.observe(ctx, o.as(StepDuplicate, "a TypeScript instance has it", nil))
		return settledReceipt, nil
	}
	rule, err := c.deliveryRule(ctx, m, ref)
	if err != nil {
		c.observe(ctx, o.as(StepRejected, "choosing the strategy failed", err))
		foreign.end(ctx, err)
		return nil, err
	}
	arr := c.newArrival(a, m, ref)
	if err = arr.encode(rule.messageTTL); err != nil {
		c.observe(ctx, o.as(StepRejected, "encoding the message failed", err))
	} else {
		arr.receipt.item.Init(c.dispatcher, &arr.Item)
		err = c.dispatcher.Accept(ctx, c.lockKey(arr, rule), &arr.Item, &rule.policy)
	}
	foreign.end(ctx, err)
	if err != nil {
		return nil, err
	}
	return &arr.receipt, nil
}

// as returns the observation of another step.
func (o Observation) as(step Step, reason string, err error) Observation {
	o.Step, o.Reason, o.Err = step, reason, err
	return o
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

// lockKey returns what is locked for the message, which is also where it waits.
func (c *Chat) lockKey(arr *arrival, rule *rule) dispatch.Key {
	scope := ScopeThread
	if s, ok := arr.adapter.(LockScoper); ok {
		scope = s.LockScope()
	}
	if c.cfg.Lock.Scope != nil {
		scope = c.cfg.Lock.Scope(arr.msg)
	}
	key := dispatch.ConversationKey(arr.Topic)
	if scope == ScopeChannel {
		key = dispatch.ConversationKey(string(channelID(arr.adapter, arr.ref)))
	}
	if rule.conc.Strategy == StrategyConcurrent {
		key = key.Single(arr.ID)
	}
	return key
}
