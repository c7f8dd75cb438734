package chat

import (
	"fmt"
	"regexp"
	"slices"
)

// Group is a part of a bot's message handlers with a rule of its own for messages
// that overlap. It is safe for concurrent use.
//
// The rule of a message is that of the group whose handlers would get it: of the
// first class that fits the message and has any handlers (direct message,
// subscribed, mention, pattern), the handler that was registered first. What no
// group's handler would get has the bot's rule, which is [Config].ConcurrencyFor or
// Config.Concurrency.
//
// Messages of several groups can wait on one lock. Then a call of the handlers gets
// messages of one group only, in the order in which they came, with those between
// them that no handler would get by themselves. A waiting window ends when a message
// of another group comes. A message's group is decided again each time it is looked
// at, as the thread may have been subscribed or unsubscribed since.
//
// Within a group, one handler at a time runs on a thread, and also across groups;
// only the messages of groups with [StrategyConcurrent] are handled beside others.
type Group struct {
	chat    *Chat
	conc    Concurrency
	ordinal int // by creation, from 1
}

// Group returns a new group of message handlers. Fields of the rule that are zero
// have their defaults, not the bot's values. An error is [ErrInvalidConfig].
//
// Where a thread's subscription decides between rules that differ in more than
// Window, MaxWait and MaxConcurrent, each delivery asks the state for it first. The
// instances of a bot must create their groups in the same order for MaxConcurrent to
// hold over all of them.
func (c *Chat) Group(conc Concurrency) (*Group, error) {
	if err := conc.validate(c.cfg.MessageTTL); err != nil {
		return nil, fmt.Errorf("%w: Concurrency.%w", ErrInvalidConfig, err)
	}
	conc.setDefaults()
	return &Group{chat: c, conc: conc, ordinal: c.handlers.newGroup()}, nil
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
	g.chat.handlers.change(func(t *handlerTable) {
		if t.groups == nil {
			t.groups = map[*Group][]Middleware{}
		}
		t.groups[g] = append(slices.Clone(t.groups[g]), m...)
	})
}
