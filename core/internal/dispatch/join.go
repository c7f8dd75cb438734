package dispatch

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/state"
)

// join moves items that have a lock of their own to the queue that they share with
// others, because their policy has become one that wants this.
func (h *hold) join(ctx context.Context, shared Key) error {
	for i := range h.queue {
		e := &h.queue[i]
		// Until it is known: the policy may be another one when this is tried again.
		if err := h.persist(func(ctx context.Context) error { return h.joinOne(ctx, shared, e) }); err != nil {
			return err
		}
		h.leave(e.Item)
		if err := h.takeOut(e); err != nil {
			return err
		}
	}
	h.retries.list = nil
	return h.retries.save(ctx, h.d, h.w.key)
}

// joinOne stores the item in the shared queue, unless it was stored there before, and
// has its worker look.
func (h *hold) joinOne(ctx context.Context, shared Key, e *entry) error {
	moved, err := h.hasJoined(ctx, shared, e)
	if err != nil {
		return err
	}
	if moved {
		h.d.pool.wake(shared, false)
		return nil
	}
	x := delivery{Item: e.Item, d: h.d}
	x.w, _ = h.d.pool.enter(shared, false)
	if _, err := h.inbox.Accept(ctx, shared.name, e.Entry, 0); err != nil {
		x.w.leave(&x)
		return err
	}
	x.w.arrive(&x)
	return nil
}

// hasJoined reports whether the item was moved before by a step whose reply was
// lost, or whose instance died: it waits there, or did and is done.
func (h *hold) hasJoined(ctx context.Context, shared Key, e *entry) (bool, error) {
	if !h.d.cfg.Durable {
		return false, nil // looking would empty the queue
	}
	entries, err := h.inbox.Waiting(ctx, shared.name)
	if err != nil {
		return false, err
	}
	if h.d.indexOf(entries, e.ID) >= 0 {
		return true, nil
	}
	mark, err := h.d.state.Get(ctx, e.Claim)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil && !state.IsClaim(mark), err
}
