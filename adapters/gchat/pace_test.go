package gchat

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// TestPace counts 60 writes in any minute, each space for itself, and says when there
// is room for the next.
func TestPace(t *testing.T) {
	t.Parallel()
	p := newPacer()
	start := time.Now()
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	for i := range maxWrites {
		require.NoError(t, p.take("op", "spaces/A", at(float64(i)/2)), i)
	}
	wait := func(space string, now time.Time) time.Duration {
		err := p.take("op", space, now)
		if err == nil {
			return 0
		}
		require.ErrorIs(t, err, chat.ErrRateLimited)
		refused, ok := err.(*chat.PlatformError) //nolint:errorlint // Reason: it is that itself.
		require.True(t, ok)
		return refused.RetryAfter
	}
	require.Equal(t, 30*time.Second, wait("spaces/A", at(30)), "until the first is a minute ago")
	require.Zero(t, wait("spaces/B", at(30)))
	require.Equal(t, 250*time.Millisecond, wait("spaces/A", at(59.75)))
	require.Zero(t, wait("spaces/A", at(60)))
	require.Equal(t, 500*time.Millisecond, wait("spaces/A", at(60)), "one write has made room for one")
	require.Zero(t, wait("spaces/A", at(1000)))
}
