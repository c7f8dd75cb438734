package memorystate

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// AcquireLock implements [state.Locks].
func (a *Adapter) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return nil, err
	}
	if err := state.CheckLockTTL("ttl", ttl); err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	defer s.unlock()
	lock := s.acquire(s.open(strings.Clone(threadID)), ttl, time.Now())
	if lock == nil {
		return nil, state.ErrLocked
	}
	return lock, nil
}

// acquire takes the thread's lock, or returns nil if it is taken. The mutex is held.
func (s *threadShard) acquire(t *thread, ttl time.Duration, start time.Time) *state.Lock {
	now := s.clock.moment(start)
	if t.isLocked(now) {
		return nil
	}
	ttl = state.CeilMillis(ttl)
	t.token, t.lockEnd = rand.Text(), now.plus(ttl)
	s.setDue(t, now)
	return &state.Lock{ThreadID: t.name, Token: t.token, ExpiresAt: start.Add(ttl)}
}

// dropLock leaves the thread without a lock.
func (t *thread) dropLock() { t.token, t.lockEnd = "", never }

// ExtendLock implements [state.Locks].
func (a *Adapter) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	s, err := a.lockShard(ctx, lock)
	if err != nil {
		return err
	}
	if err := state.CheckLockTTL("ttl", ttl); err != nil {
		return err
	}
	ttl = state.CeilMillis(ttl)
	if err := s.lock(); err != nil {
		return err
	}
	defer s.unlock()
	start := time.Now()
	now := a.clock.moment(start)
	t := s.threads[lock.ThreadID]
	if !t.holds(lock.Token, now) {
		return state.ErrLockLost
	}
	t.lockEnd = now.plus(ttl)
	s.setDue(t, now)
	lock.ExpiresAt = start.Add(ttl)
	return nil
}

// ReleaseLock implements [state.Locks].
func (a *Adapter) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	s, err := a.lockShard(ctx, lock)
	if err != nil {
		return err
	}
	if err := s.lock(); err != nil {
		return err
	}
	defer s.unlock()
	t := s.threads[lock.ThreadID]
	if !t.holds(lock.Token, a.clock.now()) {
		return state.ErrLockLost
	}
	t.dropLock()
	s.forget(t)
	return nil
}

// ForceReleaseLock implements [state.Locks].
func (a *Adapter) ForceReleaseLock(ctx context.Context, threadID string) error {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return err
	}
	if err := s.lock(); err != nil {
		return err
	}
	defer s.unlock()
	if t := s.threads[threadID]; t != nil {
		t.dropLock()
		s.forget(t)
	}
	return nil
}

// Fence implements [state.Fences].
func (a *Adapter) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	s, err := a.lockShard(ctx, lock)
	if err != nil {
		return 0, err
	}
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	if !s.threads[lock.ThreadID].holds(lock.Token, a.clock.now()) {
		return 0, state.ErrLockLost
	}
	if s.fences == nil {
		s.fences = map[string]int64{}
	}
	s.fences[lock.ThreadID]++
	return s.fences[lock.ThreadID], nil
}

// threadShard returns the shard of the thread of a call with valid arguments.
func (a *Adapter) threadShard(ctx context.Context, threadID string) (*threadShard, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	return &a.threads[a.shard(threadID)], nil
}

// lockShard returns the shard of the lock's thread.
func (a *Adapter) lockShard(ctx context.Context, lock *state.Lock) (*threadShard, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckLock(lock); err != nil {
		return nil, err
	}
	return &a.threads[a.shard(lock.ThreadID)], nil
}
