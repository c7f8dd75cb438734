package memorystate

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// checkShard fails unless what the shard says of its threads is consistent.
func checkShard(t *testing.T, s *threadShard) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, th := range s.threads {
		switch {
		case th.name != name:
			t.Fatalf("thread %q has the name %q", name, th.name)
		case th.token == "" && th.queue.depth() == 0:
			t.Fatalf("thread %q has neither a lock nor a queue", name)
		case th.token == "" && th.lockEnd != never, th.queue.depth() == 0 && th.queueEnd != never:
			t.Fatalf("thread %q: something ends that is not there: %+v", name, th)
		case th.queue.depth() == 0 && !th.mark.at.IsZero():
			t.Fatalf("thread %q is marked without a queue", name)
		case th.slot == 0:
			t.Fatalf("thread %q is never freed", name)
		}
		if at := s.due.at(th.slot); at > s.endOf(th) {
			t.Fatalf("thread %q is freed at %d, too late for %d", name, at, s.endOf(th))
		}
	}
	if s.due.len() != len(s.threads) {
		t.Fatalf("%d of %d threads are in the heap", s.due.len(), len(s.threads))
	}
	var before *thread
	for th := s.marks.first; th != nil; before, th = th, th.mark.next {
		switch {
		case s.threads[th.name] != th:
			t.Fatalf("thread %q is marked and gone", th.name)
		case th.mark.prev != before:
			t.Fatalf("thread %q does not know the mark before its own", th.name)
		case before != nil && before.mark.at.After(th.mark.at):
			t.Fatalf("thread %q is marked before an older mark", th.name)
		}
	}
	if s.marks.last != before {
		t.Fatal("the last mark is not the last one")
	}
	for _, th := range s.spare {
		if th.name != "" || th.slot != 0 || th.token != "" || th.lockEnd != never || th.queue.depth() != 0 || th.queueEnd != never || !th.mark.at.IsZero() {
			t.Fatalf("a thread that has left keeps %+v", th)
		}
		for _, e := range th.queue.entries.items[:cap(th.queue.entries.items)] {
			if e.message != nil {
				t.Fatal("a thread that has left keeps a message")
			}
		}
	}
}

func TestThreadsStayConsistent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		r := rand.New(rand.NewPCG(5, 6))
		held := map[string]*state.Lock{}
		for i := range 20_000 {
			name := strconv.Itoa(r.IntN(8))
			entry := state.QueueEntry{Message: []byte(strconv.Itoa(i)), ExpiresAt: time.Now().Add(time.Duration(r.IntN(300)) * time.Second)}
			ttl := time.Duration(1+r.IntN(120)) * time.Second
			var err error
			switch r.IntN(10) {
			case 0:
				held[name], err = a.AcquireLock(ctx, name, ttl)
			case 1:
				if held[name] != nil {
					err = a.ExtendLock(ctx, held[name], ttl)
				}
			case 2:
				if held[name] != nil {
					err = a.ReleaseLock(ctx, held[name])
				}
			case 3:
				err = a.ForceReleaseLock(ctx, name)
			case 4:
				_, err = a.Accept(ctx, name, entry, r.IntN(30))
			case 5:
				_, err = a.Dequeue(ctx, name)
			case 6:
				err = a.ExtendQueue(ctx, name, ttl)
			case 7:
				out, started := a.StartTurn(ctx, state.StartTurn{
					Key: strconv.Itoa(i), Value: state.NewClaim(time.Now()), TTL: time.Minute,
					ThreadID: name, LockTTL: ttl, Accept: state.AcceptTurn{ThreadID: name, Entry: entry},
				})
				if err = started; out.Lock != nil {
					held[name] = out.Lock
				}
			case 8:
				err = endTurn(ctx, a, r, name, held[name])
			case 9:
				time.Sleep(time.Duration(r.IntN(90)) * time.Second)
			}
			if err != nil && !errors.Is(err, state.ErrLocked) && !errors.Is(err, state.ErrLockLost) && !errors.Is(err, state.ErrQueueEmpty) {
				t.Fatal(err)
			}
			synctest.Wait()
			checkShard(t, &a.threads[a.shard(name)])
		}
	})
}

// endTurn settles one of what waits and gives the lock back, if there is one.
func endTurn(ctx context.Context, a *Adapter, r *rand.Rand, name string, lock *state.Lock) error {
	waiting, err := a.Waiting(ctx, name)
	if err != nil || len(waiting) == 0 || lock == nil {
		return err
	}
	_, err = a.EndTurn(ctx, state.EndTurn{ThreadID: name, Receipts: []state.Receipt{waiting[r.IntN(len(waiting))].Receipt}, Lock: lock})
	return err
}

func TestQueueEndsUnderItsLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		lock, err := a.AcquireLock(ctx, "t", time.Hour)
		check(t, err)
		_, err = a.Accept(ctx, "t", state.QueueEntry{Message: []byte("1"), ExpiresAt: time.Now().Add(time.Second)}, 0)
		check(t, err)
		time.Sleep(queueLinger + 2*slack)
		if items, due := a.stored(); items != 1 || due != 1 {
			t.Errorf("after the queue's end %d items and %d ends are stored, want the lock", items, due)
		}
		if waiting, err := a.Waiting(ctx, "t"); err != nil || len(waiting) != 0 {
			t.Errorf("after the queue's end %d entries wait, error %v", len(waiting), err)
		}
		check(t, a.ExtendLock(ctx, lock, time.Hour))
		check(t, a.ReleaseLock(ctx, lock))
		if items, due := a.stored(); items != 0 || due != 0 {
			t.Errorf("after the release %d items and %d ends are stored", items, due)
		}
	})
}

func TestMarkIsNotBeforeTheLastOne(t *testing.T) {
	var l markList
	first, second := &thread{}, &thread{}
	now := time.Now()
	l.add(first, now)
	l.add(second, now.Add(-time.Second)) // read the clock earlier and came later
	if !second.mark.at.Equal(now) {
		t.Errorf("the second mark is %v before the first", now.Sub(second.mark.at))
	}
}

func TestManyThreadsShrink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		for i := range 2 * smallTable * shardCount {
			_, err := a.AcquireLock(ctx, strconv.Itoa(i), time.Minute)
			check(t, err)
		}
		time.Sleep(time.Minute + 2*slack)
		for i := range a.threads {
			s := &a.threads[i]
			s.mu.Lock()
			if s.peak > smallTable || cap(s.due.entries) > smallTable {
				t.Errorf("after expiry shard %d has a map made for %d threads, and a heap made for %d", i, s.peak, cap(s.due.entries))
			}
			s.mu.Unlock()
		}
	})
}
