package bottest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// What waits beyond what an instance remembers is handled as soon as there is
// room, and not only when the sweep finds it.
func TestBacklogIsHandledWithoutTheSweep(t *testing.T) {
	const threads = 500
	configure := func(c *chat.Config) { c.Limits.MaxHandlers = 2 }
	play(t, 1, configure, func(r *rig) {
		var handled atomic.Int64
		busy := make(chan struct{})
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			<-busy
			handled.Add(1)
			return work(ctx, time.Millisecond)
		})
		receipts := make([]*chat.Receipt, 0, threads)
		for n := range threads {
			receipts = append(receipts, r.send(0, fmt.Sprint("t", n), fmt.Sprint("m", n)))
		}
		synctest.Wait()
		start := time.Now()
		close(busy)
		for handled.Load() < threads {
			time.Sleep(10 * time.Millisecond)
			require.Less(t, time.Since(start), 2*time.Second, "handled: %d of %d", handled.Load(), threads)
		}
		for _, receipt := range receipts {
			require.NoError(t, receipt.Wait(context.Background()))
		}
		require.Zero(t, r.count(chat.StepRecovered))
		require.Equal(t, threads, r.count(chat.StepHandled))
	})
}

// Nor is it lost when the state is away just then.
func TestBacklogSurvivesAnOutage(t *testing.T) {
	const threads = 200
	configure := func(c *chat.Config) { c.Limits.MaxHandlers = 2 }
	play(t, 1, configure, func(r *rig) {
		var handled atomic.Int64
		busy := make(chan struct{})
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
			<-busy
			handled.Add(1)
			return nil
		})
		for n := range threads {
			r.send(0, fmt.Sprint("t", n), fmt.Sprint("m", n))
		}
		r.instances[0].store.SetAway(true)
		close(busy)
		time.Sleep(2 * time.Second)
		r.instances[0].store.SetAway(false)
		time.Sleep(time.Minute)
		require.GreaterOrEqual(t, handled.Load(), int64(threads))
	})
}
