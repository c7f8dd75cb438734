package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const century = 100 * 365 * 24 * time.Hour

// lockMutant replaces methods of Locks. A nil function leaves the method.
type lockMutant struct {
	*view
	acquire func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error)
	extend  func(ctx context.Context, lock *state.Lock, ttl time.Duration) error
	release func(ctx context.Context, lock *state.Lock) error
	force   func(ctx context.Context, threadID string) error
}

func (m *lockMutant) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	if m.acquire != nil {
		return m.acquire(ctx, threadID, ttl)
	}
	return m.view.AcquireLock(ctx, threadID, ttl)
}

func (m *lockMutant) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	if m.extend != nil {
		return m.extend(ctx, lock, ttl)
	}
	return m.view.ExtendLock(ctx, lock, ttl)
}

func (m *lockMutant) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	if m.release != nil {
		return m.release(ctx, lock)
	}
	return m.view.ReleaseLock(ctx, lock)
}

func (m *lockMutant) ForceReleaseLock(ctx context.Context, threadID string) error {
	if m.force != nil {
		return m.force(ctx, threadID)
	}
	return m.view.ForceReleaseLock(ctx, threadID)
}

// holders remembers the lock that was last given for each thread.
type holders struct {
	mu    sync.Mutex
	locks map[string]state.Lock
}

func (h *holders) keep(lock *state.Lock) {
	if lock == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.locks == nil {
		h.locks = map[string]state.Lock{}
	}
	h.locks[lock.ThreadID] = *lock
}

func (h *holders) of(threadID string) *state.Lock {
	h.mu.Lock()
	defer h.mu.Unlock()
	lock, ok := h.locks[threadID]
	if !ok {
		return nil
	}
	return &lock
}

// renamed gives out tokens of the mutant's own making.
func renamed(v *view, token func(threadID string) string) adapter {
	var mu sync.Mutex
	tokens := map[string]string{} // the mutant's token to the real one
	swap := func(lock *state.Lock) *state.Lock {
		mu.Lock()
		defer mu.Unlock()
		if lock == nil || tokens[lock.Token] == "" {
			return lock
		}
		return &state.Lock{ThreadID: lock.ThreadID, Token: tokens[lock.Token], ExpiresAt: lock.ExpiresAt}
	}
	return &lockMutant{
		view: v,
		acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if err != nil {
				return nil, err
			}
			own := token(threadID)
			mu.Lock()
			defer mu.Unlock()
			tokens[own] = lock.Token
			lock.Token = own
			return lock, nil
		},
		extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			inner := swap(lock)
			err := v.ExtendLock(ctx, inner, ttl)
			if err == nil {
				lock.ExpiresAt = inner.ExpiresAt
			}
			return err
		},
		release: func(ctx context.Context, lock *state.Lock) error { return v.ReleaseLock(ctx, swap(lock)) },
	}
}

var lockMutants = []mutant{
	{"two can hold a lock", "Locks/Exclusive", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if errors.Is(err, state.ErrLocked) {
				return &state.Lock{ThreadID: threadID, Token: "the second holder's token", ExpiresAt: time.Now().Add(ttl)}, nil
			}
			return lock, err
		}}
	}},
	{"a lock is looked at and then taken", "Locks/OneWinner", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if err != nil {
				return nil, err
			}
			_ = v.ReleaseLock(ctx, lock) // it was free
			pause()
			_ = v.ForceReleaseLock(ctx, threadID)
			return v.AcquireLock(ctx, threadID, ttl)
		}}
	}},
	{"AcquireLock waits for the lock", "Locks/Exclusive", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			for range 10 {
				if lock, err := v.AcquireLock(ctx, threadID, ttl); !errors.Is(err, state.ErrLocked) {
					return lock, err
				}
				time.Sleep(200 * time.Millisecond)
			}
			return nil, state.ErrLocked
		}}
	}},
	{"a lock's TTL is never applied", "Locks/Expires", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			if ttl <= 0 {
				return v.AcquireLock(ctx, threadID, ttl)
			}
			lock, err := v.AcquireLock(ctx, threadID, century)
			if err == nil {
				lock.ExpiresAt = time.Now().Add(ttl)
			}
			return lock, err
		}}
	}},
	{"a lock ends at half its TTL", "Locks/Expires", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl/2)
			if err == nil {
				lock.ExpiresAt = time.Now().Add(ttl)
			}
			return lock, err
		}}
	}},
	{"ExpiresAt is a second too late", "Locks/ExpiresAt", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := v.AcquireLock(ctx, threadID, ttl)
			if err == nil {
				lock.ExpiresAt = lock.ExpiresAt.Add(time.Second)
			}
			return lock, err
		}}
	}},
	{"a token is made of the thread's name", "Locks/ReleaseOfTheNextHolder", func(v *view) adapter {
		return renamed(v, func(threadID string) string { return fmt.Sprintf("%x-%x-%x", threadID, threadID, threadID) })
	}},
	{"a token is a counter", "Locks/FreshToken", func(v *view) adapter {
		var mu sync.Mutex
		n := 0
		return renamed(v, func(string) string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return fmt.Sprintf("token-%024d", n)
		})
	}},
	{"a token is short", "Locks/FreshToken", func(v *view) adapter {
		var mu sync.Mutex
		n := 0
		return renamed(v, func(string) string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return fmt.Sprint(n * 7919)
		})
	}},
	{"release without comparing the token", "Locks/ReleaseForeign", func(v *view) adapter {
		return &lockMutant{view: v, release: func(ctx context.Context, lock *state.Lock) error {
			if err := v.ReleaseLock(ctx, lock); !errors.Is(err, state.ErrLockLost) {
				return err
			}
			_ = v.ForceReleaseLock(ctx, lock.ThreadID)
			return state.ErrLockLost
		}}
	}},
	{"release of a lost lock says nothing", "Locks/ReleaseTwice", func(v *view) adapter {
		return &lockMutant{view: v, release: func(ctx context.Context, lock *state.Lock) error {
			if err := v.ReleaseLock(ctx, lock); !errors.Is(err, state.ErrLockLost) {
				return err
			}
			return nil
		}}
	}},
	{"release leaves the lock", "Locks/Release", func(v *view) adapter {
		return &lockMutant{view: v, release: func(ctx context.Context, lock *state.Lock) error {
			return v.ExtendLock(ctx, lock, 24*time.Hour)
		}}
	}},
	{"force release spares a held lock", "Locks/ForceRelease", func(v *view) adapter {
		return &lockMutant{view: v, force: func(ctx context.Context, threadID string) error {
			_, err := v.IsSubscribed(ctx, threadID)
			return err
		}}
	}},
	{"extend resurrects an expired lock", "Locks/ExtendAfterExpiry", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			err := v.ExtendLock(ctx, lock, ttl)
			if errors.Is(err, state.ErrLockLost) {
				if again, e := v.AcquireLock(ctx, lock.ThreadID, ttl); e == nil {
					*lock = *again
					return nil
				}
			}
			return err
		}}
	}},
	{"extend without comparing the token", "Locks/ExtendForeign", func(v *view) adapter {
		var h holders
		return &lockMutant{view: v, acquire: h.acquire(v), extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			err := v.ExtendLock(ctx, lock, ttl)
			if errors.Is(err, state.ErrLockLost) {
				if held := h.of(lock.ThreadID); held != nil {
					return v.ExtendLock(ctx, held, ttl)
				}
			}
			return err
		}}
	}},
	{"a refused extend lengthens the lock", "Locks/ForeignExtendLeavesTheTTL", func(v *view) adapter {
		var h holders
		return &lockMutant{view: v, acquire: h.acquire(v), extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			err := v.ExtendLock(ctx, lock, ttl)
			if errors.Is(err, state.ErrLockLost) {
				if held := h.of(lock.ThreadID); held != nil {
					_ = v.ExtendLock(ctx, held, ttl)
				}
			}
			return err
		}}
	}},
	{"extend adds to what is left", "Locks/ExtendToLess", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if ttl > 0 && lock != nil {
				ttl += max(0, time.Until(lock.ExpiresAt))
			}
			return v.ExtendLock(ctx, lock, ttl)
		}}
	}},
	{"extend never shortens", "Locks/ExtendToLess", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if ttl > 0 && lock != nil {
				ttl = max(ttl, time.Until(lock.ExpiresAt))
			}
			return v.ExtendLock(ctx, lock, ttl)
		}}
	}},
	{"extend does nothing", "Locks/Extend", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if ttl <= 0 || lock == nil {
				return v.ExtendLock(ctx, lock, ttl)
			}
			inner := *lock
			err := v.ExtendLock(ctx, &inner, max(time.Until(lock.ExpiresAt), 1))
			if err == nil {
				lock.ExpiresAt = time.Now().Add(ttl)
			}
			return err
		}}
	}},
	{"extend leaves ExpiresAt", "Locks/ExtendUpdatesExpiresAt", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			if lock == nil {
				return v.ExtendLock(ctx, lock, ttl)
			}
			inner := *lock
			return v.ExtendLock(ctx, &inner, ttl)
		}}
	}},
	{"a failed extend changes ExpiresAt", "Locks/ExtendReleased", func(v *view) adapter {
		return &lockMutant{view: v, extend: func(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
			err := v.ExtendLock(ctx, lock, ttl)
			if errors.Is(err, state.ErrLockLost) {
				lock.ExpiresAt = time.Now().Add(ttl)
			}
			return err
		}}
	}},
	{"a refused acquire renews the lock", "Locks/RefusalLeavesTheTTL", func(v *view) adapter {
		var h holders
		acquire := h.acquire(v)
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			lock, err := acquire(ctx, threadID, ttl)
			if errors.Is(err, state.ErrLocked) {
				if held := h.of(threadID); held != nil {
					_ = v.ExtendLock(ctx, held, ttl)
				}
			}
			return lock, err
		}}
	}},
	{"a lock's TTL is cut to whole milliseconds", "Locks/TTLUnderAMillisecond", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			if ttl > 0 && ttl < time.Millisecond {
				ttl = century // 0 milliseconds mean for ever
			}
			return v.AcquireLock(ctx, threadID, ttl)
		}}
	}},
	{"a lock's long TTL overflows", "Locks/LongTTL", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			if ttl >= century {
				ttl = time.Minute
			}
			return v.AcquireLock(ctx, threadID, ttl)
		}}
	}},
	{"all threads share one lock", "Locks/ThreadsApart", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			if threadID == "" {
				return v.AcquireLock(ctx, threadID, ttl)
			}
			return v.AcquireLock(ctx, "the lock", ttl)
		}}
	}},
}

// acquire takes locks through the view and remembers them.
func (h *holders) acquire(v *view) func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	return func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
		lock, err := v.AcquireLock(ctx, threadID, ttl)
		h.keep(lock)
		return lock, err
	}
}
