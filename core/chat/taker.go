package chat

import (
	"context"
	"fmt"
)

// taker is whose handlers would get a message.
type taker struct {
	kind  MessageKind // empty: nobody's
	group *Group      // nil: the bot's own, or nobody's
}

// first returns who is first in the class, which must have handlers.
func (t *handlerTable) first(kind MessageKind) taker {
	return taker{kind: kind, group: t.classes[string(kind)][0].group}
}

// taker returns whose handlers would get the message if it came alone, as route
// does. It asks for the subscription only if a handler depends on it.
func (c *Chat) taker(t *handlerTable, m *Message, dm bool, subscribed func() (bool, error)) (taker, error) {
	if dm && t.has(string(KindDirect)) {
		return t.first(KindDirect), nil
	}
	if t.has(string(KindSubscribed)) {
		yes, err := subscribed()
		if err != nil {
			return taker{}, fmt.Errorf("chat: looking up the subscription: %w", err)
		}
		if yes {
			return t.first(KindSubscribed), nil
		}
	}
	return c.unsubscribedTaker(t, m, dm), nil
}

func (c *Chat) unsubscribedTaker(t *handlerTable, m *Message, dm bool) taker {
	if t.has(string(KindMention)) && (dm || c.isMention(m)) {
		return t.first(KindMention)
	}
	for _, r := range t.classes[string(KindPattern)] {
		if r.pattern.MatchString(m.Text) {
			return taker{kind: KindPattern, group: r.group}
		}
	}
	return taker{}
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
		yes := c.rule(t.first(KindSubscribed).group, m)
		no := c.rule(c.unsubscribedTaker(t, m, ref.DM).group, m)
		if yes.atDelivery() == no.atDelivery() {
			return false, nil
		}
		return c.state.IsSubscribed(ctx, string(m.ThreadID))
	})
	return c.rule(who.group, m), err
}

// atDelivery returns what of the rule matters when a message is delivered.
func (c Concurrency) atDelivery() Concurrency {
	if c.Strategy == StrategyDebounce || c.Strategy == StrategyBurst {
		c.Strategy = StrategyQueue // it is stored like this
	}
	c.Window, c.MaxWait, c.MaxConcurrent = 0, 0, 0
	return c
}
