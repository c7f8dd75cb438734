package bottest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// told returns the steps in their order, without those that the test leaves out.
func (r *rig) told(without ...chat.Step) (steps []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.steps {
		if !slices.Contains(without, o.Step) {
			steps = append(steps, string(o.Step)+" "+o.Lock+string(o.Message))
		}
	}
	return steps
}

// An observer follows a message through its lock and its queue.
func TestStepsOfTheLockAndTheQueue(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error { return work(ctx, time.Second) })
		r.send(0, "t", "1")
		time.Sleep(time.Minute)
		lock := string(r.instances[0].fake.Thread("c", "t"))
		require.Equal(t, []string{
			"received 1", "lock-acquired " + lock, "dequeued 1", "handled 1", "lock-released " + lock,
		}, r.told(chat.StepAccepted), "the delivery tells that it is accepted while the worker begins")
	})
}

func TestStepsOfAMessageThatWaitsForMore(t *testing.T) {
	debounce := func(c *chat.Config) {
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Second}
	}
	play(t, 1, debounce, func(r *rig) {
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error { return nil })
		for _, id := range []string{"1", "2"} {
			r.send(0, "t", id)
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		require.Equal(t, []string{"debouncing 1", "superseded 1", "debouncing 2", "dequeued 2", "skipped 1", "handled 2"},
			r.told(chat.StepReceived, chat.StepAccepted, chat.StepLockAcquired, chat.StepLockReleased))
	})
}
