package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// backend is data in memory that outlives the adapters that look at it, and that
// can fall silent.
type backend struct {
	*memorystate.Adapter

	mu     sync.Mutex
	silent chan struct{} // closed when it answers again; nil if it does
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	a, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	return &backend{Adapter: a}
}

func (b *backend) silence(silent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if silent {
		b.silent = make(chan struct{})
	} else if b.silent != nil {
		close(b.silent)
		b.silent = nil
	}
}

// silenceEnds is closed when the backend answers again, and nil if it does.
func (b *backend) silenceEnds() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.silent
}

// corrupt pushes something that is no entry, which the views know by its prefix.
func (b *backend) corrupt(t *testing.T, threadID string, raw []byte) {
	t.Helper()
	message, err := json.Marshal(corruptPrefix + base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Enqueue(t.Context(), threadID, state.QueueEntry{Message: message}, 0); err != nil {
		t.Fatal(err)
	}
}

const corruptPrefix = "not an entry: "

// damage returns the error for what corrupt has pushed, and nil for an entry.
func damage(threadID string, e state.QueueEntry) error {
	var text string
	if err := json.Unmarshal(e.Message, &text); err != nil || !strings.HasPrefix(text, corruptPrefix) {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, corruptPrefix))
	if err != nil {
		return nil
	}
	return &state.CorruptError{Kind: "queue", Name: threadID, Raw: raw, Cause: errors.New("not an entry")}
}

// view is an adapter on a backend, without fault: persistent and shared. The
// mutants embed it and replace a method or two.
type view struct {
	backend *backend
	phase   atomic.Int32 // 0 new, 1 connected, 2 closed

	closed    chan struct{}
	closeOnce sync.Once

	// wait is what a call does while the backend is silent, until the channel is
	// closed or the call is given up.
	wait func(ctx context.Context, v *view, ends <-chan struct{}) error
}

func newView(b *backend) *view {
	return &view{backend: b, closed: make(chan struct{}), wait: waitAsItShould}
}

// store is an adapter with the roles that both of ours have.
type store interface {
	state.Adapter
	state.Inbox
	state.Swaps
}

// adapter is what a view is and a mutant stays.
type adapter interface {
	store
	state.Turns
	state.Checker
}

var _ adapter = (*view)(nil)

var viewFeatures = statetest.Features{Inbox: true, Swaps: true, Turns: true, Checker: true, Persistent: true, Shared: true, VirtualTime: true}

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
	v.closeOnce.Do(func() { close(v.closed) })
	return nil
}

// to returns the backend for one call.
func (v *view) to(ctx context.Context) (*backend, error) {
	switch v.phase.Load() {
	case 0:
		return nil, state.ErrNotConnected
	case 2:
		return nil, state.ErrClosed
	}
	for ends := v.backend.silenceEnds(); ends != nil; ends = v.backend.silenceEnds() {
		if err := v.wait(ctx, v, ends); err != nil {
			return nil, err
		}
	}
	return v.backend, nil
}

// patience is how long a call without deadline waits for a silent backend.
const patience = 5 * time.Second

func waitAsItShould(ctx context.Context, v *view, ends <-chan struct{}) error {
	select {
	case <-ends:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-v.closed:
		return state.ErrClosed
	case <-time.After(patience):
		return state.ErrUnavailable
	}
}

func (v *view) Subscribe(ctx context.Context, threadID string) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.Subscribe(ctx, threadID)
}

func (v *view) Unsubscribe(ctx context.Context, threadID string) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.Unsubscribe(ctx, threadID)
}

func (v *view) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	b, err := v.to(ctx)
	if err != nil {
		return false, err
	}
	return b.IsSubscribed(ctx, threadID)
}

func (v *view) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	return b.AcquireLock(ctx, threadID, ttl)
}

func (v *view) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.ExtendLock(ctx, lock, ttl)
}

func (v *view) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.ReleaseLock(ctx, lock)
}

func (v *view) ForceReleaseLock(ctx context.Context, threadID string) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.ForceReleaseLock(ctx, threadID)
}

func (v *view) Get(ctx context.Context, key string) ([]byte, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	return b.Get(ctx, key)
}

func (v *view) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.Set(ctx, key, value, ttl)
}

func (v *view) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	b, err := v.to(ctx)
	if err != nil {
		return false, err
	}
	return b.SetIfNotExists(ctx, key, value, ttl)
}

func (v *view) Delete(ctx context.Context, key string) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.Delete(ctx, key)
}

func (v *view) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.AppendToList(ctx, key, value, opts)
}

func (v *view) GetList(ctx context.Context, key string) ([][]byte, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	return b.GetList(ctx, key)
}

func (v *view) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	b, err := v.to(ctx)
	if err != nil {
		return 0, err
	}
	return b.Enqueue(ctx, threadID, e, maxSize)
}

func (v *view) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	e, err := b.Dequeue(ctx, threadID)
	if err == nil {
		err = damage(threadID, *e)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (v *view) QueueDepth(ctx context.Context, threadID string) (int, error) {
	b, err := v.to(ctx)
	if err != nil {
		return 0, err
	}
	return b.QueueDepth(ctx, threadID)
}

func (v *view) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	b, err := v.to(ctx)
	if err != nil {
		return 0, err
	}
	return b.Accept(ctx, threadID, e, maxSize)
}

func (v *view) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	all, err := b.Waiting(ctx, threadID)
	for i := range all {
		if all[i].Err = damage(threadID, all[i].QueueEntry); all[i].Err != nil {
			all[i].QueueEntry = state.QueueEntry{}
		}
	}
	return all, err
}

func (v *view) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	b, err := v.to(ctx)
	if err != nil {
		return 0, err
	}
	return b.Settle(ctx, threadID, receipts...)
}

func (v *view) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	b, err := v.to(ctx)
	if err != nil {
		return err
	}
	return b.ExtendQueue(ctx, threadID, ttl)
}

func (v *view) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	b, err := v.to(ctx)
	if err != nil {
		return nil, err
	}
	return b.WaitingThreads(ctx, before, limit)
}

func (v *view) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	b, err := v.to(ctx)
	if err != nil {
		return false, err
	}
	return b.CompareAndSwap(ctx, key, old, value, ttl)
}
