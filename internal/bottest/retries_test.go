package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// failFirst registers a handler whose first attempt at m1 fails.
func (r *rig) failFirst() *log {
	got := &log{}
	r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
		got.add("%s/%d", ev.Message.ID, ev.Attempt)
		if err := work(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		if ev.Message.ID == "m1" && ev.Attempt == 1 {
			return errHandler
		}
		return nil
	})
	return got
}

func (r *rig) noRetriesLeft() {
	r.t.Helper()
	value, err := r.shared.Get(context.Background(), "chat:retries:fake:c:t")
	require.ErrorIs(r.t, err, state.ErrNotFound, "%s", value)
}

// What was tried again and handled leaves no record, also if the lock's holder
// has read what it had written itself.
func TestHandledRetryLeavesNoRecord(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Retry = chat.Retry{Overtake: true, Backoff: 20 * time.Millisecond} }, func(r *rig) {
		got := r.failFirst()
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		r.send(1, "t", "m2")
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{"m1/1", "m2/1", "m1/2"}, got.all())
		r.noRetriesLeft()
	})
}

// A message that is dropped while it waits for its next attempt leaves none either.
func TestDroppedRetryLeavesNoRecord(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Retry.Backoff = 10 * time.Second
		c.Concurrency = chat.Concurrency{MaxQueueSize: 1, OnFull: chat.FullDropOldest}
	}, func(r *rig) {
		got := r.failFirst()
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(0, "t", "m2")
		time.Sleep(time.Minute)
		require.Equal(t, []string{"m1/1", "m2/1"}, got.all())
		require.Equal(t, 1, r.count(chat.StepDropped))
		r.noRetriesLeft()
	})
}

// The end of a cancelled turn is written as soon as the state is back, while the
// lock is held: its message is not handled again.
func TestCancelledTurnEndsAfterAnOutage(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		calls := &log{}
		in := r.instances[0]
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			calls.add("%s", ev.Message.ID)
			<-ctx.Done()
			time.Sleep(10 * time.Millisecond) // until the cancellation is published
			in.store.SetAway(true)
			time.AfterFunc(200*time.Millisecond, func() { in.store.SetAway(false) })
			return context.Cause(ctx)
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		require.NoError(t, in.CancelTurn(context.Background(), "fake:c:t"))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"m1"}, calls.all())
		require.Equal(t, 1, r.count(chat.StepCancelled))
	})
}

// A message that this instance stored and another has tried meanwhile is not new:
// its attempts count, and it waits for the next one.
func TestMessageThatAnotherInstanceHasTriedIsNotNew(t *testing.T) {
	configure := func(c *chat.Config) {
		c.Limits.MaxHandlers = 1
		c.Retry = chat.Retry{Backoff: 5 * time.Second, MaxBackoff: 5 * time.Second}
	}
	play(t, 2, configure, func(r *rig) {
		var tries log
		var failed time.Time
		r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
			switch ev.Message.ID {
			case "busy":
				return work(ctx, 3*time.Second)
			case "m0":
				return work(ctx, time.Second)
			}
			tries.add("%d %v", ev.Attempt, in == r.instances[0])
			if ev.Attempt == 1 {
				failed = time.Now()
				return errHandler
			}
			require.Greater(t, time.Since(failed), 4*time.Second)
			return nil
		})
		r.send(1, "t", "m0")
		time.Sleep(100 * time.Millisecond)
		r.send(0, "u", "busy") // so that the next one waits for its turn here
		r.send(0, "t", "m1")
		time.Sleep(time.Minute)
		require.Len(t, tries.all(), 2)
		require.Equal(t, "1 false", tries.all()[0])
		require.Contains(t, tries.all()[1], "2 ")
		_, err := r.shared.Get(context.Background(), "chat:retries:fake:c:t")
		require.ErrorIs(t, err, state.ErrNotFound)
	})
}
