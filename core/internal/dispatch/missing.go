package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// A TypeScript instance that shares the state takes what waits out of the queue
// without marking it, and what it enqueues can drop older items. So an instance
// follows each item that it has stored until it is handled, or until its worker is
// one too many to be remembered. One that is neither in the queue nor marked as
// handled is missing: that is reported, and its mark says so.

// Why an item is missing.
const (
	missingTaken   = "another program took or dropped it"
	missingDropped = "another program dropped it from the queue; it is stored again"
	missingEmptied = "its mark is gone, too: another instance gave it up, or the state was emptied"
)

// takeMissing takes those of the hold's own items out that were stored before the
// queue was read and are not in it. What nobody else can have taken is stored again:
// then it reports that the queue is to be read once more.
func (h *hold) takeMissing(ctx context.Context) (restored bool, err error) {
	if !h.d.cfg.Durable {
		return false, nil // there, what waits is taken out before it is handled
	}
	for _, it := range slices.Clone(h.local) {
		if it.found == h.looks {
			continue
		}
		if slices.ContainsFunc(h.queue, func(e entry) bool { return e.ID == it.ID }) {
			h.leave(it) // it was stored twice
			continue
		}
		again, err := h.restore(ctx, it)
		if err != nil {
			return restored, err
		}
		if restored = restored || again; again {
			continue
		}
		if err := h.d.seek(ctx, h.w.key, it); err != nil {
			return restored, err
		}
		h.leave(it)
	}
	return restored, nil
}

// restore stores an item again that was dropped from the queue: since it was stored
// the lock was held here, so it is at no handler.
func (h *hold) restore(ctx context.Context, it *Item) (bool, error) {
	underLock := it.under == h.lease || it.Entry.EnqueuedAt.After(h.lease.since)
	if !underLock || it.Entry.ExpiresAt.Before(time.Now()) || h.lease.Err() != nil {
		return false, nil
	}
	mark, err := h.d.state.Get(ctx, it.Claim)
	if err != nil || !state.IsClaim(mark) {
		if errors.Is(err, state.ErrNotFound) {
			err = nil
		}
		return false, err
	}
	// Reported first: if this instance ends now, nobody else knows of it.
	h.d.reportMissing(ctx, it, missingDropped)
	_, err = h.inbox.Accept(ctx, h.w.key.name, it.Entry, 0)
	h.restored = true
	return err == nil, err
}

// seek finds out what became of an item that was stored here and is no longer in
// its worker's queue.
func (d *Dispatcher) seek(ctx context.Context, key Key, it *Item) error {
	for {
		mark, err := d.state.Get(ctx, it.Claim)
		switch {
		case errors.Is(err, state.ErrNotFound):
			if !it.Entry.ExpiresAt.Before(time.Now()) {
				d.reportMissing(ctx, it, missingEmptied)
			}
			it.Receipt.settle(errUnhandled(it))
			return nil
		case err != nil:
			return err
		case !state.IsClaim(mark):
			it.Receipt.settle(markError(mark))
			return nil
		}
		if stored, err := d.isStored(ctx, key, it.ID); err != nil || stored {
			return err // in another queue, whose worker sees to it
		}
		if marked, err := d.swap(ctx, it.Claim, mark, markMissing, d.cfg.DedupeTTL); err != nil || !marked {
			if err != nil {
				return err
			}
			continue // it was handled meanwhile
		}
		d.reportMissing(ctx, it, missingTaken)
		it.Receipt.settle(fault.ErrMissing)
		return nil
	}
}

func (d *Dispatcher) reportMissing(ctx context.Context, it *Item, reason string) {
	d.program.Report(ctx, Report{Step: Missing, Item: it, Reason: reason, Waited: time.Since(it.Entry.EnqueuedAt)})
}

// isStored reports whether the item is in any queue.
func (d *Dispatcher) isStored(ctx context.Context, key Key, id string) (bool, error) {
	for _, place := range placesOf(key, id) {
		entries, err := d.inbox.Waiting(ctx, place.name)
		if err != nil {
			return false, err
		}
		if place.kind == Event && len(entries) > 0 || d.indexOf(entries, id) >= 0 {
			return true, nil
		}
	}
	return false, nil
}

// follow keeps an eye on items that were stored here and are let go of unhandled. The
// caller holds the mutex.
func (w *worker) follow(items []*Item) {
	if !w.p.d.cfg.Durable {
		return // as in takeMissing
	}
	for _, it := range items {
		it.released, it.found = true, 0
	}
	w.followed = append(w.followed, items...)
}

// seekFollowed finds out what became of the followed items, if the queue is empty,
// which it reports. It goes on following those that the retry record names, for whoever
// has the lock next to forget them there.
func (w *worker) seekFollowed(ctx context.Context) (bool, error) {
	d := w.p.d
	w.shard.mu.Lock()
	followed := slices.Clone(w.followed)
	w.shard.mu.Unlock()
	if depth, err := d.state.QueueDepth(ctx, w.key.name); err != nil || depth > 0 {
		return false, err
	}
	for _, it := range followed {
		if err := d.seek(ctx, w.key, it); err != nil {
			return false, err
		}
		w.shard.mu.Lock()
		w.followed = slices.DeleteFunc(w.followed, func(x *Item) bool { return x == it && !x.failed })
		w.shard.mu.Unlock()
	}
	return true, nil
}

// lookLater is the look that was scheduled: it wakes the worker, unless all that it
// follows is handled.
func (w *worker) lookLater() {
	mu, d := &w.shard.mu, w.p.d
	w.p.aside.Add(1)
	defer w.p.endAside()
	mu.Lock()
	if w.p.stopping.Load() {
		w.scheduled = false
		mu.Unlock()
		return
	}
	refused, longest := w.refused, w.patience >= d.cfg.SweepInterval
	mu.Unlock()
	empty, err := w.seekFollowed(context.Background())
	if longest && err == nil && !empty { // another program may have the lock for long
		err = d.extendQueue(context.Background(), w.key.name)
	}
	mu.Lock()
	w.scheduled = false
	if err == nil && empty && w.refused == refused && len(w.followed) == 0 {
		w.owes = false
		w.forgetIdle()
		mu.Unlock()
		return
	}
	mu.Unlock()
	w.p.wake(w.key, true)
}
