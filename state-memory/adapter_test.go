package memorystate

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

func connected(t *testing.T) *Adapter {
	t.Helper()
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(context.Background()) })
	return a
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stored counts everything that takes memory.
func (a *Adapter) stored() (items, due int) {
	for i := range shardCount {
		for _, count := range []func() (int, int){a.threads[i].count, a.cache[i].count, a.lists[i].count} {
			n, d := count()
			items += n
			due += d
		}
	}
	return items, due
}

func (t *table[V]) count() (items, due int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.items), t.due.len()
}

// count counts a thread's lock and its queue as an item each.
func (s *threadShard) count() (items, due int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.threads {
		if t.token != "" {
			items++
		}
		if t.queue.depth() > 0 {
			items++
		}
	}
	return items, s.due.len()
}

func (v *values) count() (items, due int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.held, v.due.len()
}

func TestExpiredItemsAreFreedWithoutBeingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		const n = 20_000
		for i := range n {
			name := strconv.Itoa(i)
			ttl := time.Second + time.Duration(i%1000)*time.Millisecond
			_, err := a.AcquireLock(ctx, name, ttl)
			check(t, err)
			check(t, a.Set(ctx, name, []byte("v"), ttl))
			check(t, a.AppendToList(ctx, name, []byte("v"), state.ListOptions{TTL: ttl}))
			_, err = a.Accept(ctx, name, state.QueueEntry{Message: []byte("1"), ExpiresAt: time.Now().Add(2 * time.Minute)}, 0)
			check(t, err)
		}
		if items, _ := a.stored(); items != 4*n {
			t.Fatalf("%d items are stored, want %d", items, 4*n)
		}
		time.Sleep(2*time.Second + 2*slack)
		if items, due := a.stored(); items != n || due != n {
			t.Errorf("after the TTLs %d items and %d ends are stored, want the %d queues", items, due, n)
		}
		time.Sleep(2 * time.Minute)
		if items, due := a.stored(); items != 0 || due != 0 {
			t.Errorf("after the queues' ends %d items and %d ends are stored, want none", items, due)
		}
		threads, err := a.WaitingThreads(ctx, time.Now(), 0)
		check(t, err)
		if len(threads) != 0 {
			t.Errorf("%d threads are waiting for nothing", len(threads))
		}
	})
}

func TestLargeTableShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab := &table[int]{}
		tab.clock = clock{epoch: time.Now()}
		check(t, tab.lock())
		const n = 10 * smallTable
		for i := range n {
			tab.add(strconv.Itoa(i), i, tab.clock.now().plus(time.Minute), tab.clock.now())
		}
		tab.add("last", 0, tab.clock.now().plus(time.Hour), tab.clock.now())
		tab.unlock()
		time.Sleep(2 * time.Minute)
		check(t, tab.lock())
		if len(tab.items) != 1 || tab.peak > n/4 || cap(tab.due.entries) > n/4 {
			t.Errorf("after expiry: %d items in a map made for %d, and a heap made for %d", len(tab.items), tab.peak, cap(tab.due.entries))
		}
		if it := tab.get("last", tab.clock.now()); it == nil {
			t.Error("the item that lives on is gone")
		}
		tab.unlock()
		tab.close()
	})
}

func TestRenewalsDoNotGrowTheHeap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		lock, err := a.AcquireLock(ctx, "t", 10*time.Second)
		check(t, err)
		for range 1000 {
			time.Sleep(3 * time.Second)
			check(t, a.ExtendLock(ctx, lock, 10*time.Second))
			check(t, a.Set(ctx, "k", nil, 10*time.Second))
			check(t, a.AppendToList(ctx, "l", nil, state.ListOptions{MaxLength: 3, TTL: 10 * time.Second}))
		}
		if items, due := a.stored(); items != 3 || due != 3 {
			t.Errorf("%d items and %d ends are stored, want 3 of each", items, due)
		}
	})
}

func TestQueueStaysAMinuteAtLeast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		enqueue := func(expires time.Duration) {
			t.Helper()
			_, err := a.Enqueue(ctx, "t", state.QueueEntry{Message: []byte("1"), ExpiresAt: time.Now().Add(expires)}, 0)
			check(t, err)
		}
		depth := func() int {
			t.Helper()
			n, err := a.QueueDepth(ctx, "t")
			check(t, err)
			return n
		}
		enqueue(-time.Hour)
		time.Sleep(59 * time.Second)
		if depth() != 1 {
			t.Error("an expired entry was freed within a minute")
		}
		enqueue(10 * time.Minute)
		enqueue(time.Second) // never shortens the queue's life
		time.Sleep(10*time.Minute - time.Second)
		if depth() != 3 {
			t.Error("the queue was freed before its last entry expired")
		}
		time.Sleep(2 * time.Second)
		if depth() != 0 {
			t.Error("the queue was not freed")
		}
		enqueue(1<<63 - 1)
		_, err := a.Enqueue(ctx, "far", state.QueueEntry{Message: []byte("1"), ExpiresAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, 0)
		check(t, err)
		time.Sleep(100 * 365 * 24 * time.Hour)
		if depth() != 1 {
			t.Error("a queue whose entry lives for centuries was freed")
		}
	})
}

func TestCloseFreesEverything(t *testing.T) {
	// The bubble fails the test if a goroutine is left behind.
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		check(t, a.Subscribe(ctx, "t"))
		check(t, a.Set(ctx, "t", []byte("v"), time.Hour))
		_, err := a.AcquireLock(ctx, "t", time.Hour)
		check(t, err)
		check(t, a.Close(ctx))
		if items, due := a.stored(); items != 0 || due != 0 {
			t.Errorf("after Close %d items and %d ends are stored", items, due)
		}
		for i := range shardCount {
			if timer := a.cache[i].timer; timer != nil && timer.Stop() {
				t.Error("after Close a timer still runs")
			}
			if a.subscriptions[i].threads != nil {
				t.Error("after Close subscriptions are stored")
			}
		}
	})
}

func TestClosedUnderLoad(t *testing.T) {
	a := connected(t)
	ctx := t.Context()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for {
				if err := anyCall(ctx, a, r); errors.Is(err, state.ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	time.AfterFunc(50*time.Millisecond, func() { a.Close(ctx) })
	wg.Wait()
	check(t, a.Close(ctx)) // the first call may still be at it
	if items, due := a.stored(); items != 0 || due != 0 {
		t.Errorf("calls that ran during Close left %d items and %d ends", items, due)
	}
}

// anyCall makes one random call and returns the errors that are not outcomes.
func anyCall(ctx context.Context, a *Adapter, r *rand.Rand) error {
	name := strconv.Itoa(r.IntN(50))
	ttl := time.Duration(1+r.IntN(3)) * time.Millisecond
	var err error
	switch r.IntN(9) {
	case 0:
		var lock *state.Lock
		if lock, err = a.AcquireLock(ctx, name, ttl); err == nil {
			if err = a.ExtendLock(ctx, lock, 2*ttl); err == nil {
				err = a.ReleaseLock(ctx, lock)
			}
		}
	case 1:
		err = a.ForceReleaseLock(ctx, name)
	case 2:
		err = a.Set(ctx, name, []byte(name), ttl)
	case 3:
		_, err = a.Get(ctx, name)
	case 4:
		_, err = a.SetIfNotExists(ctx, name, []byte(name), ttl)
	case 5:
		if err = a.AppendToList(ctx, name, []byte(name), state.ListOptions{MaxLength: 3, TTL: ttl}); err == nil {
			_, err = a.GetList(ctx, name)
		}
	case 6:
		_, err = a.Accept(ctx, name, state.QueueEntry{Message: []byte(name)}, r.IntN(5))
	case 7:
		var waiting []state.WaitingEntry
		if waiting, err = a.Waiting(ctx, name); err == nil && len(waiting) > 0 {
			_, err = a.Settle(ctx, name, waiting[r.IntN(len(waiting))].Receipt)
		}
	case 8:
		_, err = a.WaitingThreads(ctx, time.Now(), r.IntN(5))
	}
	for _, outcome := range []error{state.ErrLocked, state.ErrLockLost, state.ErrNotFound} {
		if errors.Is(err, outcome) {
			return nil
		}
	}
	return err
}
