package bottest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// G2: what a dead instance left is handled within lock TTL + sweep interval, also
// if messages keep coming to the thread: each of them makes it look as if it had
// not waited for long.
func TestDeadInstanceIsRecoveredInTimeWhileMessagesKeepComing(t *testing.T) {
	const bound = 3*time.Second + time.Second
	for _, gap := range []time.Duration{0, 500 * time.Millisecond, 1400 * time.Millisecond, 2500 * time.Millisecond, 2900 * time.Millisecond} {
		t.Run(fmt.Sprint(gap), func(t *testing.T) {
			play(t, 2, nil, func(r *rig) {
				var died, recovered atomic.Int64
				r.onMention(func(ctx context.Context, in *instance, _ *chat.MessageEvent) error {
					if in == r.instances[0] {
						<-ctx.Done()
						return context.Cause(ctx)
					}
					recovered.CompareAndSwap(0, time.Now().UnixNano())
					return nil
				})
				r.send(0, "t", "m0")
				time.Sleep(time.Second)
				r.instances[0].store.Crash()
				died.Store(time.Now().UnixNano())
				for n := 1; n <= 4 && gap > 0; n++ {
					time.Sleep(gap)
					r.send(1, "t", fmt.Sprint("m", n))
				}
				time.Sleep(time.Minute)
				require.NotZero(t, recovered.Load())
				took := time.Duration(recovered.Load() - died.Load())
				// The lock was last renewed up to a third of its TTL before.
				require.LessOrEqual(t, took, bound+10*time.Millisecond)
			})
		})
	}
}
