package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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

	slip state.Receipt
}

// bury makes dead letters of a batch: kept first, then removed from its queue.
func (d *drain) bury(b *batch, attempts int, took time.Duration, cause error) (int, error) {
	c := d.chat
	it := b.last()
	letter := DeadLetter{
		ID: rand.Text(), At: time.Now().UTC(), LockKey: d.lane.key, Message: it.msg, Attempts: attempts, Error: cause.Error(),
	}
	if it.event != nil {
		letter.Message, letter.Event = nil, it.entry.Message
	}
	for _, s := range b.items[:len(b.items)-1] {
		letter.Skipped = append(letter.Skipped, s.msg)
	}
	var left int
	err := d.persist(func(ctx context.Context) error {
		if err := c.keepDeadLetter(ctx, letter); err != nil {
			return err
		}
		slips := make([]state.Receipt, 0, len(b.items))
		for _, it := range b.items {
			// A later delivery of the message is a new one.
			if err := c.unclaim(ctx, it.msg); err != nil {
				return err
			}
			slips = append(slips, it.slip)
		}
		var err error
		left, err = d.inbox.Settle(ctx, d.lane.key, slips...)
		return err
	})
	if err != nil {
		return 0, err
	}
	if it.event == nil {
		for _, it := range b.items { // before anyone who waits for it is told
			c.markFailed(it.adapter, it.msg)
		}
	}
	for _, it := range b.items {
		c.observe(context.Background(), Observation{
			Step: StepDead, Adapter: it.adapter.Name(), Thread: it.msg.ThreadID, Message: it.msg.ID,
			Attempt: attempts, Waited: time.Since(it.entry.EnqueuedAt), Took: took, Err: cause,
		})
		d.forget(&it, fmt.Errorf("chat: message %q was given up after %d attempts: %w", it.msg.ID, attempts, cause))
	}
	if d.retries.drop(b) {
		return left, d.saveRetries()
	}
	return left, nil
}

// buryUnreadable makes a dead letter of an entry that is not a message of this
// bot.
func (d *drain) buryUnreadable(ctx context.Context, e state.WaitingEntry, cause error) error {
	raw := []byte(e.Message)
	if corrupt, ok := errors.AsType[*state.CorruptError](e.Err); ok {
		raw = corrupt.Raw
	}
	letter := DeadLetter{ID: rand.Text(), At: time.Now().UTC(), LockKey: d.lane.key, Unreadable: raw, Error: cause.Error()}
	if err := d.chat.keepDeadLetter(ctx, letter); err != nil {
		return err
	}
	if _, err := d.inbox.Settle(ctx, d.lane.key, e.Receipt); err != nil {
		return err
	}
	d.chat.log.ErrorContext(ctx, "entry-unreadable", "key", d.lane.key, "dead_letter", letter.ID, "error", cause)
	return nil
}

func (c *Chat) keepDeadLetter(ctx context.Context, letter DeadLetter) error {
	if c.cfg.Durability == DurabilityNone {
		return nil
	}
	data, err := json.Marshal(letter)
	if err != nil {
		return fmt.Errorf("chat: dead letter: %w", err)
	}
	entry := state.QueueEntry{Message: data, EnqueuedAt: letter.At, ExpiresAt: letter.At.Add(c.cfg.Storage.DeadLetterTTL)}
	_, err = c.state.Enqueue(ctx, deadLettersKey, entry, 0)
	return err
}

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
	entries, err := c.inbox.Waiting(ctx, deadLettersKey)
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
			if _, err := c.inbox.Settle(ctx, deadLettersKey, e.Receipt); err != nil {
				return nil, err
			}
			continue
		}
		letter.slip = e.Receipt
		letters = append(letters, letter)
	}
	return letters, nil
}

// ReplayDeadLetter hands a dead letter's message, with those that were skipped
// for it, or its event, to the handlers again and removes the dead letter. It returns
// [ErrNotFound] if there is none with the id, and [ErrInvalidArgument] if it is
// neither.
func (c *Chat) ReplayDeadLetter(ctx context.Context, id string) error {
	letter, err := c.deadLetter(ctx, id)
	if err != nil {
		return err
	}
	if letter.Event != nil {
		return c.replayEvent(ctx, letter)
	}
	if letter.Message == nil {
		return fmt.Errorf("%w: dead letter %q is not a message", ErrInvalidArgument, id)
	}
	_, err = c.replay(ctx, letter)
	return err
}

func (c *Chat) replayEvent(ctx context.Context, letter DeadLetter) error {
	now := time.Now()
	entry := state.QueueEntry{Message: letter.Event, EnqueuedAt: now, ExpiresAt: now.Add(c.cfg.Storage.MessageTTL)}
	if _, err := c.inbox.Accept(ctx, letter.LockKey, entry, 0); err != nil {
		return err
	}
	c.lanes.wake(letter.LockKey, false)
	_, err := c.inbox.Settle(ctx, deadLettersKey, letter.slip)
	return err
}

// RemoveDeadLetter removes a dead letter. It returns [ErrNotFound] if there is
// none with the id.
func (c *Chat) RemoveDeadLetter(ctx context.Context, id string) error {
	letter, err := c.deadLetter(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.inbox.Settle(ctx, deadLettersKey, letter.slip)
	return err
}

func (c *Chat) deadLetter(ctx context.Context, id string) (DeadLetter, error) {
	letters, err := c.DeadLetters(ctx)
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
