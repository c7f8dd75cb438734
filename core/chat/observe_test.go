package chat

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// Steps of every message cost nothing where nobody wants to know of them.
func TestStepsCostNothingWithoutAnObserver(t *testing.T) {
	c := &Chat{log: slog.New(slog.DiscardHandler)}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		c.observeLock(StepLockAcquired, "fake:c:t")
		c.observeLock(StepLockReleased, eventKeyPrefix+"fake:1")
	}))
}
