package bottest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// taking is a lock that is taken away from its holder, the first instance, whose
// handler runs until its context ends, while the second one wants it.
type taking struct {
	*rig
	thread       string
	ended, enter atomic.Int64 // when the holder's context ended and the taker's handler began
	cause        atomic.Value
	entered      log
}

func playTaking(t *testing.T, configure func(*chat.Config), hold func(ctx context.Context) error, test func(*taking)) {
	t.Helper()
	play(t, 2, configure, func(r *rig) {
		k := &taking{rig: r, thread: string(r.instances[0].fake.Thread("c", "t"))}
		r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
			if in == r.instances[1] {
				k.enter.CompareAndSwap(0, time.Now().UnixNano())
				k.entered.add("%s after %d", ev.Message.ID, len(ev.Skipped))
				return nil
			}
			err := hold(ctx)
			k.ended.Store(time.Now().UnixNano())
			if err != nil {
				k.cause.Store(err)
			}
			return err
		})
		test(k)
	})
}

// longLocks lets no renewal come by itself while a test looks.
func longLocks(c *chat.Config) { c.Lock.TTL = 30 * time.Second }

func untilTold(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// delete does what a third party can do to a lock.
func (k *taking) delete() {
	require.NoError(k.t, k.shared.ForceReleaseLock(context.Background(), k.thread))
}

// empty does what emptying the server does to the thread and to the bot.
func (k *taking) empty() {
	ctx := context.Background()
	k.delete()
	for _, key := range []string{"chat:canary", "chat:running:" + k.thread, "chat:retries:" + k.thread, "dedupe:fake:m0", "dedupe:fake:m1"} {
		require.NoError(k.t, k.shared.Delete(ctx, key))
	}
	for {
		if _, err := k.shared.Dequeue(ctx, k.thread); err != nil {
			require.ErrorIs(k.t, err, state.ErrQueueEmpty)
			return
		}
	}
}

var ways = map[string]func(*taking){"deleted": (*taking).delete, "emptied": (*taking).empty}

// G1: whoever takes a lock away, the handler's context ends before another
// instance's handler begins, and soon.
func TestLockTakenAwayEndsItsHandlerFirst(t *testing.T) {
	for name, take := range ways {
		for _, waits := range []bool{false, true} { // the taker has a message already, or gets one
			for phase := range 12 {
				age := 60*time.Millisecond + time.Duration(phase)*173*time.Millisecond
				t.Run(fmt.Sprintf("%s/%v/%v", name, waits, age), func(t *testing.T) {
					playTaking(t, longLocks, untilTold, func(k *taking) {
						k.send(0, "t", "m0")
						if waits {
							k.send(1, "t", "m1")
						}
						time.Sleep(age)
						take(k)
						struck := time.Now()
						for n := 2; k.enter.Load() == 0 && n < 100; n++ {
							k.send(1, "t", fmt.Sprint("m", n))
							time.Sleep(100 * time.Millisecond)
						}
						require.NotZero(t, k.enter.Load(), "somebody has the thread")
						require.NotZero(t, k.ended.Load())
						require.ErrorIs(t, k.cause.Load().(error), chat.ErrLockLost)
						require.Less(t, k.ended.Load(), k.enter.Load())
						require.Less(t, time.Duration(k.enter.Load()-struck.UnixNano()), 1500*time.Millisecond)
					})
				})
			}
		}
	}
}

// Nobody waits for a handler that has been told and goes on.
func TestLockTakenAwayFromADeafHandler(t *testing.T) {
	var told atomic.Int64
	deaf := func(ctx context.Context) error {
		context.AfterFunc(ctx, func() { told.CompareAndSwap(0, time.Now().UnixNano()) })
		time.Sleep(20 * time.Second)
		return nil
	}
	playTaking(t, longLocks, deaf, func(k *taking) {
		k.send(0, "t", "m0")
		time.Sleep(time.Second)
		struck := time.Now()
		k.delete()
		k.send(1, "t", "m1")
		time.Sleep(time.Minute)
		require.NotZero(t, told.Load())
		require.Less(t, told.Load(), k.enter.Load())
		require.Less(t, time.Duration(k.enter.Load()-struck.UnixNano()), time.Second)
	})
}

// The holder of a lock that is taken away may be cut off as well: then nobody's
// handler begins before the lock would have ended.
func TestLockTakenAwayFromAHolderThatIsCutOff(t *testing.T) {
	playTaking(t, nil, untilTold, func(k *taking) {
		k.send(0, "t", "m0")
		time.Sleep(1300 * time.Millisecond)
		k.instances[0].store.Crash()
		k.delete()
		k.send(1, "t", "m1")
		time.Sleep(time.Minute)
		require.NotZero(t, k.enter.Load())
		require.NotZero(t, k.ended.Load())
		require.Less(t, k.ended.Load(), k.enter.Load())
	})
}

// A holder that finishes while another waits for it has handled its message.
func TestHandlerThatFinishesWhileItsLockIsTakenIsNotRepeated(t *testing.T) {
	for left := 10 * time.Millisecond; left < 60*time.Millisecond; left += 250 * time.Microsecond {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			var finish atomic.Int64
			deaf := func(context.Context) error {
				for finish.Load() == 0 || time.Now().UnixNano() < finish.Load() {
					time.Sleep(50 * time.Microsecond)
				}
				return nil
			}
			playTaking(t, nil, deaf, func(k *taking) {
				k.send(0, "t", "m0")
				time.Sleep(90 * time.Millisecond) // the next look at the list is 310 ms away
				finish.Store(time.Now().Add(left).UnixNano())
				k.delete()
				k.send(1, "t", "m1")
				time.Sleep(time.Minute)
				require.Equal(t, []string{"m1 after 0"}, k.entered.all())
				require.Less(t, k.ended.Load(), k.enter.Load())
			})
		})
	}
}

// Without an inbox the queue does not show what the holder works on.
func TestLockTakenAwayWithoutAnInbox(t *testing.T) {
	volatile := func(c *chat.Config) { longLocks(c); c.Durability = chat.DurabilityNone }
	for name, take := range ways {
		t.Run(name, func(t *testing.T) {
			playTaking(t, volatile, untilTold, func(k *taking) {
				k.send(0, "t", "m0")
				time.Sleep(time.Second)
				k.takeAndSee(take)
			})
		})
	}
}

// A handler that begins long after its lock was taken is as safe.
func TestLockTakenAwayAfterAWait(t *testing.T) {
	debounced := func(c *chat.Config) {
		longLocks(c)
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyDebounce, Window: 2 * time.Second}
	}
	playTaking(t, debounced, untilTold, func(k *taking) {
		k.send(0, "t", "m0")
		time.Sleep(2*time.Second + 100*time.Millisecond)
		k.takeAndSee((*taking).delete)
	})
}

// takeAndSee takes the lock away and has the other instance want it.
func (k *taking) takeAndSee(take func(*taking)) {
	k.t.Helper()
	struck := time.Now()
	take(k)
	k.send(1, "t", "m1")
	time.Sleep(time.Minute)
	require.NotZero(k.t, k.enter.Load())
	require.NotZero(k.t, k.ended.Load())
	require.Less(k.t, k.ended.Load(), k.enter.Load())
	require.Less(k.t, time.Duration(k.ended.Load()-struck.UnixNano()), time.Second)
}

// A state that is emptied while nobody works delays the next message once,
// however fast it answers. Its role says which processes can empty it.
func TestEmptiedStateDelaysOnce(t *testing.T) {
	t.Run("far", func(t *testing.T) { emptied(t, nil) })
	t.Run("fast", func(t *testing.T) {
		emptied(t, func(c *chat.Config) { c.State.(interface{ SetLatency(time.Duration) }).SetLatency(0) })
	})
}

func emptied(t *testing.T, configure func(*chat.Config)) {
	t.Helper()
	playTaking(t, configure, untilTold, func(k *taking) {
		k.send(1, "t", "m")
		for n := range 6 {
			time.Sleep(time.Minute)
			if n%3 == 0 {
				k.empty()
			}
			k.enter.Store(0)
			sent := time.Now()
			k.send(1, "t", fmt.Sprint("m", n))
			time.Sleep(time.Minute)
			took := time.Duration(k.enter.Load() - sent.UnixNano())
			if n%3 == 0 {
				require.GreaterOrEqual(t, took, time.Second)
				require.Less(t, took, 1100*time.Millisecond)
			} else {
				require.Less(t, took, 10*time.Millisecond)
			}
		}
	})
}

// A long handler that ends leaves no heartbeat behind, and the next instance does not
// wait for it.
func TestLongHandlerHandsOverAtOnce(t *testing.T) {
	playTaking(t, nil, func(context.Context) error { time.Sleep(10 * time.Second); return nil }, func(k *taking) {
		first := k.send(0, "t", "m0")
		time.Sleep(9 * time.Second)
		_, err := k.shared.Get(context.Background(), "chat:running:"+k.thread)
		require.NoError(t, err)
		require.NoError(t, first.Wait(context.Background()))
		time.Sleep(2 * time.Millisecond)
		_, err = k.shared.Get(context.Background(), "chat:running:"+k.thread)
		require.ErrorIs(t, err, state.ErrNotFound)
		sent := time.Now()
		k.send(1, "t", "m1")
		time.Sleep(time.Second)
		require.Less(t, time.Duration(k.enter.Load()-sent.UnixNano()), 10*time.Millisecond)
	})
}
