package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// Fence returns the number of the lease's lock, which rises with every grant of the key.
// It asks the state once. It returns an error that matches errors.ErrUnsupported for a
// lease without a lock and a state without the role, and ErrLockLost, which ends the
// lease, if the lock is not held.
func (l *Lease) Fence(ctx context.Context) (int64, error) {
	if l.free != nil {
		return 0, fmt.Errorf("chat: what runs has no lock to fence: %w", errors.ErrUnsupported)
	}
	fences := l.shard.all.fences
	if fences == nil {
		return 0, fmt.Errorf("chat: the state has no fences: %w", errors.ErrUnsupported)
	}
	if cause := l.Err(); cause != nil {
		return 0, cause
	}
	if n := l.fence.Load(); n != 0 {
		return n, nil
	}
	// The lock's other field belongs to the renewal in flight.
	n, err := fences.Fence(ctx, &state.Lock{ThreadID: l.lock.ThreadID, Token: l.lock.Token})
	if errors.Is(err, state.ErrLockLost) {
		l.stop(fault.ErrLockLost)
		return 0, fault.ErrLockLost
	}
	if err != nil {
		return 0, err
	}
	if !l.fence.CompareAndSwap(0, n) {
		n = l.fence.Load() // another call of the handler's was first
	}
	return n, nil
}
