package chat

import "context"

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
func (c *Chat) taker(t *handlerTable, m *Message, dm bool, subscribed func() (bool, error)) (taker, error) {
	kind, err := t.class(dm, subscribed, func() bool { return c.isMention(m) })
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

// rule returns the rule for a message of the group.
func (c *Chat) rule(group *Group, m *Message) Concurrency {
	if group != nil {
		return group.conc
	}
	return c.concurrency(m)
}

// deliveryRule returns the rule for a message that is being delivered, at least in
// what matters then.
func (c *Chat) deliveryRule(ctx context.Context, m *Message, ref ThreadRef) (Concurrency, error) {
	t := c.handlers.table.Load()
	if !t.isGrouped() {
		return c.concurrency(m), nil
	}
	who, err := c.taker(t, m, ref.DM, func() (bool, error) {
		other, err := c.taker(t, m, ref.DM, func() (bool, error) { return false, nil })
		yes, no := c.rule(t.first(KindSubscribed).group, m), c.rule(other.group, m)
		if err != nil || yes.deliversAs(no) {
			return false, err
		}
		return c.state.IsSubscribed(ctx, string(m.ThreadID))
	})
	return c.rule(who.group, m), err
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
