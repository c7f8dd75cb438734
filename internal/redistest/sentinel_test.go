package redistest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

// failoverLimit is how long servers may take on a machine that is busy.
const failoverLimit = time.Minute

func TestSentinel(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t, redistest.Options{})
	c := s.Client(t)
	require.NoError(t, c.Set(t.Context(), "k", "before", 0).Err())
	require.Len(t, s.Replicas(t), 2)
	require.EqualValues(t, 2, c.Wait(t.Context(), 2, time.Second).Val())

	first := s.Primary(t)
	s.Failover(t)
	second := s.Primary(t)
	require.NotSame(t, first, second)
	require.Equal(t, "before", second.Client(t).Get(t.Context(), "k").Val())

	second.Kill(t)
	third := awaitOther(t, s, second)
	require.Equal(t, "before", third.Client(t).Get(t.Context(), "k").Val())
	second.Start(t)
	s.WaitReady(t)
	require.Same(t, third, s.Primary(t), "the old primary comes back as replica")
	requireEventually(t, func(ctx context.Context) error { return c.Set(ctx, "k", "after", 0).Err() })
}

// awaitOther waits for a primary other than the one that was lost.
func awaitOther(t *testing.T, s *redistest.SentinelServers, lost *redistest.Node) *redistest.Node {
	t.Helper()
	var now *redistest.Node
	require.Eventually(t, func() bool {
		now = s.Primary(t)
		return now != lost
	}, failoverLimit, 50*time.Millisecond)
	return now
}

// requireEventually waits for clients of real servers to notice a change.
func requireEventually(t *testing.T, do func(context.Context) error) {
	t.Helper()
	var err error
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = do(ctx)
		return err == nil
	}, failoverLimit, 50*time.Millisecond, "last error: %v", err)
}
