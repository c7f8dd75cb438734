package telegram

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEditsOfAllChatsAreThirtyASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		begun := time.Now()
		require.NoError(t, p.wait(t.Context()))
		require.Zero(t, time.Since(begun), "a lone one does not wait")
		var all sync.WaitGroup
		for range 60 {
			all.Go(func() {
				if err := p.wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.InDelta(t, 2*time.Second, time.Since(begun), float64(10*time.Millisecond))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, p.wait(ctx), context.Canceled)
	})
}
