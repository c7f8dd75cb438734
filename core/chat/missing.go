package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A TypeScript instance that shares the state takes what waits out of the queue
// without marking it, and what it enqueues can drop older messages. So an instance
// follows each message that it has stored until it is handled, or until its lane is
// one too many to be remembered. One that is neither in the queue nor marked as
// handled is missing: that is reported, and its mark says so.

// dedupeMissing marks a message that is missing: it counts as handled.
var dedupeMissing = []byte(`"missing"`)

// Why a message is missing.
const (
	missingTaken   = "another program took or dropped it"
	missingDropped = "another program dropped it from the queue; it is stored again"
	missingEmptied = "its mark is gone, too: another instance gave it up, or the state was emptied"
)

// takeMissing takes those of the drain's own messages out that were stored before the
// queue was read and are not in it. What nobody else can have taken is stored again:
// then it reports that the queue is to be read once more.
func (d *drain) takeMissing(ctx context.Context, queue []item) (restored bool, err error) {
	if d.chat.cfg.Durability == DurabilityNone {
		return false, nil // there, what waits is taken out before it is handled
	}
	for _, arr := range slices.Clone(d.local) {
		if arr.look == d.looks {
			continue
		}
		if slices.ContainsFunc(queue, func(it item) bool { return it.msg.ID == arr.msg.ID }) {
			d.leave(arr) // it was stored twice
			continue
		}
		again, err := d.restore(ctx, arr)
		if err != nil {
			return restored, err
		}
		if restored = restored || again; again {
			continue
		}
		if err := d.chat.seek(ctx, d.lane.key, arr); err != nil {
			return restored, err
		}
		d.leave(arr)
	}
	return restored, nil
}

// restore stores a message again that was dropped from the queue: since it was stored
// the lock was held here, so it is at no handler.
func (d *drain) restore(ctx context.Context, arr *arrival) (bool, error) {
	if !arr.entry.EnqueuedAt.After(d.held.since) || arr.entry.ExpiresAt.Before(time.Now()) || d.held.err() != nil {
		return false, nil
	}
	mark, err := d.chat.state.Get(ctx, dedupeKey(arr.msg))
	if err != nil || !state.IsClaim(mark) {
		if errors.Is(err, state.ErrNotFound) {
			err = nil
		}
		return false, err
	}
	// Reported first: if this instance ends now, nobody else knows of it.
	d.chat.observeMissing(ctx, arr, missingDropped)
	_, err = d.inbox.Accept(ctx, d.lane.key, arr.entry, 0)
	d.restored = true
	return err == nil, err
}

// seek finds out what became of a message that was stored here and is no longer in
// its lane's queue.
func (c *Chat) seek(ctx context.Context, key string, arr *arrival) error {
	for {
		mark, err := c.state.Get(ctx, dedupeKey(arr.msg))
		switch {
		case errors.Is(err, state.ErrNotFound):
			if !arr.entry.ExpiresAt.Before(time.Now()) {
				c.observeMissing(ctx, arr, missingEmptied)
			}
			arr.receipt.settle(errUnhandled(arr.msg))
			return nil
		case err != nil:
			return err
		case !state.IsClaim(mark):
			arr.receipt.settle(markError(mark))
			return nil
		}
		if stored, err := c.isStored(ctx, key, arr.msg); err != nil || stored {
			return err // in another queue, whose lane sees to it
		}
		if marked, err := c.swap(ctx, dedupeKey(arr.msg), mark, dedupeMissing, c.cfg.Storage.DedupeTTL); err != nil || !marked {
			if err != nil {
				return err
			}
			continue // it was handled meanwhile
		}
		c.observeMissing(ctx, arr, missingTaken)
		arr.receipt.settle(ErrMissing)
		return nil
	}
}

func (c *Chat) observeMissing(ctx context.Context, arr *arrival, reason string) {
	c.observe(ctx, Observation{
		Step: StepMissing, Adapter: arr.adapter.Name(), Thread: arr.msg.ThreadID, Message: arr.msg.ID,
		Reason: reason, Waited: time.Since(arr.entry.EnqueuedAt),
	})
}

// isStored reports whether the message is in any queue.
func (c *Chat) isStored(ctx context.Context, lockKey string, m *Message) (bool, error) {
	for _, key := range waitingPlaces(lockKey, m) {
		entries, err := c.inbox.Waiting(ctx, key)
		if err != nil {
			return false, err
		}
		if isEvent(key) && len(entries) > 0 || indexOf(entries, m.ID) >= 0 {
			return true, nil
		}
	}
	return false, nil
}

// markError is how a message ended whose mark is no claim.
func markError(mark []byte) error {
	if string(mark) == string(dedupeMissing) {
		return ErrMissing
	}
	return nil
}

func errUnhandled(m *Message) error { return fmt.Errorf("chat: message %q was not handled", m.ID) }

// follow keeps an eye on messages that were stored here and are let go unhandled. The
// caller holds mu.
func (l *lane) follow(arrs []*arrival) {
	if l.all.chat.cfg.Durability == DurabilityNone {
		return // as in takeMissing
	}
	for _, arr := range arrs {
		arr.letGo, arr.look = true, 0
	}
	l.followed = append(l.followed, arrs...)
}

// seekFollowed finds out what became of the followed messages, if the queue is empty,
// which it reports. It goes on following those that the retry record names, for whom
// has the lock next to forget them there.
func (l *lane) seekFollowed(ctx context.Context) (bool, error) {
	c := l.all.chat
	l.all.mu.Lock()
	followed := slices.Clone(l.followed)
	l.all.mu.Unlock()
	if depth, err := c.state.QueueDepth(ctx, l.key); err != nil || depth > 0 {
		return false, err
	}
	for _, arr := range followed {
		if err := c.seek(ctx, l.key, arr); err != nil {
			return false, err
		}
		l.all.mu.Lock()
		l.followed = slices.DeleteFunc(l.followed, func(x *arrival) bool { return x == arr && !x.failed })
		l.all.mu.Unlock()
	}
	return true, nil
}

// stored returns the message's arrival if this instance has stored it and has let it
// go, or has not looked at it yet.
func (l *lane) stored(id MessageID) *arrival {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	for _, arr := range slices.Concat(l.followed, l.fresh) {
		if arr.msg.ID == id {
			return arr
		}
	}
	return nil
}
