package live

import (
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRollingChange replaces the bots of the npm packages by ours under traffic, and
// ours by theirs, with stops and with kills.
func TestRollingChange(t *testing.T) {
	t.Run("with the guide's settings", func(t *testing.T) {
		t.Parallel()
		v := rollThereAndBack(t, memberSettings{Shared: true, Concurrency: queue, Drain: true})
		assert.Empty(t, v.lost[ours])
		assert.Empty(t, v.twice)
		assert.Empty(t, v.overlaps)
		assert.Empty(t, v.unsubscribed)
	})
	// The strategy alone is the guide's. What is lost is shown.
	t.Run("without them", func(t *testing.T) {
		t.Parallel()
		v := rollThereAndBack(t, memberSettings{Concurrency: map[string]any{"strategy": "queue"}})
		assert.NotEmpty(t, v.twice, "the platform has told bots of both of some messages")
		assert.Empty(t, v.overlaps)
		assert.Empty(t, v.unsubscribed)
	})
}

// rollThereAndBack plays the change. A bot that was killed leaves its locks behind, for
// up to 30 s: what comes for these threads meanwhile waits.
func rollThereAndBack(t *testing.T, s memberSettings) verdict {
	t.Helper()
	const threads, step = 50, 100
	s.LockTTL, s.Work = 10*time.Second, 300
	f := newFleet(t, s)
	first, second := f.start(t, theirs), f.start(t, theirs)

	var count atomic.Int64
	var over atomic.Bool
	done := make(chan error, 1)
	go func() {
		_, err := f.traffic(t.Context(), threads, 60, func(sent int) bool {
			count.Store(int64(sent))
			return !over.Load()
		})
		done <- err
	}()
	flow := func() {
		until := count.Load() + step
		require.Eventually(t, func() bool { return count.Load() >= until }, patience, pollInterval)
	}

	flow()
	third := f.start(t, ours)
	f.end(t, first, syscall.SIGTERM)
	flow()
	fourth := f.start(t, ours)
	f.end(t, second, syscall.SIGKILL)
	flow()
	fifth := f.start(t, ours)
	f.end(t, third, syscall.SIGKILL)
	flow()

	f.start(t, theirs)
	f.end(t, fourth, syscall.SIGKILL)
	flow()
	f.start(t, theirs)
	f.end(t, fifth, syscall.SIGTERM)
	flow()

	over.Store(true)
	require.NoError(t, <-done)
	f.sweep(t, threads, theirs)
	f.close(t)
	v := f.judge()
	t.Log(v)
	return v
}
