package bottest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// fenceLog is what handlers got for fences, in the order in which they asked.
type fenceLog struct {
	mu      sync.Mutex
	numbers []int64
}

func (f *fenceLog) add(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.numbers = append(f.numbers, n)
}

func (f *fenceLog) all() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.numbers)
}

// A fence rises with every grant of the thread's lock, on whatever instance, and is the
// same for each time that a handler asks.
func TestFenceRisesWithEveryGrant(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		var got fenceLog
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			first, err := ev.Fence(ctx)
			require.NoError(t, err)
			second, err := ev.Fence(ctx)
			require.NoError(t, err)
			require.Equal(t, first, second)
			got.add(first)
			return nil
		})
		for i, id := range []string{"m1", "m2", "m3", "m4"} {
			require.NoError(t, r.send(i%2, "t", id).Wait(context.Background()))
			time.Sleep(time.Second) // the lock is given back
		}
		numbers := got.all()
		require.Len(t, numbers, 4)
		for i := 1; i < 4; i++ {
			require.Greater(t, numbers[i], numbers[i-1])
		}
	})
}

// A holder that has lost its lock gets no fence, and learns of the loss, while the new
// holder's is greater than its own.
func TestFenceOfALostLock(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		var got fenceLog
		var lost atomic.Bool
		done := make(chan struct{})
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			if ev.Message.ID != "late" {
				n, err := ev.Fence(ctx)
				require.NoError(t, err)
				got.add(n)
				return nil
			}
			if lost.Swap(true) {
				return nil
			}
			defer close(done)
			require.NoError(t, r.shared.ForceReleaseLock(context.Background(), string(ev.Thread.ID()))) // before it asks
			_, err := ev.Fence(ctx)
			require.ErrorIs(t, err, chat.ErrLockLost)
			require.ErrorIs(t, context.Cause(ctx), chat.ErrLockLost)
			return nil
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(0, "u", "late")
		<-done
		r.send(1, "t", "m2")
		time.Sleep(10 * time.Second)
		numbers := got.all()
		require.Len(t, numbers, 2)
		require.Greater(t, numbers[1], numbers[0])
	})
}

// withoutFences is a state that lacks the role.
type withoutFences struct {
	state.Adapter
	state.Inbox
	state.Swaps
}

// A bot whose state numbers no grants says so.
func TestFenceNeedsTheRole(t *testing.T) {
	configure := func(c *chat.Config) {
		st := c.State.(listed)
		c.State = withoutFences{st, st, st}
	}
	play(t, 1, configure, func(r *rig) {
		failed := make(chan error, 1)
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Fence(ctx)
			failed <- err
			return nil
		})
		r.send(0, "t", "m1")
		require.ErrorIs(t, <-failed, errors.ErrUnsupported)
	})
	_, err := new(chat.MessageEvent).Fence(context.Background())
	require.ErrorIs(t, err, errors.ErrUnsupported)
}
