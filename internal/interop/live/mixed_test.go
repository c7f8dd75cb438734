package live

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queue is the concurrency of the npm packages that the guide asks for.
var queue = map[string]any{"strategy": "queue", "maxQueueSize": 1000}

// TestMixedFleet has a bot of each SDK serve the same threads.
func TestMixedFleet(t *testing.T) {
	t.Parallel()
	const threads, messages = 50, 2000
	f := newFleet(t, memberSettings{LockTTL: 30 * time.Second, Shared: true, Concurrency: queue, Drain: true, Work: 100})
	f.start(t, theirs)
	f.start(t, ours)
	sent, err := f.traffic(t.Context(), threads, 150, func(sent int) bool { return sent < messages })
	require.NoError(t, err)
	require.Equal(t, messages, sent)

	// What is still queued when nobody works was left behind by the npm package.
	var stranded int
	require.Eventually(t, func() bool {
		stranded = f.waiting(t)
		return len(f.keys(t, "lock")) == 0 && f.handled()+stranded == messages
	}, patience, 10*pollInterval)
	f.sweep(t, threads, ours)
	f.close(t)
	v := f.judge()
	t.Logf("%v; left in the queue by TypeScript, and then handled by Go: %d", v, stranded)
	assert.Empty(t, v.lost)
	assert.Empty(t, v.taken)
	assert.Empty(t, v.twice)
	assert.Empty(t, v.overlaps)
	assert.Empty(t, v.unsubscribed)
	assert.Positive(t, v.crossed)
}

// TestStrandedMessage has the npm package leave a message behind in the queue, which
// it does when that comes between its last look and the release of the lock
// (https://github.com/vercel/chat/issues/928). Ours handles it with the next one of the
// thread.
func TestStrandedMessage(t *testing.T) {
	t.Parallel()
	_, there, here := newPair(t, "thread", "ioredis", standalone)
	const thread = "fake:c:t"
	left := fullMessage(thread, "2")
	there.do(t, "strand", message(thread, "1", "first"), left)
	there.handled(t)
	require.Empty(t, there.handles)
	require.Equal(t, 1, here.depth(t, thread))
	here.deliver(t, message(thread, "3", "next"))
	var seen []string
	for len(seen) < 2 {
		h := here.handled(t)
		for _, data := range append(slices.Clip(h.Skipped), h.Message) {
			seen = append(seen, compact(t, data))
		}
	}
	require.Equal(t, []string{compact(t, left), compact(t, message(thread, "3", "next"))}, seen)
	require.Empty(t, there.handles)
}
