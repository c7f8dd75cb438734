package redisstate

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// On a busy machine every look may need longer than one usually gets: the
// topology would never be learnt.
func TestLooksGetMoreTimeWhereServersAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen atomic.Bool
		var r *refresher
		r = &refresher{do: func(ctx context.Context) {
			select {
			case <-time.After(3 * refreshTimeout):
				seen.Store(true)
			case <-ctx.Done():
				r.ask() // what has suggested a change is still there
			}
		}}
		r.ask()
		time.Sleep(8 * refreshTimeout)
		require.True(t, seen.Load())
		r.stop()
		synctest.Wait()
	})
}
