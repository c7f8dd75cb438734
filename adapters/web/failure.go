package web

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// MarkFailed marks a user's message as one that was not answered, on all pages and
// when they are loaded again. A page offers to try it again: it sends the message once
// more, under its id.
func (a *Adapter) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.setFailed(ctx, "MarkFailed", thread, id, true)
}

// UnmarkFailed takes the mark away.
func (a *Adapter) UnmarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.setFailed(ctx, "UnmarkFailed", thread, id, false)
}

func (a *Adapter) setFailed(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, failed bool) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	m, err := a.keptMessage(ctx, op, thread, id)
	if err != nil {
		return err
	}
	c, err := a.content(ctx, thread, id)
	if err != nil {
		return err
	}
	if (c != nil && c.Failed) == failed {
		return nil
	}
	return a.change(ctx, op, m, func(c *content) { c.Failed = failed })
}

// deliver hands a user's message to the bot. One that was given up is handed over
// again.
func (a *Adapter) deliver(ctx context.Context, m *chat.Message, failed bool) (*chat.Receipt, error) {
	if !failed {
		return a.host.Deliver(ctx, m)
	}
	receipt, err := a.host.Retry(ctx, m.ThreadID, m.ID)
	if !errors.Is(err, chat.ErrNotFound) {
		return receipt, err
	}
	// It is being tried again already, or nothing was kept of it.
	if err := a.UnmarkFailed(ctx, m.ThreadID, m.ID); err != nil {
		a.log.WarnContext(ctx, "failure-mark-not-changed", "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
	}
	return a.host.Deliver(ctx, m)
}
