package conformance

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// fenceMutant has another Fence.
type fenceMutant struct {
	*view
	fence func(ctx context.Context, v *view, lock *state.Lock) (int64, error)
}

func (m *fenceMutant) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	return m.fence(ctx, m.view, lock)
}

func fencing(fence func(ctx context.Context, v *view, lock *state.Lock) (int64, error)) func(v *view) adapter {
	return func(v *view) adapter { return &fenceMutant{v, fence} }
}

// counter counts by name, in one process only.
type counter struct {
	mu sync.Mutex
	n  map[string]int64
}

func (c *counter) next(name string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[name]++
	return c.n[name]
}

var fenceMutants = []mutant{
	{"each grant is numbered from 1", "Fences/Rise", func(v *view) adapter {
		var byToken counter
		return &fenceMutant{v, func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
			if _, err := v.Fence(ctx, lock); err != nil {
				return 0, err
			}
			return byToken.next(lock.Token), nil
		}}
	}},
	{"a number is given for a lock that was released", "Fences/Lost", fencing(func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
		n, err := v.Fence(ctx, lock)
		if errors.Is(err, state.ErrLockLost) {
			return 1, nil
		}
		return n, err
	})},
	{"a number is given for a lock that another has", "Fences/Lost", func(v *view) adapter {
		var byThread counter
		return &fenceMutant{v, func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
			if other, err := v.AcquireLock(ctx, lock.ThreadID, time.Minute); err == nil {
				_ = v.ReleaseLock(ctx, other)
				return 0, state.ErrLockLost
			} else if !errors.Is(err, state.ErrLocked) {
				return 0, err
			}
			return byThread.next(lock.ThreadID), nil
		}}
	}},
	{"a lock that has expired still counts", "Fences/Expired", func(v *view) adapter {
		var byThread counter
		held := map[string]bool{}
		return &fenceMutant{v, func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
			if _, err := v.Fence(ctx, lock); err == nil {
				held[lock.Token] = true
			} else if !held[lock.Token] {
				return 0, err
			}
			return byThread.next(lock.ThreadID), nil
		}}
	}},
	{"the numbers are those of one process", "Fences/Persistent", func(v *view) adapter {
		var byThread counter
		return &fenceMutant{v, func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
			if _, err := v.Fence(ctx, lock); err != nil {
				return 0, err
			}
			return byThread.next(lock.ThreadID), nil
		}}
	}},
	{"a number is read and written in two steps", "Fences/Contended", fencing(func(ctx context.Context, v *view, lock *state.Lock) (int64, error) {
		n, err := v.Fence(ctx, lock)
		if err != nil {
			return 0, err
		}
		return (n + 1) / 2, nil // two grants get one number
	})},
}
