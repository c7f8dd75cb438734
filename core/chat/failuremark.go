package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// markTime bounds what a platform may take to show that a message has failed.
const markTime = 2 * time.Second

// markFailed has the platform show that a person's message was given up, if it has a
// place for that. A failure is logged: the message is kept all the same.
func (c *Chat) markFailed(a Adapter, m *Message) {
	c.changeMark(a, m, FailureMarker.MarkFailed)
}

// unmarkFailed takes the mark away.
func (c *Chat) unmarkFailed(a Adapter, m *Message) {
	c.changeMark(a, m, FailureMarker.UnmarkFailed)
}

func (c *Chat) changeMark(a Adapter, m *Message, change func(FailureMarker, context.Context, ThreadID, MessageID) error) {
	marker, ok := a.(FailureMarker)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), markTime)
	defer cancel()
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil { // no handler is called here, which would catch it
				err = c.logPanic(ctx, "adapter-panicked", p, "adapter", a.Name())
			}
		}()
		return change(marker, ctx, m.ThreadID, m.ID)
	}()
	if err != nil && !isUnsupported(err) {
		c.log.WarnContext(ctx, "failure-mark-not-changed", "adapter", a.Name(), "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
	}
}

// Retry implements [Host].
func (h *host) Retry(ctx context.Context, thread ThreadID, id MessageID) (*Receipt, error) {
	letters, err := h.chat.DeadLetters(ctx)
	if isUnsupported(err) {
		err = nil // without an inbox none are kept
	}
	if err != nil {
		return nil, err
	}
	for _, letter := range letters {
		if m := letter.Message; m != nil && m.ThreadID == thread && m.ID == id {
			return h.chat.replay(ctx, letter)
		}
	}
	return nil, fmt.Errorf("chat: a dead letter of message %q: %w", id, ErrNotFound)
}

// replay hands a dead letter's messages to the handlers again and removes it. It
// returns the receipt of its own message.
func (c *Chat) replay(ctx context.Context, letter DeadLetter) (receipt *Receipt, err error) {
	for _, m := range append(letter.Skipped, letter.Message) {
		adapter, ok := c.adapters[m.ThreadID.Adapter()]
		if !ok {
			return nil, fmt.Errorf("%w: %q", ErrUnknownAdapter, m.ThreadID.Adapter())
		}
		c.unmarkFailed(adapter, m)
		if receipt, err = (&host{chat: c, adapter: adapter}).deliver(ctx, m); err != nil {
			c.markFailed(adapter, m)
			return nil, err
		}
	}
	if receipt == nil {
		return nil, errors.New("chat: a dead letter without messages")
	}
	_, err = c.dispatcher.Inbox().Settle(ctx, dispatch.DeadLetters, letter.receipt)
	return receipt, err
}
