package memorystate

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// AcquireLock implements [state.Locks].
func (a *Adapter) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	if err := state.CheckLockTTL("ttl", ttl); err != nil {
		return nil, err
	}
	return a.acquire(threadID, ttl)
}

func (a *Adapter) acquire(threadID string, ttl time.Duration) (*state.Lock, error) {
	ttl = state.CeilMillis(ttl)
	token := rand.Text()
	t := &a.locks[a.shard(threadID)]
	if err := t.lock(); err != nil {
		return nil, err
	}
	defer t.unlock()
	start := time.Now()
	now := a.clock.moment(start)
	if t.get(threadID, now) != nil {
		return nil, state.ErrLocked
	}
	t.add(threadID, token, now.plus(ttl), now)
	return &state.Lock{ThreadID: threadID, Token: token, ExpiresAt: start.Add(ttl)}, nil
}

// ExtendLock implements [state.Locks].
func (a *Adapter) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := state.CheckLock(lock); err != nil {
		return err
	}
	if err := state.CheckLockTTL("ttl", ttl); err != nil {
		return err
	}
	ttl = state.CeilMillis(ttl)
	t := &a.locks[a.shard(lock.ThreadID)]
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	start := time.Now()
	now := a.clock.moment(start)
	held := t.get(lock.ThreadID, now)
	if held == nil || held.value != lock.Token {
		return state.ErrLockLost
	}
	t.setEnd(held, now.plus(ttl), now)
	lock.ExpiresAt = start.Add(ttl)
	return nil
}

// ReleaseLock implements [state.Locks].
func (a *Adapter) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := state.CheckLock(lock); err != nil {
		return err
	}
	return a.release(lock)
}

func (a *Adapter) release(lock *state.Lock) error {
	t := &a.locks[a.shard(lock.ThreadID)]
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	held := t.get(lock.ThreadID, a.clock.now())
	if held == nil || held.value != lock.Token {
		return state.ErrLockLost
	}
	t.remove(held)
	return nil
}

// ForceReleaseLock implements [state.Locks].
func (a *Adapter) ForceReleaseLock(ctx context.Context, threadID string) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := state.CheckName("threadID", threadID); err != nil {
		return err
	}
	t := &a.locks[a.shard(threadID)]
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	if held := t.get(threadID, a.clock.now()); held != nil {
		t.remove(held)
	}
	return nil
}

// Fence implements [state.Fences].
func (a *Adapter) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	if err := state.CheckLock(lock); err != nil {
		return 0, err
	}
	i := a.shard(lock.ThreadID)
	t := &a.locks[i]
	if err := t.lock(); err != nil {
		return 0, err
	}
	defer t.unlock()
	held := t.get(lock.ThreadID, a.clock.now())
	if held == nil || held.value != lock.Token {
		return 0, state.ErrLockLost
	}
	if a.fences[i] == nil {
		a.fences[i] = map[string]int64{}
	}
	a.fences[i][lock.ThreadID]++
	return a.fences[i][lock.ThreadID], nil
}
