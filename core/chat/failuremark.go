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

// failureMarks show on the platforms which messages were given up.
type failureMarks struct{ chat *Chat }

// set has the platform show that a person's message was given up, if it has a
// place for that. A failure is logged: the message is kept all the same.
func (s failureMarks) set(a Adapter, m *Message) {
	s.change(a, m, FailureMarker.MarkFailed)
}

// remove takes the mark away.
func (s failureMarks) remove(a Adapter, m *Message) {
	s.change(a, m, FailureMarker.UnmarkFailed)
}

func (s failureMarks) change(a Adapter, m *Message, change func(FailureMarker, context.Context, ThreadID, MessageID) error) {
	marker, ok := a.(FailureMarker)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), markTime)
	defer cancel()
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil { // no handler is called here, which would catch it
				err = s.chat.logPanic(ctx, "adapter-panicked", p, "adapter", a.Name())
			}
		}()
		return change(marker, ctx, m.ThreadID, m.ID)
	}()
	if err != nil && !isUnsupported(err) {
		s.chat.log.WarnContext(ctx, "failure-mark-not-changed", "adapter", a.Name(), "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
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
			return h.chat.letters.replay(ctx, letter)
		}
	}
	return nil, fmt.Errorf("chat: a dead letter of message %q: %w", id, ErrNotFound)
}

// replay hands a dead letter's messages to the handlers again and removes it. It
// returns the receipt of its own message.
func (s deadLetters) replay(ctx context.Context, letter DeadLetter) (receipt *Receipt, err error) {
	for _, m := range append(letter.Skipped, letter.Message) {
		adapter, ok := s.chat.adapters[m.ThreadID.Adapter()]
		if !ok {
			return nil, fmt.Errorf("%w: %q", ErrUnknownAdapter, m.ThreadID.Adapter())
		}
		s.chat.marks.remove(adapter, m)
		if receipt, err = (&host{chat: s.chat, adapter: adapter}).deliver(ctx, m); err != nil {
			s.chat.marks.set(adapter, m)
			return nil, err
		}
	}
	if receipt == nil {
		return nil, errors.New("chat: a dead letter without messages")
	}
	_, err = s.chat.dispatcher.Inbox().Settle(ctx, dispatch.DeadLetters, letter.receipt)
	return receipt, err
}
