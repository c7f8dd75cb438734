package chat

import (
	"context"
	"fmt"
	"slices"
)

// IdentityQuery asks which person an author is.
type IdentityQuery struct {
	// Adapter is the platform's name.
	Adapter string
	// Author is who wrote the message.
	Author Author
	// Message is the message. The resolver must not change it.
	Message *Message
}

// identify sets the message's user key. A failure is logged: the message is
// handled all the same.
func (rt router) identify(ctx context.Context, a Adapter, m *Message) {
	if rt.chat.cfg.Identity == nil || m == nil || m.UserKey != "" {
		return
	}
	key, err := rt.resolveIdentity(ctx, IdentityQuery{Adapter: a.Name(), Author: m.Author, Message: m})
	if err != nil {
		rt.chat.log.WarnContext(ctx, "identity-failed", "adapter", a.Name(), "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
		return
	}
	m.UserKey = key
}

func (rt router) resolveIdentity(ctx context.Context, q IdentityQuery) (key string, err error) {
	defer func() {
		if p := recover(); p != nil {
			key, err = "", fmt.Errorf("Config.Identity: %w", rt.chat.logPanic(ctx, "identity-panicked", p, "adapter", q.Adapter))
		}
	}()
	return rt.chat.cfg.Identity(ctx, q)
}

// welcome prepares a message, and those that were skipped for it, for the first
// handler that is called: it finds out who wrote them, and keeps them in the
// transcript. Without an identity nothing is kept.
func (rt router) welcome(ctx context.Context, ev *MessageEvent) {
	for _, m := range append(slices.Clip(ev.Skipped), ev.Message) {
		rt.identify(ctx, ev.Thread.adapter, m)
		rt.chat.transcripts.capture(ctx, m, ev.Attempt > 1)
	}
}
