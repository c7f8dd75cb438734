package history

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// fake answers as it is told.
type fake struct {
	state.Adapter
	state.Inbox
	err error
}

func (f *fake) AcquireLock(context.Context, string, time.Duration) (*state.Lock, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &state.Lock{ThreadID: "t", Token: "abcdefgh"}, nil
}
func (f *fake) ExtendLock(context.Context, *state.Lock, time.Duration) error { return f.err }
func (f *fake) ReleaseLock(context.Context, *state.Lock) error               { return f.err }
func (f *fake) ForceReleaseLock(context.Context, string) error               { return f.err }

func (f *fake) Enqueue(context.Context, string, state.QueueEntry, int) (int, error) { return 3, f.err }

func (f *fake) QueueDepth(context.Context, string) (int, error) { return 4, f.err }

func (f *fake) Dequeue(context.Context, string) (*state.QueueEntry, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &state.QueueEntry{Message: []byte("7")}, nil
}

func (f *fake) Accept(context.Context, string, state.QueueEntry, int) (int, error) { return 5, f.err }

func (f *fake) Settle(context.Context, string, ...state.Receipt) (int, error) { return 1, f.err }

func (f *fake) Waiting(context.Context, string) ([]state.WaitingEntry, error) {
	return []state.WaitingEntry{
		{QueueEntry: state.QueueEntry{Message: []byte("7")}, Receipt: "r7"},
		{QueueEntry: state.QueueEntry{Message: []byte("8")}, Receipt: "r8"},
	}, f.err
}

func (f *fake) Get(context.Context, string) ([]byte, error)              { return []byte("7"), f.err }
func (f *fake) Set(context.Context, string, []byte, time.Duration) error { return f.err }
func (f *fake) Delete(context.Context, string) error                     { return f.err }
func (f *fake) SetIfNotExists(context.Context, string, []byte, time.Duration) (bool, error) {
	return true, f.err
}

func (f *fake) CompareAndSwap(context.Context, string, []byte, []byte, time.Duration) (bool, error) {
	return false, f.err
}

func TestRecorder(t *testing.T) {
	ctx := t.Context()
	r := NewRecorder()
	f := &fake{}
	l, q, i := r.Locks(1, f), r.Queues(2, f), r.Inbox(3, f)
	lock, _ := l.AcquireLock(ctx, "t", time.Second)
	_ = l.ExtendLock(ctx, lock, 2*time.Second)
	_ = l.ReleaseLock(ctx, lock)
	_ = l.ForceReleaseLock(ctx, "t")
	_, _ = q.Enqueue(ctx, "t", state.QueueEntry{Message: []byte("7")}, 9)
	_, _ = q.QueueDepth(ctx, "t")
	_, _ = q.Dequeue(ctx, "t")
	_, _ = i.Accept(ctx, "t", state.QueueEntry{Message: []byte("8")}, 0)
	_, _ = i.Waiting(ctx, "t")
	_, _ = i.Settle(ctx, "t", "r8", "unknown", "r7")
	c, s := r.Cache(4, f), r.Swaps(5, f)
	_ = c.Set(ctx, "k", []byte("7"), time.Second)
	_, _ = c.Get(ctx, "k")
	_, _ = c.SetIfNotExists(ctx, "k", []byte("8"), 0)
	_ = c.Delete(ctx, "k")
	_, _ = s.CompareAndSwap(ctx, "k", nil, []byte("9"), 0)
	_, _ = s.CompareAndSwap(ctx, "k", []byte("7"), []byte("9"), 0)
	f.err = errors.New("out of order")
	_, _ = l.AcquireLock(ctx, "t", time.Second)
	_, _ = q.Dequeue(ctx, "t")

	want := []string{
		"acquire(t, 1s) → abcdef", "extend(t, abcdef, 2s) → ok", "release(t, abcdef) → ok", "force release(t) → ok",
		"enqueue(t, 7, max 9) → 3", "depth(t) → 4", "dequeue(t) → 7",
		"accept(t, 8) → 5", "waiting(t) → 7 8", "settle(t, 8 7) → 1",
		"set(k, 7, 1s) → ok", "get(k) → 7", "set if not exists(k, 8) → true", "delete(k) → ok", "swap(k, absent, 9) → false", "swap(k, 7, 9) → false",
		"acquire(t, 1s) → out of order", "dequeue(t) → out of order",
	}
	events := r.Events()
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	var last time.Duration
	for n, e := range events {
		if e.String() != want[n] {
			t.Errorf("event %d is %q, want %q", n, e, want[n])
		}
		if e.Call < last || e.Return < e.Call {
			t.Errorf("event %d lasted from %v to %v, after one that ended at %v", n, e.Call, e.Return, last)
		}
		last = e.Return
	}
	if c := events[0].Client + events[4].Client + events[7].Client; c != 6 {
		t.Errorf("the clients are %d, %d and %d, want 1, 2 and 3", events[0].Client, events[4].Client, events[7].Client)
	}
}
