package chat

import (
	"fmt"
	"regexp"
	"slices"
)

// Group is a part of a bot's message handlers with a rule of its own for messages
// that overlap. It is safe for concurrent use.
//
// A message belongs to the group whose handlers would get it if it came alone. If
// the first class that fits it (direct message, subscribed, mention, pattern) has
// handlers of several groups, all are called, and the rule is that of the one that
// was registered first. A message that no group's handlers would get has the bot's
// rule, which is Config.ConcurrencyFor or Config.Concurrency. A group without
// handlers changes nothing.
//
// One handler at a time runs on a thread, whatever its group. Only messages with
// [StrategyConcurrent] are handled at the same time as others. Messages of several
// groups that wait for a thread are handled in the order in which they came. Each call
// of the handlers gets messages of one group, and with them those that no handler would
// get. A waiting window ends when a message of another group comes. Under
// [ScopeChannel] all this holds for the channel, and the groups take turns.
//
// The group is found again each time a message is looked at, because its thread may
// have been subscribed since, or the bot restarted with other groups. So a message
// that was delivered under [StrategyConcurrent] may be queued in the end. One that was
// queued and is [StrategyConcurrent] in the end is handled by itself, in its turn.
type Group struct {
	chat    *Chat
	rule    *rule
	ordinal int // by creation, from 1
}

// Group returns a new group of message handlers. Fields of the rule that are zero
// have their defaults, not the bot's values. An error is [ErrInvalidConfig].
//
// Where a message's rule depends on its thread's subscription, the state is asked for
// that at the delivery too, unless both rules store the message alike:
// [StrategyQueue], [StrategyDebounce] and [StrategyBurst] do, with the same bounds.
// For MaxConcurrent to hold over all instances they must create their groups in the
// same order.
func (c *Chat) Group(conc Concurrency) (*Group, error) {
	if err := conc.validate(c.cfg.Storage.MessageTTL); err != nil {
		return nil, fmt.Errorf("%w: Concurrency.%w", ErrInvalidConfig, err)
	}
	conc.setDefaults()
	return &Group{chat: c, rule: c.newRule(conc), ordinal: c.handlers.newGroup()}, nil
}

// OnDirectMessage is [Chat.OnDirectMessage] for a handler of the group.
func (g *Group) OnDirectMessage(h MessageHandler) *Registration {
	return g.chat.handlers.addMessage(g, KindDirect, nil, h)
}

// OnSubscribedMessage is [Chat.OnSubscribedMessage] for a handler of the group.
func (g *Group) OnSubscribedMessage(h MessageHandler) *Registration {
	return g.chat.handlers.addMessage(g, KindSubscribed, nil, h)
}

// OnMention is [Chat.OnMention] for a handler of the group.
func (g *Group) OnMention(h MessageHandler) *Registration {
	return g.chat.handlers.addMessage(g, KindMention, nil, h)
}

// OnMessage is [Chat.OnMessage] for a handler of the group.
func (g *Group) OnMessage(pattern *regexp.Regexp, h MessageHandler) *Registration {
	return g.chat.handlers.addMessage(g, KindPattern, pattern, h)
}

// Use wraps the handlers of the group, within what [Chat.Use] adds. The first one
// added is the outermost.
func (g *Group) Use(m ...Middleware) {
	mustBeMiddleware(m)
	g.chat.handlers.change(func(t *handlerTable) {
		if t.groups == nil {
			t.groups = map[*Group][]Middleware{}
		}
		t.groups[g] = append(slices.Clone(t.groups[g]), m...)
	})
}
