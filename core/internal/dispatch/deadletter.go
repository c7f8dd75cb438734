package dispatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// errDied stands for attempts whose instance died with them.
var errDied = errors.New("chat: every attempt ended with its instance")

// DeadLetter is what could not be handled.
type DeadLetter struct {
	// ID names the dead letter.
	ID string
	// At is when it was given up.
	At time.Time
	// Key is the queue that it waited in.
	Key Key
	// Batch is what was handed to the handlers. Nil: the entry cannot be read.
	Batch *Batch
	// Unreadable is what was stored, if it cannot be read.
	Unreadable []byte
	// Attempts is how often it was handed to the handlers.
	Attempts int
	// Err is the last failure.
	Err error
}

// bury makes a dead letter of a batch: kept first, then removed from its queue.
func (h *hold) bury(ctx context.Context, b *Batch, attempts int, took time.Duration, cause error) (int, error) {
	d := h.d
	letter := DeadLetter{ID: rand.Text(), At: time.Now().UTC(), Key: h.w.key, Batch: b, Attempts: attempts, Err: cause}
	var left int
	err := h.persist(func(ctx context.Context) error {
		if err := d.keepDeadLetter(ctx, letter); err != nil {
			return err
		}
		for _, e := range b.items {
			// A later delivery of the item is a new one.
			if err := d.unclaim(ctx, e.Item); err != nil {
				return err
			}
		}
		var err error
		left, err = h.inbox.Settle(ctx, h.w.key.name, b.receipts()...)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, e := range b.items { // before anyone who waits for it is told
		d.program.GivenUp(e.Item)
	}
	for _, e := range b.items {
		d.program.Report(ctx, Report{
			Step: Dead, Item: e.Item, Attempt: attempts, Waited: time.Since(e.Entry.EnqueuedAt), Took: took, Err: cause,
		})
		h.forget(e.Item, fmt.Errorf("chat: message %q was given up after %d attempts: %w", e.ID, attempts, cause))
	}
	if h.retries.drop(b) {
		return left, h.saveRetries()
	}
	return left, nil
}

// buryUnreadable makes a dead letter of an entry that cannot be read.
func (h *hold) buryUnreadable(ctx context.Context, e state.WaitingEntry, cause error) error {
	raw := []byte(e.Message)
	if corrupt, ok := errors.AsType[*state.CorruptError](e.Err); ok {
		raw = corrupt.Raw
	}
	letter := DeadLetter{ID: rand.Text(), At: time.Now().UTC(), Key: h.w.key, Unreadable: raw, Err: cause}
	if err := h.d.keepDeadLetter(ctx, letter); err != nil {
		return err
	}
	if _, err := h.inbox.Settle(ctx, h.w.key.name, e.Receipt); err != nil {
		return err
	}
	h.d.log.ErrorContext(ctx, "entry-unreadable", "key", h.w.key.name, "dead_letter", letter.ID, "error", cause)
	return nil
}

func (d *Dispatcher) keepDeadLetter(ctx context.Context, letter DeadLetter) error {
	if !d.cfg.Durable {
		return nil
	}
	data, err := d.program.Encode(letter)
	if err != nil {
		return fmt.Errorf("chat: dead letter: %w", err)
	}
	entry := state.QueueEntry{Message: data, EnqueuedAt: letter.At, ExpiresAt: letter.At.Add(d.cfg.DeadLetterTTL)}
	_, err = d.state.Enqueue(ctx, DeadLetters, entry, 0)
	return err
}
