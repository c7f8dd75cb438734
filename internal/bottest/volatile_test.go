package bottest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Without an inbox a message leaves the queue when it is looked at, and is still
// handled when the strategy has it wait.
func TestDurabilityNoneLosesNothingToItsStrategy(t *testing.T) {
	for name, tc := range map[string]struct {
		conc chat.Concurrency
		want []string
	}{
		"debounce": {chat.Concurrency{Strategy: chat.StrategyDebounce, Window: 100 * time.Millisecond}, []string{"m2[m1]+2"}},
		"burst":    {chat.Concurrency{Strategy: chat.StrategyBurst, Window: 100 * time.Millisecond}, []string{"m2[m1]+2"}},
		"concurrent": {
			chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 1}, []string{"m1[]+1", "m2[]+1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Durability, c.Concurrency = chat.DurabilityNone, tc.conc }, func(r *rig) {
				got := r.record(50 * time.Millisecond)
				first := r.send(0, "t", "m1")
				time.Sleep(10 * time.Millisecond)
				second := r.send(1, "t", "m2")
				time.Sleep(5 * time.Second)
				require.Equal(t, tc.want, got.all())
				require.NoError(t, first.Wait(context.Background()))
				require.NoError(t, second.Wait(context.Background()))
			})
		})
	}
}

// What an instance has taken out of the queue and cannot handle any more it puts
// back, in order.
func TestDurabilityNonePutsBackWhatItLeaves(t *testing.T) {
	play(t, 2, func(c *chat.Config) {
		c.Durability, c.Limits.ShutdownTimeout = chat.DurabilityNone, time.Second
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyDebounce, Window: 5 * time.Second, MaxWait: time.Minute}
	}, func(r *rig) {
		got := r.record(0)
		for n := 1; n <= 3; n++ {
			r.send(0, "t", fmt.Sprint("m", n))
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		require.NoError(t, r.instances[0].Shutdown(ctx))
		r.send(1, "t", "m4")
		time.Sleep(time.Minute)
		require.Equal(t, []string{"m4[m1 m2 m3]+4"}, got.all())
	})
}

// What a full queue drops is reported, and its sender not kept waiting.
func TestDurabilityNoneReportsWhatAFullQueueDrops(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Durability = chat.DurabilityNone
		c.Concurrency = chat.Concurrency{MaxQueueSize: 2, OnFull: chat.FullDropOldest}
	}, func(r *rig) {
		got := r.record(100 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		dropped := r.send(0, "t", "m2")
		for n := 3; n <= 5; n++ {
			r.send(0, "t", fmt.Sprint("m", n))
		}
		require.NoError(t, dropped.Wait(context.Background()))
		time.Sleep(time.Second)
		require.Equal(t, []string{"m1[]+1", "m5[m4]+2"}, got.all())
		require.Equal(t, 2, r.count(chat.StepDropped))
	})
}
