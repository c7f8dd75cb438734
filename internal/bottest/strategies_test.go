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

// record registers a handler that notes each event as "id[skipped]+sinceLast".
func (r *rig) record(took time.Duration) *log {
	got := &log{}
	r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
		line := string(ev.Message.ID) + "["
		for i, m := range ev.Skipped {
			if i > 0 {
				line += " "
			}
			line += string(m.ID)
		}
		got.add("%s]+%d", line, ev.SinceLast)
		return work(ctx, took)
	})
	return got
}

// n: the event carries the skipped messages and their number, always.
func TestQueueHandlesTheNewestAndCarriesTheOthers(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := r.record(100 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		for n := 2; n <= 4; n++ {
			r.send(n%2, "t", fmt.Sprint("m", n))
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1[]+1", "m4[m2 m3]+3"}, got.all())
		require.Equal(t, 2, r.count(chat.StepHandled))
		require.Equal(t, 2, r.count(chat.StepSkipped))
	})
}

func TestDropDiscardsWhatComesMeanwhile(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Concurrency.Strategy = chat.StrategyDrop }, func(r *rig) {
		got := r.record(100 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		r.send(0, "t", "m2")
		r.send(1, "t", "m3")
		time.Sleep(time.Second)
		r.send(1, "t", "m4")
		r.send(1, "t", "m2") // a redelivery of what was dropped
		time.Sleep(time.Second)
		require.Equal(t, []string{"m1[]+1", "m4[]+1"}, got.all())
		require.Equal(t, 2, r.count(chat.StepDropped))
	})
}

func TestDebounceWaitsForQuietButNotForEver(t *testing.T) {
	play(t, 2, func(c *chat.Config) {
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyDebounce, Window: 100 * time.Millisecond, MaxWait: time.Second}
	}, func(r *rig) {
		got := r.record(0)
		r.send(0, "t", "m1")
		time.Sleep(50 * time.Millisecond)
		r.send(1, "t", "m2")
		time.Sleep(80 * time.Millisecond)
		require.Empty(t, got.all())
		time.Sleep(40 * time.Millisecond)
		require.Equal(t, []string{"m2[m1]+2"}, got.all())

		start := time.Now()
		for n := 0; len(got.all()) == 1; n++ {
			r.send(n%2, "t", fmt.Sprint("n", n))
			time.Sleep(50 * time.Millisecond)
		}
		require.InDelta(t, time.Second, time.Since(start), float64(150*time.Millisecond))
		time.Sleep(10 * time.Second)
	})
}

func TestBurstCollectsOnceThenQueues(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyBurst, Window: 100 * time.Millisecond}
	}, func(r *rig) {
		got := r.record(50 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(90 * time.Millisecond)
		r.send(0, "t", "m2")
		time.Sleep(30 * time.Millisecond)
		require.Equal(t, []string{"m2[m1]+2"}, got.all(), "one window, not one since the last message")
		r.send(0, "t", "m3")
		time.Sleep(time.Second)
		require.Equal(t, []string{"m2[m1]+2", "m3[]+1"}, got.all())
	})
}

func TestConcurrentIsBoundedAcrossInstances(t *testing.T) {
	play(t, 3, func(c *chat.Config) {
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 4}
	}, func(r *rig) {
		var live, most atomic.Int32
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			n := live.Add(1)
			defer live.Add(-1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			return work(ctx, 200*time.Millisecond)
		})
		for n := range 30 {
			r.send(n%3, "t", fmt.Sprint("m", n))
		}
		time.Sleep(30 * time.Second)
		require.Equal(t, 30, r.count(chat.StepHandled))
		require.LessOrEqual(t, most.Load(), int32(4))
		require.Greater(t, most.Load(), int32(1))
	})
}

// h: a new message can stop the running turn without two handlers at once.
func TestInterruptCancelsTheRunningTurn(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Concurrency.Interrupt = true }, func(r *rig) {
		got := &log{}
		var live atomic.Int32
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			require.EqualValues(t, 1, live.Add(1))
			defer live.Add(-1)
			err := work(ctx, 10*time.Second)
			got.add("%s %v", ev.Message.ID, err)
			return err
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(1, "t", "m2")
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"m1 " + chat.ErrTurnCancelled.Error(), "m2 <nil>"}, got.all())
	})
}

// p: a full queue drops what its policy says, and never another.
func TestFullQueue(t *testing.T) {
	for name, tc := range map[string]struct {
		policy  chat.FullPolicy
		handled []string
		dropped int
		busy    int
	}{
		"reject":      {chat.FullReject, []string{"m1[]+1", "m3[m2]+2"}, 0, 2},
		"drop oldest": {chat.FullDropOldest, []string{"m1[]+1", "m5[m4]+2"}, 2, 0},
		"drop newest": {chat.FullDropNewest, []string{"m1[]+1", "m3[m2]+2"}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 1, func(c *chat.Config) {
				// The message that is being handled counts as waiting.
				c.Concurrency = chat.Concurrency{MaxQueueSize: 3, OnFull: tc.policy}
				if tc.policy == chat.FullDropOldest {
					c.Concurrency.MaxQueueSize = 2
				}
			}, func(r *rig) {
				got := r.record(100 * time.Millisecond)
				r.send(0, "t", "m1")
				time.Sleep(10 * time.Millisecond)
				busy := 0
				for n := 2; n <= 5; n++ {
					if _, err := r.deliver(0, "t", fmt.Sprint("m", n)); err != nil {
						require.ErrorIs(t, err, chat.ErrBusy)
						busy++
					}
				}
				time.Sleep(time.Second)
				require.Equal(t, tc.handled, got.all())
				require.Equal(t, tc.dropped, r.count(chat.StepDropped))
				require.Equal(t, tc.busy, busy)
			})
		})
	}
}

// o: a holder that drains for longer than a turn may take keeps its lock.
func TestDrainingOutlastsTheTurnLimit(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Limits.MaxTurn = 5 * time.Second }, func(r *rig) {
		got := r.record(2 * time.Second)
		for n := range 10 {
			r.send(n%2, "t", fmt.Sprint("m", n))
			time.Sleep(1900 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		require.GreaterOrEqual(t, len(got.all()), 9)
		require.Zero(t, r.count(chat.StepLockLost)+r.count(chat.StepFailed))
	})
}

// Messages wait in the inbox, not in memory, when all handlers are busy.
func TestHandlersAreBounded(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Limits.MaxHandlers = 3 }, func(r *rig) {
		var live, most atomic.Int32
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			n := live.Add(1)
			defer live.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			return work(ctx, 100*time.Millisecond)
		})
		for n := range 20 {
			r.send(0, fmt.Sprint("t", n), fmt.Sprint("m", n))
		}
		time.Sleep(5 * time.Second)
		require.Equal(t, 20, r.count(chat.StepHandled))
		require.EqualValues(t, 3, most.Load())
	})
}

// Without an inbox messages are still handled, in order, one at a time.
func TestDurabilityNone(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Durability = chat.DurabilityNone }, func(r *rig) {
		got := r.record(50 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		r.send(0, "t", "m2")
		r.send(1, "t", "m3")
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1[]+1", "m3[m2]+2"}, got.all())
		waiting, err := r.shared.WaitingThreads(context.Background(), time.Now().Add(time.Hour), 0)
		require.NoError(t, err)
		require.Empty(t, waiting)
	})
}

// i: concurrent updates of typed state are not lost.
func TestStateUpdatesAreNotLost(t *testing.T) {
	play(t, 3, nil, func(r *rig) {
		done := make(chan error)
		for _, in := range r.instances {
			for range 8 {
				go func() {
					th, err := in.Thread("fake:c:t")
					for range 20 {
						if err == nil {
							_, err = chat.ThreadData[int](th).Update(context.Background(), func(n int) (int, error) { return n + 1, nil })
						}
					}
					done <- err
				}()
			}
		}
		for range 3 * 8 {
			require.NoError(t, <-done)
		}
		th, err := r.instances[0].Thread("fake:c:t")
		require.NoError(t, err)
		n, err := chat.ThreadData[int](th).Get(context.Background())
		require.NoError(t, err)
		require.Equal(t, 3*8*20, n)
	})
}

// A stored entry that is no message becomes a dead letter and blocks nothing.
func TestUnreadableEntryBlocksNothing(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := r.record(0)
		require.NoError(t, r.shared.Connect(context.Background()))
		entry := state.QueueEntry{Message: []byte(`{"not":"a message"}`), EnqueuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
		_, err := r.shared.Enqueue(context.Background(), "fake:c:t", entry, 0)
		require.NoError(t, err)
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		require.Equal(t, []string{"m1[]+1"}, got.all())
		letters, err := r.instances[0].DeadLetters(context.Background())
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.JSONEq(t, `{"not":"a message"}`, string(letters[0].Unreadable))
		require.ErrorIs(t, r.instances[0].ReplayDeadLetter(context.Background(), letters[0].ID), chat.ErrInvalidArgument)
		require.NoError(t, r.instances[0].RemoveDeadLetter(context.Background(), letters[0].ID))
	})
}
