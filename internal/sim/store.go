package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Store is one instance's way to the shared state: every call takes a random
// time before and after it is executed, and after a crash nothing gets through.
type Store struct {
	inner   Shared
	mu      sync.Mutex
	random  *rand.Rand
	latency time.Duration
	loss    float64
	crashed atomic.Bool
	away    atomic.Bool
	calls   atomic.Int64
}

// Shared is the state that instances share.
type Shared interface {
	state.Adapter
	state.Inbox
	state.Swaps
	state.Fences
}

// NewStore returns a way to the shared state. Each call takes up to twice the
// latency; a share of the replies is lost after the call was executed. Closing it
// leaves the shared state open.
func NewStore(shared Shared, seed uint64, latency time.Duration, loss float64) *Store {
	return &Store{inner: shared, random: rand.New(rand.NewPCG(seed, 7)), latency: latency, loss: loss}
}

// Crash cuts the instance off for ever, as if its process had died.
func (s *Store) Crash() { s.crashed.Store(true) }

// SetLatency changes how long calls take: up to twice that.
func (s *Store) SetLatency(latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = latency
}

// SetAway cuts the instance off from the state, or connects it again.
func (s *Store) SetAway(away bool) { s.away.Store(away) }

// Calls returns the number of calls so far.
func (s *Store) Calls() int64 { return s.calls.Load() }

func (s *Store) delay(ctx context.Context) error {
	s.mu.Lock()
	d := time.Duration(s.random.Int64N(int64(s.latency) + 1))
	s.mu.Unlock()
	switch {
	case d == 0:
	case ctx.Done() == nil:
		time.Sleep(d)
	default:
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if s.crashed.Load() || s.away.Load() {
		return state.ErrUnavailable
	}
	return ctx.Err()
}

func (s *Store) lost() bool {
	if s.loss == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Float64() < s.loss
}

// call executes one operation of the shared state with the delays around it.
func call[T any](ctx context.Context, s *Store, op func() (T, error)) (T, error) {
	var zero T
	s.calls.Add(1)
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

func callErr(ctx context.Context, s *Store, op func() error) error {
	_, err := call(ctx, s, func() (struct{}, error) { return struct{}{}, op() })
	return err
}

// Connect connects the shared state.
func (s *Store) Connect(ctx context.Context) error {
	if s.crashed.Load() || s.away.Load() {
		return state.ErrUnavailable
	}
	return s.inner.Connect(ctx)
}

// Close does nothing: others use the shared state.
func (s *Store) Close(context.Context) error { return nil }

// Subscribe calls the shared state's.
func (s *Store) Subscribe(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.Subscribe(ctx, id) })
}

// Unsubscribe calls the shared state's.
func (s *Store) Unsubscribe(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.Unsubscribe(ctx, id) })
}

// IsSubscribed calls the shared state's.
func (s *Store) IsSubscribed(ctx context.Context, id string) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.IsSubscribed(ctx, id) })
}

// AcquireLock calls the shared state's.
func (s *Store) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	sent := time.Now()
	return call(ctx, s, func() (*state.Lock, error) {
		lock, err := s.inner.AcquireLock(ctx, id, ttl)
		if lock != nil {
			lock.ExpiresAt = sent.Add(ttl)
		}
		return lock, err
	})
}

// ExtendLock calls the shared state's.
func (s *Store) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	sent := time.Now()
	mine := *lock
	err := callErr(ctx, s, func() error { return s.inner.ExtendLock(ctx, &mine, ttl) })
	if err == nil {
		lock.ExpiresAt = sent.Add(ttl)
	}
	return err
}

// ReleaseLock calls the shared state's.
func (s *Store) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	return callErr(ctx, s, func() error { return s.inner.ReleaseLock(ctx, lock) })
}

// ForceReleaseLock calls the shared state's.
func (s *Store) ForceReleaseLock(ctx context.Context, id string) error {
	return callErr(ctx, s, func() error { return s.inner.ForceReleaseLock(ctx, id) })
}

// Fence calls the shared state's.
func (s *Store) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	return call(ctx, s, func() (int64, error) { return s.inner.Fence(ctx, lock) })
}

// Get calls the shared state's.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	return call(ctx, s, func() ([]byte, error) { return s.inner.Get(ctx, key) })
}

// Set calls the shared state's.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return callErr(ctx, s, func() error { return s.inner.Set(ctx, key, value, ttl) })
}

// SetIfNotExists calls the shared state's.
func (s *Store) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.SetIfNotExists(ctx, key, value, ttl) })
}

// Delete calls the shared state's.
func (s *Store) Delete(ctx context.Context, key string) error {
	return callErr(ctx, s, func() error { return s.inner.Delete(ctx, key) })
}

// AppendToList calls the shared state's.
func (s *Store) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	return callErr(ctx, s, func() error { return s.inner.AppendToList(ctx, key, value, opts) })
}

// GetList calls the shared state's.
func (s *Store) GetList(ctx context.Context, key string) ([][]byte, error) {
	return call(ctx, s, func() ([][]byte, error) { return s.inner.GetList(ctx, key) })
}

// Enqueue calls the shared state's.
func (s *Store) Enqueue(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Enqueue(ctx, id, e, maxSize) })
}

// Dequeue calls the shared state's.
func (s *Store) Dequeue(ctx context.Context, id string) (*state.QueueEntry, error) {
	return call(ctx, s, func() (*state.QueueEntry, error) { return s.inner.Dequeue(ctx, id) })
}

// QueueDepth calls the shared state's.
func (s *Store) QueueDepth(ctx context.Context, id string) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.QueueDepth(ctx, id) })
}

// Accept calls the shared state's.
func (s *Store) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Accept(ctx, id, e, maxSize) })
}

// Waiting calls the shared state's.
func (s *Store) Waiting(ctx context.Context, id string) ([]state.WaitingEntry, error) {
	return call(ctx, s, func() ([]state.WaitingEntry, error) { return s.inner.Waiting(ctx, id) })
}

// Settle calls the shared state's.
func (s *Store) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	return call(ctx, s, func() (int, error) { return s.inner.Settle(ctx, id, receipts...) })
}

// ExtendQueue calls the shared state's.
func (s *Store) ExtendQueue(ctx context.Context, id string, ttl time.Duration) error {
	return callErr(ctx, s, func() error { return s.inner.ExtendQueue(ctx, id, ttl) })
}

// WaitingThreads calls the shared state's.
func (s *Store) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return call(ctx, s, func() ([]string, error) { return s.inner.WaitingThreads(ctx, before, limit) })
}

// CompareAndSwap calls the shared state's.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return call(ctx, s, func() (bool, error) { return s.inner.CompareAndSwap(ctx, key, old, value, ttl) })
}
