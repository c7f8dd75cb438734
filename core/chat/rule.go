package chat

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// rule is a Concurrency in use.
type rule struct {
	conc       Concurrency
	policy     dispatch.Policy
	messageTTL time.Duration // how long a message of the rule may wait
}

// The dispatcher's names for these have the same numbers.
var (
	_ = [1]struct{}{}[int(StrategyConcurrent)-int(dispatch.Concurrent)]
	_ = [1]struct{}{}[int(FullDropNewest)-int(dispatch.DropNewest)]
	_ = [1]struct{}{}[int(ConflictInterrupt)-int(dispatch.Interrupt)]
)

// newRule takes a Concurrency with its defaults.
func (c *Chat) newRule(conc Concurrency) *rule {
	r := &rule{conc: conc, messageTTL: c.cfg.Storage.MessageTTL, policy: dispatch.Policy{
		Mode: dispatch.Mode(conc.Strategy), Window: conc.Window, MaxWait: conc.MaxWait,
		MaxQueue: conc.MaxQueueSize, OnFull: dispatch.Full(conc.OnFull), MaxConcurrent: conc.MaxConcurrent, Interrupt: conc.Interrupt,
	}}
	if conc.MessageTTL > 0 {
		r.messageTTL = min(conc.MessageTTL, r.messageTTL)
	}
	if conc.OnLockConflict != nil {
		r.policy.Decide = func(ctx context.Context, it *dispatch.Item) (dispatch.Conflict, error) {
			decision, err := program{c}.decide(ctx, conc, arrivalOf(it).msg)
			return dispatch.Conflict(decision), err
		}
	}
	return r
}

// ruleFor returns the rule for a message that belongs to no group.
func (c *Chat) ruleFor(m *Message) *rule {
	if c.cfg.ConcurrencyFor == nil {
		return c.rule
	}
	conc := c.cfg.ConcurrencyFor(m)
	conc.setDefaults()
	return c.newRule(conc)
}

// taker is whose handlers would get a message.
type taker struct {
	kind  MessageKind // empty: nobody's
	group *Group      // nil: the bot's own, or nobody's
}

// first returns who is first in the class, which must have handlers.
func (t *handlerTable) first(kind MessageKind) taker {
	return taker{kind: kind, group: t.classes[string(kind)][0].group}
}

// taker returns whose handlers would get the message if it came alone.
func (t *handlerTable) taker(m *Message, dm, mentioned bool, subscribed func() (bool, error)) (taker, error) {
	kind, err := t.class(dm, subscribed, func() bool { return mentioned })
	if err != nil {
		return taker{}, err
	}
	if kind != KindPattern {
		return t.first(kind), nil
	}
	for _, r := range t.classes[string(KindPattern)] {
		if r.pattern.MatchString(m.Text) {
			return taker{kind: KindPattern, group: r.group}, nil
		}
	}
	return taker{}, nil
}

// deliveryRule returns the rule for a message that is being delivered, at least in
// what matters then.
func (c *Chat) deliveryRule(ctx context.Context, m *Message, ref ThreadRef) (*rule, error) {
	t := c.handlers.table.Load()
	if !t.isGrouped() {
		return c.ruleFor(m), nil
	}
	ruleOf := func(group *Group) *rule {
		if group != nil {
			return group.rule
		}
		return c.ruleFor(m)
	}
	mentioned := c.isMention(m)
	who, err := t.taker(m, ref.DM, mentioned, func() (bool, error) {
		other, err := t.taker(m, ref.DM, mentioned, func() (bool, error) { return false, nil })
		yes, no := ruleOf(t.first(KindSubscribed).group), ruleOf(other.group)
		if err != nil || yes.conc.deliversAs(no.conc) {
			return false, err
		}
		return c.state.IsSubscribed(ctx, string(m.ThreadID))
	})
	return ruleOf(who.group), err
}

// deliversAs reports whether the delivery of a message is the same by both rules.
func (c Concurrency) deliversAs(other Concurrency) bool {
	return c.OnLockConflict == nil && other.OnLockConflict == nil && c.stored() == other.stored() && c.Interrupt == other.Interrupt &&
		c.MaxQueueSize == other.MaxQueueSize && c.OnFull == other.OnFull && c.MessageTTL == other.MessageTTL
}

// stored returns the strategy by which a message is stored.
func (c Concurrency) stored() Strategy {
	if c.Strategy == StrategyDebounce || c.Strategy == StrategyBurst {
		return StrategyQueue
	}
	return c.Strategy
}
