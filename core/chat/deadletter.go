package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// DeadLetter is a message that could not be handled.
type DeadLetter struct {
	// ID names the dead letter.
	ID string `json:"id"`
	// At is when it was given up.
	At time.Time `json:"at"`
	// LockKey is the queue that it waited in.
	LockKey string `json:"lockKey"`
	// Message is the message. Nil for another event, and if what was stored is
	// neither.
	Message *Message `json:"message,omitempty"`
	// Event is an event other than a message, as it was stored.
	Event json.RawMessage `json:"event,omitempty"`
	// Skipped are the messages that were handed over along with it.
	Skipped []*Message `json:"skipped,omitempty"`
	// Unreadable is what was stored, if it is not a message.
	Unreadable []byte `json:"unreadable,omitempty"`
	// Attempts is how often it was handed to the handlers.
	Attempts int `json:"attempts"`
	// Error is the last failure.
	Error string `json:"error"`

	receipt state.Receipt
}

// Encode implements dispatch.Program.
func (p program) Encode(letter dispatch.DeadLetter) ([]byte, error) {
	stored := DeadLetter{
		ID: letter.ID, At: letter.At, LockKey: letter.Key.String(), Unreadable: letter.Unreadable, Attempts: letter.Attempts, Error: letter.Err.Error(),
	}
	if b := letter.Batch; b != nil {
		last := arrivalOf(b.Last())
		if last.event != nil {
			stored.Event = last.Entry.Message
		} else {
			stored.Message, stored.Skipped = last.msg, skippedOf(b)
		}
	}
	return json.Marshal(stored)
}

// deadLetters hands what was given up to the handlers again.
type deadLetters struct{ chat *Chat }

// DeadLetters returns the messages that could not be handled, oldest first. Under
// DurabilityNone there are none: the error satisfies
// errors.Is(err, errors.ErrUnsupported).
func (c *Chat) DeadLetters(ctx context.Context) ([]DeadLetter, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	if c.cfg.Durability == DurabilityNone {
		return nil, fmt.Errorf("chat: dead letters without an inbox: %w", errors.ErrUnsupported)
	}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	entries, err := c.dispatcher.Inbox().Waiting(ctx, dispatch.DeadLetters)
	if err != nil {
		return nil, err
	}
	letters := make([]DeadLetter, 0, len(entries))
	for _, e := range entries {
		var letter DeadLetter
		if e.Err == nil {
			e.Err = json.Unmarshal(e.Message, &letter)
		}
		if e.Err != nil {
			return nil, fmt.Errorf("chat: dead letter: %w", e.Err)
		}
		if e.ExpiresAt.Before(time.Now()) {
			if _, err := c.dispatcher.Inbox().Settle(ctx, dispatch.DeadLetters, e.Receipt); err != nil {
				return nil, err
			}
			continue
		}
		letter.receipt = e.Receipt
		letters = append(letters, letter)
	}
	return letters, nil
}

// ReplayDeadLetter hands a dead letter's message, with those that were skipped
// for it, or its event, to the handlers again and removes the dead letter. It returns
// [ErrNotFound] if there is none with the id, and [ErrInvalidArgument] if it is
// neither.
func (c *Chat) ReplayDeadLetter(ctx context.Context, id string) error {
	letter, err := c.letters.find(ctx, id)
	if err != nil {
		return err
	}
	if letter.Event != nil {
		return c.letters.replayEvent(ctx, letter)
	}
	if letter.Message == nil {
		return fmt.Errorf("%w: dead letter %q is not a message", ErrInvalidArgument, id)
	}
	_, err = c.letters.replay(ctx, letter)
	return err
}

func (s deadLetters) replayEvent(ctx context.Context, letter DeadLetter) error {
	now := time.Now()
	entry := state.QueueEntry{Message: letter.Event, EnqueuedAt: now, ExpiresAt: now.Add(s.chat.cfg.Storage.MessageTTL)}
	if _, err := s.chat.dispatcher.Inbox().Accept(ctx, letter.LockKey, entry, 0); err != nil {
		return err
	}
	s.chat.dispatcher.Wake(dispatch.ParseKey(letter.LockKey))
	_, err := s.chat.dispatcher.Inbox().Settle(ctx, dispatch.DeadLetters, letter.receipt)
	return err
}

// RemoveDeadLetter removes a dead letter. It returns [ErrNotFound] if there is
// none with the id.
func (c *Chat) RemoveDeadLetter(ctx context.Context, id string) error {
	letter, err := c.letters.find(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.dispatcher.Inbox().Settle(ctx, dispatch.DeadLetters, letter.receipt)
	return err
}

func (s deadLetters) find(ctx context.Context, id string) (DeadLetter, error) {
	letters, err := s.chat.DeadLetters(ctx)
	if err != nil {
		return DeadLetter{}, err
	}
	for _, letter := range letters {
		if letter.ID == id {
			return letter, nil
		}
	}
	return DeadLetter{}, fmt.Errorf("chat: dead letter %q: %w", id, ErrNotFound)
}
