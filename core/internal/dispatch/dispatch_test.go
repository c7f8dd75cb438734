package dispatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// What several instances accept for one key is handled once, in order, by one handler at
// a time, and what waits meanwhile is one batch.
func TestAKeyIsHandledInOrderByOneHandlerAtATime(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		a, b := r.instance(nil), r.instance(nil)
		r.handleWith(func(*Batch) error { time.Sleep(time.Second); return nil })
		var want []string
		for i := range 20 {
			id := fmt.Sprintf("topic-%d", i)
			want = append(want, id)
			r.accept([]*Dispatcher{a, b}[i%2], testKey, id)
			time.Sleep(300 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		require.Equal(t, want, r.seen())
		require.Equal(t, 1, r.atOnce())
		require.Less(t, r.count(Handled), 20)
		require.Equal(t, 20, r.count(Handled)+r.count(Skipped))
		r.shutdown(a, b)
	})
}

// Items that are handled at once take the lock, one look and one batch each.
func TestOneItemTakesOneLock(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(nil)
		for i := range 3 {
			r.accept(d, testKey, fmt.Sprint("topic-", i))
			time.Sleep(time.Second)
		}
		require.Equal(t, []Step{Accepted, LockAcquired, Dequeued, Handled, LockReleased}, sortedSteps(r.told()[:5]))
		require.Equal(t, 3, r.count(LockAcquired))
		r.shutdown(d)
		require.Empty(t, d.pool.shards[shardOf(testKey.name)].workers, "an idle worker is forgotten")
	})
}

// sortedSteps puts the delivery's step first: it is reported while the worker begins.
func sortedSteps(steps []Step) []Step {
	steps = slices.Clone(steps)
	slices.SortStableFunc(steps, func(a, b Step) int {
		switch {
		case a == Accepted && b != Accepted:
			return -1
		case b == Accepted && a != Accepted:
			return 1
		}
		return 0
	})
	return steps
}

// A redelivery is refused while the first delivery's handler runs and after it.
func TestARedeliveryIsADuplicate(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		a, b := r.instance(nil), r.instance(nil)
		r.handleWith(func(*Batch) error { time.Sleep(time.Second); return nil })
		r.accept(a, testKey, "topic-1")
		r.accept(b, testKey, "topic-1")
		time.Sleep(time.Minute)
		r.accept(b, testKey, "topic-1")
		require.Equal(t, []string{"topic-1"}, r.seen())
		require.Equal(t, 2, r.count(Duplicate))
		r.shutdown(a, b)
	})
}

// A claim whose item was never stored is busy for its grace, and is taken over then.
func TestTheClaimOfADeadDeliveryIsTakenOver(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(nil)
		require.NoError(t, r.state.Set(t.Context(), "claim:topic-1", state.NewClaim(time.Now()), time.Hour))
		require.ErrorIs(t, d.Accept(t.Context(), testKey, r.message("topic-1"), &r.policy), fault.ErrBusy)
		time.Sleep(claimGrace)
		r.accept(d, testKey, "topic-1")
		time.Sleep(time.Second)
		require.Equal(t, []string{"topic-1"}, r.seen())
		r.shutdown(d)
	})
}

var errHandler = errors.New("the handler fails")

// What fails is tried again after growing waits, nothing overtakes it, and in the end it
// is a dead letter, which takes nothing with it.
func TestWhatFailsIsADeadLetterInTheEnd(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		attempts := make(chan time.Time, 9)
		r.handleWith(func(b *Batch) error {
			if b.Last().ID == "topic-1" {
				attempts <- time.Now()
				require.Equal(t, len(attempts), b.Attempt)
				return errHandler
			}
			return nil
		})
		d := r.instance(nil)
		it := r.message("topic-1")
		var receipt Receipt
		receipt.Init(d, it)
		require.NoError(t, d.Accept(t.Context(), testKey, it, &r.policy))
		time.Sleep(time.Millisecond)
		r.accept(d, testKey, "topic-2")
		require.ErrorIs(t, receipt.Wait(t.Context()), errHandler)
		time.Sleep(time.Second)
		require.Equal(t, []string{"topic-2"}, r.seen())
		require.Len(t, attempts, 3)
		first, second, third := <-attempts, <-attempts, <-attempts
		require.InDelta(t, time.Second, second.Sub(first), float64(250*time.Millisecond))
		require.InDelta(t, 2*time.Second, third.Sub(second), float64(500*time.Millisecond))
		require.Equal(t, []string{"topic-1"}, r.lost())
		letters, err := r.state.Waiting(t.Context(), DeadLetters)
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.JSONEq(t, `{"id": "topic-1", "attempts": 3}`, string(letters[0].Message))
		r.handleWith(func(*Batch) error { return nil })
		r.accept(d, testKey, "topic-1") // is no duplicate
		r.shutdown(d)
		require.Equal(t, []string{"topic-2", "topic-1"}, r.seen())
	})
}

// What a dead instance has stored is found by the sweep, and its lock is waited for. The
// attempt is written down before it is made: it may have ended with its instance.
func TestItemsOfADeadInstanceAreRecovered(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		_, err := r.state.AcquireLock(t.Context(), testKey.name, 30*time.Second)
		require.NoError(t, err)
		_, err = r.state.Accept(t.Context(), testKey.name, r.message("topic-1").Entry, 0)
		require.NoError(t, err)
		d := r.instance(nil)
		r.handleWith(func(*Batch) error {
			_, err := r.state.Get(context.Background(), testKey.retries())
			return err
		})
		for range 6 {
			d.Sweep(t.Context())
			time.Sleep(10 * time.Second)
		}
		require.Equal(t, []string{"topic-1"}, r.seen())
		require.Equal(t, 1, r.count(Recovered))
		r.shutdown(d)
	})
}

// A cancellation reaches the instance that runs the handler, whose item counts as
// handled.
func TestCancelEndsTheAttemptOnAnyInstance(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		a, b := r.instance(nil), r.instance(nil)
		causes := make(chan error, 1)
		r.handleWith(func(x *Batch) error {
			<-x.Lease.Context().Done()
			causes <- context.Cause(x.Lease.Context())
			return x.Lease.Err()
		})
		r.accept(a, testKey, "topic-1")
		time.Sleep(time.Second)
		require.NoError(t, b.Cancel(t.Context(), "other"))
		time.Sleep(2 * time.Second)
		require.NoError(t, b.Cancel(t.Context(), "topic"))
		time.Sleep(time.Second)
		require.ErrorIs(t, <-causes, fault.ErrTurnCancelled)
		require.Equal(t, 1, r.count(Cancelled))
		r.shutdown(a, b)
	})
}

// A handler that ignores the end of its context loses its worker, whose next goroutine
// handles the item again. What the first one returns then changes nothing.
func TestAHandlerThatIgnoresItsEndIsAbandoned(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(func(c *Config) { c.MaxTurn = time.Minute })
		hang := make(chan struct{})
		var first sync.Once
		r.handleWith(func(b *Batch) error {
			hangs := false
			first.Do(func() { hangs = true })
			if hangs {
				<-hang
				return errHandler
			}
			require.Equal(t, 1, b.Attempt)
			return nil
		})
		r.accept(d, testKey, "topic-1")
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"topic-1"}, r.seen())
		require.Equal(t, []string{"topic-1"}, r.lost())
		require.Equal(t, 1, r.count(Abandoned))
		close(hang)
		synctest.Wait()
		r.accept(d, testKey, "topic-2")
		time.Sleep(time.Second)
		require.Equal(t, []string{"topic-1", "topic-2"}, r.seen())
		require.Zero(t, r.count(Failed))
		r.shutdown(d)
	})
}

// A handler that returns when it is about to be abandoned is not, nor is the next one,
// which the same goroutine calls under another lock.
func TestAHandlerThatReturnsInTimeIsNotAbandoned(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		a, b := r.instance(nil), r.instance(nil)
		leases := make(chan *Lease, 2)
		r.handleWith(func(b *Batch) error {
			leases <- b.Lease
			time.Sleep(time.Second)
			return nil
		})
		r.accept(a, testKey, "topic-1")
		r.accept(b, testKey, "topic-2") // is refused the lock, so a asks for it again
		time.Sleep(1500 * time.Millisecond)
		first, second := <-leases, <-leases
		require.NotSame(t, first, second)
		require.Same(t, first.holder, second.holder)
		first.holder.abandon(first)
		time.Sleep(time.Minute)
		require.Zero(t, r.count(Abandoned))
		require.Equal(t, []string{"topic-1", "topic-2"}, r.seen())
		r.shutdown(a, b)
	})
}

// An instance that gets a lock which was taken away from another calls no
// handler before that of the other has been told.
func TestAStolenLockDoesNotMakeTwoHandlers(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		a, b := r.instance(nil), r.instance(nil)
		r.handleWith(func(x *Batch) error {
			select {
			case <-x.Lease.Context().Done():
				return context.Cause(x.Lease.Context())
			case <-time.After(10 * time.Second):
				return nil
			}
		})
		r.accept(a, testKey, "topic-1")
		time.Sleep(time.Second)
		r.state.steal(testKey.name)
		r.accept(b, testKey, "topic-2")
		time.Sleep(time.Minute)
		require.Equal(t, 1, r.atOnce())
		require.Equal(t, 1, r.count(LockLost))
		require.ElementsMatch(t, []string{"topic-1", "topic-2"}, r.seen())
		r.shutdown(a, b)
	})
}

// No more workers are served than there are slots; the others wait, beyond the backlog in
// the state alone, and none is forgotten.
func TestSlotsBoundTheHandlers(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(func(c *Config) { c.MaxHandlers = 2 })
		r.handleWith(func(*Batch) error { time.Sleep(time.Second); return nil })
		for i := range 100 {
			r.accept(d, ConversationKey(fmt.Sprint("key", i)), fmt.Sprintf("%d-x", i))
		}
		time.Sleep(time.Minute)
		require.Len(t, r.seen(), 100)
		require.Equal(t, 2, r.atOnce())
		r.shutdown(d)
	})
}

// While the state is away nothing is accepted, and what was accepted is handled when it
// is back.
func TestAnOutageLosesNothing(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(nil)
		r.handleWith(func(*Batch) error { r.state.fail(true); return nil })
		r.accept(d, testKey, "topic-1")
		synctest.Wait()
		require.ErrorIs(t, d.Accept(t.Context(), testKey, r.message("topic-2"), &r.policy), state.ErrUnavailable)
		time.Sleep(10 * time.Second)
		r.handleWith(func(*Batch) error { return nil })
		r.state.fail(false)
		r.accept(d, testKey, "topic-2")
		time.Sleep(time.Minute)
		require.Equal(t, []string{"topic-1", "topic-2"}, r.seen())
		r.shutdown(d)
	})
}

// A shutdown handles what was accepted, and at its deadline cancels what runs and leaves
// it to others.
func TestShutdownHandlesWhatWasAcceptedUntilItsDeadline(t *testing.T) {
	virtually(t, func(t *testing.T, r *rig) {
		d := r.instance(nil)
		r.handleWith(func(x *Batch) error {
			select {
			case <-x.Lease.Context().Done():
				return context.Cause(x.Lease.Context())
			case <-time.After(10 * time.Second):
				return nil
			}
		})
		for i := range 4 {
			r.accept(d, testKey, fmt.Sprintf("%d-x", i)) // a batch each
		}
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		require.NoError(t, d.Shutdown(ctx))
		require.Equal(t, []string{"0-x", "1-x"}, r.seen())
		require.Equal(t, 1, r.count(Returned))
		next := r.instance(nil)
		time.Sleep(30 * time.Second)
		next.Sweep(t.Context())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"0-x", "1-x", "2-x", "3-x"}, r.seen())
		r.shutdown(next)
	})
}

// A shutdown that begins while items come either handles an item or leaves it in the
// state: whatever was accepted is in one of the two.
func TestShutdownLosesNothingThatComesMeanwhile(t *testing.T) {
	for round := range 50 {
		r := newRig(t)
		d := r.instance(nil)
		var accepted sync.Map
		var coming sync.WaitGroup
		for i := range 8 {
			coming.Go(func() {
				for n := range 20 {
					id := fmt.Sprintf("%d-%d", i, n)
					if d.Accept(context.Background(), ConversationKey(fmt.Sprint("key", n%5)), r.message(id), &r.policy) == nil {
						accepted.Store(id, true)
					}
				}
			})
		}
		if round%2 == 0 {
			coming.Wait()
		}
		require.NoError(t, d.Shutdown(context.Background()))
		coming.Wait()
		left := map[string]bool{}
		for _, id := range r.seen() {
			left[id] = true
		}
		for n := range 5 {
			waiting, err := r.state.Waiting(context.Background(), fmt.Sprint("key", n))
			require.NoError(t, err)
			for _, e := range waiting {
				left[r.ItemID(e.Message)] = true
			}
		}
		accepted.Range(func(id, _ any) bool {
			require.True(t, left[id.(string)], "%s was accepted and is gone", id)
			return true
		})
	}
}

// A shutdown can begin when a worker has been refused its lock and is about to end: what
// was stored here must not be left to the sweep.
func TestRefusedWorkerSeesAShutdownThatBegins(t *testing.T) {
	for name, c := range map[string]struct {
		fresh          []*Item
		refused, stops bool
		want           State
	}{
		"stored here":         {[]*Item{{}}, true, true, Acquire},
		"no shutdown":         {[]*Item{{}}, true, false, Idle},
		"nothing stored here": {nil, true, true, Idle},
		"the state fails":     {[]*Item{{}}, false, true, Idle},
	} {
		t.Run(name, func(t *testing.T) {
			d := newRig(t).instance(nil)
			w := d.pool.lock(testKey, true)
			defer w.shard.mu.Unlock()
			w.state, w.fresh = Refused, c.fresh
			d.pool.stopping.Store(c.stops)
			require.Equal(t, c.want, w.next(w.newHold(), c.refused))
			require.Equal(t, c.want, w.state)
		})
	}
}

func TestKeys(t *testing.T) {
	thread := ConversationKey("slack:C1:1.2")
	event := EventKey("slack", "event:9")
	for _, c := range []struct {
		key  Key
		name string
		kind Kind
	}{
		{thread, "slack:C1:1.2", Conversation},
		{thread.Single("m"), "slack:C1:1.2#message:m", Single},
		{event, "chat:event:slack:event:9", Event},
		{thread.slot(0, 3), "slack:C1:1.2#slot:3", Slot},
		{thread.Single("m").slot(2, 3), "slack:C1:1.2#group:2#slot:3", Slot},
	} {
		require.Equal(t, c.name, c.key.String())
		require.Equal(t, c.kind, c.key.Kind())
		if c.kind != Slot { // a slot has no queue, so nobody finds its name
			require.Equal(t, c.key, ParseKey(c.name))
		}
	}
	require.Equal(t, "slack:event:9", event.Of())
	shared, ok := thread.Single("m").shared("m")
	require.True(t, ok)
	require.Equal(t, thread, shared)
	for _, other := range []Key{thread, event, thread.Single("x"), ParseKey("a#message:b")} {
		_, ok := other.shared("m")
		require.False(t, ok, other)
	}
}

// The table of the package comment is the one that the worker obeys.
func TestThePackageCommentHasTheTransitions(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for s := range states {
		name := strings.ToUpper(s.String()[:1]) + s.String()[1:]
		row := regexp.MustCompile(`(?m)^//\t` + name + ` .*\.go +(.*)$`).FindSubmatch(comment)
		require.NotNil(t, row, name)
		var want, told []string
		for _, next := range transitions[s] {
			want = append(want, next.String())
		}
		for _, word := range regexp.MustCompile(`[A-Z]\w+`).FindAllString(string(row[1]), -1) {
			told = append(told, strings.ToLower(word))
		}
		require.ElementsMatch(t, want, told, name)
	}
	require.False(t, Running.canFollow(Acquire))
	require.False(t, Release.canFollow(Running), "the outcome is written first")
	require.False(t, Idle.canFollow(Settle), "the lock is given back first")
}
