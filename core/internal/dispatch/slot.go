package dispatch

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// takeSlot takes one of the key's places, which are locks of their own. If it reports false all are taken, and the
// worker asks again shortly.
func (h *hold) takeSlot(ctx context.Context, b *Batch) (bool, error) {
	if h.policy.Mode != Concurrent || h.policy.MaxConcurrent == 0 {
		return true, nil
	}
	for _, i := range rand.Perm(h.policy.MaxConcurrent) {
		lease, err := h.d.leases.acquire(ctx, h.w.key.slot(b.group, i))
		if errors.Is(err, state.ErrLocked) {
			continue
		}
		if err != nil {
			return false, err
		}
		held := h.lease
		context.AfterFunc(lease.Context(), func() {
			if cause := lease.Err(); errors.Is(cause, fault.ErrLockLost) {
				held.stop(cause)
			}
		})
		h.slot = lease
		return true, nil
	}
	h.retries.postpone(b, h.retries.attempt(b)-1, time.Now().Add(50*time.Millisecond+rand.N(100*time.Millisecond)))
	return false, nil
}

// freeSlot gives the place back, if there is one.
func (h *hold) freeSlot(ctx context.Context) {
	if h.slot != nil {
		h.slot.end(ctx)
		h.slot = nil
	}
}
