package chat

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// router finds and calls the handlers of a bot.
type router struct{ chat *Chat }

// route calls the handlers of the first class that fits the event's message and
// has any: direct message, subscribed, mention, pattern. It reports whether a
// handler was called.
func (rt router) route(ctx context.Context, ev *MessageEvent, dm bool, subscribed func() (bool, error)) (bool, error) {
	table := rt.chat.handlers.table.Load()
	if table == nil {
		return false, nil
	}
	kind, err := table.class(dm, subscribed, func() bool { return rt.anyMention(ev) })
	if err != nil {
		return false, err
	}
	if kind != KindPattern {
		return true, rt.callHandlers(ctx, table, kind, ev)
	}
	called := false
	for _, r := range table.classes[string(KindPattern)] {
		match := r.pattern.FindStringSubmatch(ev.Message.Text)
		if match == nil {
			continue
		}
		called = true
		own := *ev
		own.Kind, own.Match = KindPattern, match
		if err := rt.callHandler(ctx, table, r, &own); err != nil {
			return true, err
		}
	}
	return called, nil
}

// class returns the first class that fits a message and has any handlers: direct
// message, subscribed, mention; else KindPattern, where each handler has to be
// asked. It asks for the subscription only if a handler depends on it.
func (t *handlerTable) class(dm bool, subscribed func() (bool, error), mentioned func() bool) (MessageKind, error) {
	if dm && t.has(string(KindDirect)) {
		return KindDirect, nil
	}
	if t.has(string(KindSubscribed)) {
		yes, err := subscribed()
		if err != nil {
			return "", fmt.Errorf("chat: looking up the subscription: %w", err)
		}
		if yes {
			return KindSubscribed, nil
		}
	}
	if t.has(string(KindMention)) && (dm || mentioned()) {
		return KindMention, nil
	}
	return KindPattern, nil
}

func (rt router) callHandlers(ctx context.Context, table *handlerTable, kind MessageKind, ev *MessageEvent) error {
	ev.Kind = kind
	for _, r := range table.classes[string(kind)] {
		if err := rt.callHandler(ctx, table, r, ev); err != nil {
			return err
		}
	}
	return nil
}

// routeEvent calls the handlers that want an event other than a message, in the
// order of their registration. It reports whether there was any.
func (rt router) routeEvent(ctx context.Context, ev Event) (bool, error) {
	table := rt.chat.handlers.table.Load()
	if table == nil {
		return false, nil
	}
	called := false
	for _, r := range table.classes[ev.EventName()] {
		if r.accepts != nil && !r.accepts(ev) {
			continue
		}
		called = true
		if err := rt.callHandler(ctx, table, r, ev); err != nil {
			return true, err
		}
	}
	return called, nil
}

// callHandler calls one handler through the middleware. A panic becomes an error.
func (rt router) callHandler(ctx context.Context, table *handlerTable, r *Registration, ev Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = rt.chat.logPanic(ctx, "handler-panicked", p, "event", ev.EventName())
		}
	}()
	if m, ok := ev.(*MessageEvent); ok {
		if rt.chat.cfg.Identity != nil { // else there is nothing to prepare
			m.welcomed.Do(func() { rt.welcome(ctx, m) })
		}
		m.ctx = conversationContext{ctx, ev}
		ctx = &m.ctx
	} else {
		ctx = &conversationContext{ctx, ev}
	}
	return wrap(wrap(r.handle, table.groups[r.group]), table.middleware)(ctx, ev)
}

// wrap puts middleware around a handler, the first one outermost.
func wrap(h Handler, all []Middleware) Handler {
	for _, m := range slices.Backward(all) {
		h = m(h)
	}
	return h
}

func (rt router) anyMention(ev *MessageEvent) bool {
	if rt.chat.isMention(ev.Message) {
		return true
	}
	return slices.ContainsFunc(ev.Skipped, rt.chat.isMention)
}

func (c *Chat) isMention(m *Message) bool {
	if m.Mention != nil {
		return *m.Mention
	}
	if !strings.Contains(m.Text, "@") || !c.mention.MatchString(m.Text) {
		return false
	}
	return m.Formatted == nil || !hasCode(m.Formatted) || c.mention.MatchString(markdown.PlainText(withoutCode(m.Formatted)))
}

func hasCode(root *markdown.Root) bool {
	for n := range markdown.All(root) {
		if isCode(n) {
			return true
		}
	}
	return false
}

// withoutCode returns the tree with nothing in the place of code.
func withoutCode(root *markdown.Root) markdown.Node {
	return markdown.Map(root, func(n markdown.Node) markdown.Node {
		if isCode(n) {
			return nil
		}
		return n
	})
}

func isCode(n markdown.Node) bool {
	switch n.(type) {
	case *markdown.Code, *markdown.InlineCode:
		return true
	}
	return false
}

// mentionPattern matches "@name" with no word character before it, and no word
// character or hyphen after.
func mentionPattern(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\w])@` + regexp.QuoteMeta(name) + `(?:$|[^\w-])`)
}
