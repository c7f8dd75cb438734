package statetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// BenchCallers are the numbers of concurrent callers that [Bench] measures with.
var BenchCallers = []int{1, 64, 256}

// Bench measures the operations that a bot lives on, each with 1, 64 and 256
// concurrent callers that work on threads of their own. A sub-benchmark is named
// by operation and callers, such as "LockRelease/64". open is called afresh for
// each; Bench connects the adapter and closes it.
func Bench(b *testing.B, open func(b *testing.B) state.Adapter) {
	b.Helper()
	for _, o := range benchOperations {
		b.Run(o.name, func(b *testing.B) {
			for _, callers := range BenchCallers {
				b.Run(strconv.Itoa(callers), func(b *testing.B) { o.measure(b, open(b), callers) })
			}
		})
	}
}

// operation is what a caller does again and again.
type operation struct {
	name string
	// prepare, if set, is called once for each thread.
	prepare func(ctx context.Context, a state.Adapter, thread string) error
	// call does it once; n differs each time.
	call func(ctx context.Context, a state.Adapter, thread string, n int64) error
	// inbox says that it needs the role.
	inbox bool
}

const (
	benchTTL     = 30 * time.Second
	benchThreads = 4 // for each caller
)

var benchValue = []byte(`{"count":42,"name":"a value of ordinary size"}`)

func benchEntry() state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{
		Message: []byte(`{"_type":"chat:Message","id":"1700000000.000100","threadId":"slack:C1:1700000000.000100",` +
			`"text":"hello there, how are you?","author":{"userId":"U1","userName":"bob","isBot":false,"isMe":false}}`),
		EnqueuedAt: now,
		ExpiresAt:  now.Add(time.Hour),
	}
}

var benchOperations = []operation{
	{name: "LockRelease", call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
		lock, err := a.AcquireLock(ctx, thread, benchTTL)
		if err != nil {
			return err
		}
		return a.ReleaseLock(ctx, lock)
	}},
	{
		name:    "IsSubscribed",
		prepare: func(ctx context.Context, a state.Adapter, thread string) error { return a.Subscribe(ctx, thread) },
		call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
			return second(a.IsSubscribed(ctx, thread))
		},
	},
	{name: "Set", call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
		return a.Set(ctx, thread, benchValue, benchTTL)
	}},
	{name: "SetIfNotExists", call: func(ctx context.Context, a state.Adapter, thread string, n int64) error {
		set, err := a.SetIfNotExists(ctx, thread+strconv.FormatInt(n, 10), benchValue, benchTTL)
		if err == nil && !set {
			err = errors.New("SetIfNotExists found a key that nobody set")
		}
		return err
	}},
	{
		name: "Get",
		prepare: func(ctx context.Context, a state.Adapter, thread string) error {
			return a.Set(ctx, thread, benchValue, 0)
		},
		call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
			return second(a.Get(ctx, thread))
		},
	},
	{name: "EnqueueDequeue", call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
		if _, err := a.Enqueue(ctx, thread, benchEntry(), 100); err != nil {
			return err
		}
		return second(a.Dequeue(ctx, thread))
	}},
	{name: "Append", call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
		return a.AppendToList(ctx, thread, benchValue, state.ListOptions{MaxLength: 100, TTL: benchTTL})
	}},
	{name: "AcceptWaitingSettle", inbox: true, call: func(ctx context.Context, a state.Adapter, thread string, _ int64) error {
		if _, err := inbox(a).Accept(ctx, thread, benchEntry(), 100); err != nil {
			return err
		}
		waiting, err := inbox(a).Waiting(ctx, thread)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if _, err := inbox(a).Settle(ctx, thread, w.Receipt); err != nil {
				return err
			}
		}
		return nil
	}},
}

func (o operation) measure(b *testing.B, a state.Adapter, callers int) {
	ctx := b.Context()
	if err := a.Connect(ctx); err != nil {
		b.Fatalf("Connect: %v", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			b.Errorf("Close: %v", err)
		}
	}()
	if _, ok := state.As[state.Inbox](a); o.inbox && !ok {
		b.Skip("the adapter has no Inbox")
	}
	threads := make([]string, callers*benchThreads)
	for i := range threads {
		threads[i] = fmt.Sprintf("slack:C%d:1700000000.000100", i)
		if o.prepare != nil {
			if err := o.prepare(ctx, a, threads[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var calls atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		own := threads[c*benchThreads : (c+1)*benchThreads]
		wg.Go(func() {
			for {
				n := calls.Add(1)
				if n > int64(b.N) {
					return
				}
				if err := o.call(ctx, a, own[n%benchThreads], n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
