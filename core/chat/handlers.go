package chat

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// MessageHandler handles a message. Its context ends, with a cause, when the
// turn must stop. An error or a panic makes the bot try the message again later;
// nil settles it.
type MessageHandler func(ctx context.Context, ev *MessageEvent) error

// Handler handles any event; middleware wraps it.
type Handler func(ctx context.Context, ev Event) error

// Middleware wraps all handlers of a bot, or of a [Group].
type Middleware func(next Handler) Handler

// Registration is a registered handler.
type Registration struct {
	handlers *handlers
	group    *Group // nil for the bot's own
	class    string
	handle   Handler
	pattern  *regexp.Regexp   // for messages; nil matches all
	accepts  func(Event) bool // for other events; nil accepts all
}

// Remove unregisters the handler. A turn that runs already still calls it.
// Calling it again changes nothing.
func (r *Registration) Remove() {
	r.handlers.change(func(t *handlerTable) {
		t.classes[r.class] = slices.DeleteFunc(slices.Clone(t.classes[r.class]), func(x *Registration) bool { return x == r })
	})
}

// handlers is read on every message and rarely changed: a change replaces the
// table.
type handlers struct {
	mu     sync.Mutex
	table  atomic.Pointer[handlerTable]
	groups int // that were made
}

type handlerTable struct {
	classes    map[string][]*Registration // by Event.EventName
	middleware []Middleware
	groups     map[*Group][]Middleware
	grouped    bool // a handler of a group is among them
}

// isEmpty reports whether no handler is registered.
func (t *handlerTable) isEmpty() bool {
	if t == nil {
		return true
	}
	for _, class := range t.classes {
		if len(class) > 0 {
			return false
		}
	}
	return true
}

func (t *handlerTable) isGrouped() bool { return t != nil && t.grouped }

func (t *handlerTable) has(class string) bool { return len(t.of(class)) > 0 }

// of returns the handlers of the class, in the order of their registration.
func (t *handlerTable) of(class string) []*Registration {
	if t == nil {
		return nil
	}
	return t.classes[class]
}

func (h *handlers) change(f func(*handlerTable)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := &handlerTable{classes: map[string][]*Registration{}}
	if old := h.table.Load(); old != nil {
		next.middleware, next.groups = slices.Clone(old.middleware), maps.Clone(old.groups)
		maps.Copy(next.classes, old.classes)
	}
	f(next)
	for _, class := range next.classes {
		next.grouped = next.grouped || slices.ContainsFunc(class, func(r *Registration) bool { return r.group != nil })
	}
	h.table.Store(next)
}

func (h *handlers) add(r *Registration) *Registration {
	r.handlers = h
	h.change(func(t *handlerTable) { t.classes[r.class] = append(slices.Clone(t.classes[r.class]), r) })
	return r
}

func (h *handlers) newGroup() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.groups++
	return h.groups
}

func mustNotBeNil(isNil bool, what string) {
	if isNil {
		panic("chat: " + what + " is nil")
	}
}

// mustBeCallable panics if no event of the class can have one of the wanted values.
func mustBeCallable(class string, wanted []string) {
	for _, w := range wanted {
		switch {
		case class == eventApproval: // a request may have no name
		case strings.Trim(w, "/") == "":
			panic(fmt.Sprintf("chat: a handler of %s events for %q is never called: want no argument for all, or what names them", class, w))
		case isReserved(w) && class == eventAction:
			panic(fmt.Sprintf("chat: a handler of action events for %q is never called: ids that start with %q are the bot's own; the outcome of RequestApproval goes to OnApproval", w, reservedPrefix))
		}
	}
}

func mustBeMiddleware(all []Middleware) {
	for i, m := range all {
		mustNotBeNil(m == nil, fmt.Sprintf("middleware %d", i))
	}
}

func (h *handlers) addMessage(g *Group, kind MessageKind, pattern *regexp.Regexp, handle MessageHandler) *Registration {
	mustNotBeNil(handle == nil, "the handler")
	mustNotBeNil(kind == KindPattern && pattern == nil, "the pattern")
	return h.add(&Registration{group: g, class: string(kind), pattern: pattern, handle: func(ctx context.Context, ev Event) error {
		return handle(ctx, ev.(*MessageEvent))
	}})
}

// OnDirectMessage registers a handler for messages in direct conversations. It
// takes precedence over all others. Without any, a direct message counts as a
// mention.
func (c *Chat) OnDirectMessage(h MessageHandler) *Registration {
	return c.handlers.addMessage(nil, KindDirect, nil, h)
}

// OnSubscribedMessage registers a handler for messages in threads that the bot
// is subscribed to.
func (c *Chat) OnSubscribedMessage(h MessageHandler) *Registration {
	return c.handlers.addMessage(nil, KindSubscribed, nil, h)
}

// OnMention registers a handler for messages that mention the bot in threads
// that it is not subscribed to.
func (c *Chat) OnMention(h MessageHandler) *Registration {
	return c.handlers.addMessage(nil, KindMention, nil, h)
}

// OnMessage registers a handler for any other message whose text matches the
// pattern. All that match are called.
func (c *Chat) OnMessage(pattern *regexp.Regexp, h MessageHandler) *Registration {
	return c.handlers.addMessage(nil, KindPattern, pattern, h)
}

// Use wraps all handlers, those registered already too. The first one added is
// the outermost.
func (c *Chat) Use(m ...Middleware) {
	mustBeMiddleware(m)
	c.handlers.change(func(t *handlerTable) { t.middleware = append(t.middleware, m...) })
}
