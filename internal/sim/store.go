package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// store is one instance's way to the shared state: every call takes a random
// time before and after it is executed, and after a crash nothing gets through.
type store struct {
	inner interface {
		state.Adapter
		state.Inbox
		state.Swaps
	}
	mu      sync.Mutex
	random  *rand.Rand
	latency time.Duration
	// loss is the share of calls whose reply is lost after they were executed.
	loss    float64
	crashed atomic.Bool
}

func (s *store) delay(ctx context.Context) error {
	s.mu.Lock()
	d := time.Duration(s.random.Int64N(int64(s.latency) + 1))
	s.mu.Unlock()
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if s.crashed.Load() {
		return state.ErrUnavailable
	}
	return ctx.Err()
}

func (s *store) lost() bool {
	if s.loss == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Float64() < s.loss
}

// call executes one operation of the shared state with the delays around it.
func call[T any](ctx context.Context, s *store, op func() (T, error)) (T, error) {
	var zero T
	if err := s.delay(ctx); err != nil {
		return zero, err
	}
	v, err := op()
	if s.lost() {
		return zero, state.ErrUnavailable
	}
	if err2 := s.delay(ctx); err2 != nil {
		return zero, err2
	}
	return v, err
}

func callErr(ctx context.Context, s *store, op func() error) error {
	_, err := call(ctx, s, func() (struct{}, error) { return struct{}{}, op() })
	return err
}

func (s *store) Connect(ctx context.Context) error { return s.inner.Connect(ctx) }
func (s *store) Close(context.Context) error       { return nil }

func (s *store) Subscribe(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.Subscribe(ctx, id) })
}

func (s *store) Unsubscribe(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.Unsubscribe(ctx, id) })
}

func (s *store) IsSubscribed(ctx context.Context, id string) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.IsSubscribed(ctx, id) })
}

func (s *store) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	sent := time.Now()
	return call(ctx, s, func() (*state.Lock, error) {
		lock, err := s.inner.AcquireLock(ctx, id, ttl)
		if lock != nil {
			lock.ExpiresAt = sent.Add(ttl)
		}
		return lock, err
	})
}

func (s *store) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	sent := time.Now()
	mine := *lock
	err := callErr(ctx, s, func() error { return s.inner.ExtendLock(ctx, &mine, ttl) })
	if err == nil {
		lock.ExpiresAt = sent.Add(ttl)
	}
	return err
}

func (s *store) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	return callErr(ctx, s, func() error { return s.inner.ReleaseLock(ctx, lock) })
}

func (s *store) ForceReleaseLock(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.ForceReleaseLock(ctx, id) })
}

func (s *store) Get(ctx context.Context, key string) ([]byte, error) {
	return call(ctx, s, func() ([]byte, error) { return s.inner.Get(ctx, key) })
}

func (s *store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return callErr(ctx, s, func() error { return s.inner.Set(ctx, key, value, ttl) })
}

func (s *store) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.SetIfNotExists(ctx, key, value, ttl) })
}

func (s *store) Delete(ctx context.Context, key string) error {
	return callErr(ctx, s, func() error { return s.inner.Delete(ctx, key) })
}

func (s *store) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	return callErr(ctx, s, func() error { return s.inner.AppendToList(ctx, key, value, opts) })
}

func (s *store) GetList(ctx context.Context, key string) ([][]byte, error) {
	return call(ctx, s, func() ([][]byte, error) { return s.inner.GetList(ctx, key) })
}

func (s *store) Enqueue(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Enqueue(ctx, id, e, maxSize) })
}

func (s *store) Dequeue(ctx context.Context, id string) (*state.QueueEntry, error) {
	return call(ctx, s, func() (*state.QueueEntry, error) { return s.inner.Dequeue(ctx, id) })
}

func (s *store) QueueDepth(ctx context.Context, id string) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.QueueDepth(ctx, id) })
}

func (s *store) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Accept(ctx, id, e, maxSize) })
}

func (s *store) Waiting(ctx context.Context, id string) ([]state.WaitingEntry, error) {
	return call(ctx, s, func() ([]state.WaitingEntry, error) { return s.inner.Waiting(ctx, id) })
}

func (s *store) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Settle(ctx, id, receipts...) })
}

func (s *store) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return call(ctx, s, func() ([]string, error) { return s.inner.WaitingThreads(ctx, before, limit) })
}

func (s *store) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.CompareAndSwap(ctx, key, old, value, ttl) })
}
