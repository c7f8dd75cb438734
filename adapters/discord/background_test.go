package discord

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Interactions arrive while the adapter is closed, from the gateway and from webhooks.
func TestWorkBeginsWhileTheAdapterCloses(t *testing.T) {
	for range 200 {
		b := newBackground()
		var interactions sync.WaitGroup
		for range 4 {
			interactions.Go(func() { b.run(func(ctx context.Context) { <-ctx.Done() }) })
		}
		require.NoError(t, b.close(t.Context()))
		interactions.Wait()
		b.run(func(context.Context) { t.Error("work begins after Close") })
		require.NoError(t, b.close(t.Context()))
	}
}
