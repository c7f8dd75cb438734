package conformance

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// backend is data in memory that outlives the adapters that look at it.
type backend = *memorystate.Adapter

func newBackend(t *testing.T) backend {
	t.Helper()
	b, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(context.Background()) })
	return b
}

// view is an adapter on a backend, without fault: persistent and shared. The
// mutants embed it and replace a method or two.
type view struct {
	backend backend
	phase   atomic.Int32 // 0 new, 1 connected, 2 closed
}

// adapter is what a view is and a mutant stays.
type adapter interface {
	state.Adapter
	state.Inbox
	state.Swaps
}

var _ adapter = (*view)(nil)

var viewFeatures = statetest.Features{Inbox: true, Swaps: true, Persistent: true, Shared: true, VirtualTime: true}

func (v *view) Connect(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !v.phase.CompareAndSwap(0, 1) && v.phase.Load() == 2 {
		return state.ErrClosed
	}
	return nil
}

func (v *view) Close(context.Context) error {
	v.phase.Store(2)
	return nil
}

// to returns the backend for one call.
func (v *view) to() (backend, error) {
	switch v.phase.Load() {
	case 0:
		return nil, state.ErrNotConnected
	case 2:
		return nil, state.ErrClosed
	}
	return v.backend, nil
}

func (v *view) Subscribe(ctx context.Context, threadID string) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.Subscribe(ctx, threadID)
}

func (v *view) Unsubscribe(ctx context.Context, threadID string) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.Unsubscribe(ctx, threadID)
}

func (v *view) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	b, err := v.to()
	if err != nil {
		return false, err
	}
	return b.IsSubscribed(ctx, threadID)
}

func (v *view) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.AcquireLock(ctx, threadID, ttl)
}

func (v *view) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.ExtendLock(ctx, lock, ttl)
}

func (v *view) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.ReleaseLock(ctx, lock)
}

func (v *view) ForceReleaseLock(ctx context.Context, threadID string) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.ForceReleaseLock(ctx, threadID)
}

func (v *view) Get(ctx context.Context, key string) ([]byte, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.Get(ctx, key)
}

func (v *view) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.Set(ctx, key, value, ttl)
}

func (v *view) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	b, err := v.to()
	if err != nil {
		return false, err
	}
	return b.SetIfNotExists(ctx, key, value, ttl)
}

func (v *view) Delete(ctx context.Context, key string) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.Delete(ctx, key)
}

func (v *view) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	b, err := v.to()
	if err != nil {
		return err
	}
	return b.AppendToList(ctx, key, value, opts)
}

func (v *view) GetList(ctx context.Context, key string) ([][]byte, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.GetList(ctx, key)
}

func (v *view) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	b, err := v.to()
	if err != nil {
		return 0, err
	}
	return b.Enqueue(ctx, threadID, e, maxSize)
}

func (v *view) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.Dequeue(ctx, threadID)
}

func (v *view) QueueDepth(ctx context.Context, threadID string) (int, error) {
	b, err := v.to()
	if err != nil {
		return 0, err
	}
	return b.QueueDepth(ctx, threadID)
}

func (v *view) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	b, err := v.to()
	if err != nil {
		return 0, err
	}
	return b.Accept(ctx, threadID, e, maxSize)
}

func (v *view) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.Waiting(ctx, threadID)
}

func (v *view) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	b, err := v.to()
	if err != nil {
		return 0, err
	}
	return b.Settle(ctx, threadID, receipts...)
}

func (v *view) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	b, err := v.to()
	if err != nil {
		return nil, err
	}
	return b.WaitingThreads(ctx, before, limit)
}

func (v *view) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	b, err := v.to()
	if err != nil {
		return false, err
	}
	return b.CompareAndSwap(ctx, key, old, value, ttl)
}
