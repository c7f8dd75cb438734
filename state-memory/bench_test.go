package memorystate

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// parallel runs op on every core, with a different thread each time.
func parallel(b *testing.B, threads int, op func(ctx context.Context, a *Adapter, thread string) error) {
	b.Helper()
	a, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	if err := a.Connect(ctx); err != nil {
		b.Fatal(err)
	}
	defer a.Close(ctx)
	names := make([]string, threads)
	for i := range names {
		names[i] = "slack:C" + strconv.Itoa(i) + ":1700000000.000100"
	}
	var workers atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		i := int(workers.Add(1)) * 7919
		for pb.Next() {
			i++
			if err := op(ctx, a, names[i%threads]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

var benchEntry = state.QueueEntry{
	Message:    []byte(`{"_type":"chat:Message","id":"1","text":"hello there","author":{"userId":"U1","userName":"bob"}}`),
	EnqueuedAt: time.UnixMilli(1700000000000),
	ExpiresAt:  time.UnixMilli(4102444800000),
}

func BenchmarkOperations(b *testing.B) {
	value := []byte(`{"n":1}`)
	var keys atomic.Int64
	for _, o := range []struct {
		name string
		op   func(ctx context.Context, a *Adapter, thread string) error
	}{
		{"LockRelease", func(ctx context.Context, a *Adapter, thread string) error {
			lock, err := a.AcquireLock(ctx, thread, 30*time.Second)
			if err != nil {
				return nil // two workers met
			}
			return a.ReleaseLock(ctx, lock)
		}},
		{"IsSubscribed", func(ctx context.Context, a *Adapter, thread string) error {
			_, err := a.IsSubscribed(ctx, thread)
			return err
		}},
		{"Set", func(ctx context.Context, a *Adapter, thread string) error {
			return a.Set(ctx, thread, value, time.Hour)
		}},
		{"SetIfNotExistsNew", func(ctx context.Context, a *Adapter, _ string) error {
			_, err := a.SetIfNotExists(ctx, "dedupe:slack:"+strconv.FormatInt(keys.Add(1), 10), value, 10*time.Minute)
			return err
		}},
		{"AppendToList", func(ctx context.Context, a *Adapter, thread string) error {
			return a.AppendToList(ctx, thread, value, state.ListOptions{MaxLength: 100, TTL: time.Hour})
		}},
		{"EnqueueDequeue", func(ctx context.Context, a *Adapter, thread string) error {
			if _, err := a.Enqueue(ctx, thread, benchEntry, 0); err != nil {
				return err
			}
			_, err := a.Dequeue(ctx, thread)
			return err
		}},
		{"AcceptWaitingSettle", func(ctx context.Context, a *Adapter, thread string) error {
			if _, err := a.Accept(ctx, thread, benchEntry, 0); err != nil {
				return err
			}
			waiting, err := a.Waiting(ctx, thread)
			if err != nil {
				return err
			}
			for _, w := range waiting {
				if _, err := a.Settle(ctx, thread, w.Receipt); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		b.Run(o.name, func(b *testing.B) { parallel(b, 10_000, o.op) })
	}
}

// BenchmarkThreads shows that the number of threads with locks, queues and
// subscriptions does not matter to one more message.
func BenchmarkThreads(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a, err := New(Config{})
			if err != nil {
				b.Fatal(err)
			}
			ctx := b.Context()
			if err := a.Connect(ctx); err != nil {
				b.Fatal(err)
			}
			defer a.Close(ctx)
			names := make([]string, n)
			for i := range names {
				names[i] = "slack:C" + strconv.Itoa(i) + ":1700000000.000100"
				if err := a.Subscribe(ctx, names[i]); err != nil {
					b.Fatal(err)
				}
				if _, err := a.AcquireLock(ctx, names[i], time.Hour+time.Duration(i)); err != nil {
					b.Fatal(err)
				}
				if _, err := a.Accept(ctx, names[i], benchEntry, 10); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i += 7919
				name := names[i%n]
				if _, err := a.IsSubscribed(ctx, name); err != nil {
					b.Fatal(err)
				}
				if err := a.ForceReleaseLock(ctx, name); err != nil {
					b.Fatal(err)
				}
				if _, err := a.AcquireLock(ctx, name, time.Minute); err != nil {
					b.Fatal(err)
				}
				if _, err := a.Accept(ctx, name, benchEntry, 10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
