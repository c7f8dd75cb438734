//go:build faults

package redisstatetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// keysOn returns cache keys that the node serves, and as many that others do.
func keysOn(t *testing.T, c *redistest.ClusterServers, n *redistest.Node, count int) (there, elsewhere []string) {
	for i := 0; len(there) < count || len(elsewhere) < count; i++ {
		key := fmt.Sprintf("key-%d", i)
		if c.MasterOf(t, "chat-sdk:cache:"+key) == n {
			there = append(there, key)
		} else {
			elsewhere = append(elsewhere, key)
		}
	}
	return there[:count], elsewhere[:count]
}

// A master that does not answer costs those who ask other masters nothing.
func TestSilentMasterHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	const callers = 32
	// The Cluster itself must not take notice.
	c := redistest.Cluster(t, redistest.Options{NoReplicas: true, FailureTimeout: time.Minute})
	// Whoever is held up is so until the master is given up.
	a := connect(t, redisstate.Config{URL: c.URL(), Timeout: 40 * time.Second, ReadTimeout: 20 * time.Second})
	silent := c.MasterOf(t, "chat-sdk:subscriptions")
	theirs, others := keysOn(t, c, silent, callers)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var waiting sync.WaitGroup
	var asked, answered sync.WaitGroup
	asked.Add(callers)
	silent.Pause(t)
	for _, key := range theirs {
		waiting.Go(func() {
			asked.Done()
			err := a.Set(ctx, key, []byte("1"), 0)
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
	asked.Wait()
	slowest := make([]time.Duration, callers)
	for i, key := range others {
		answered.Go(func() {
			for range 300 {
				start := time.Now()
				assert.NoError(t, a.Set(t.Context(), key, []byte("1"), 0))
				slowest[i] = max(slowest[i], time.Since(start))
			}
		})
	}
	answered.Wait()
	stop()
	waiting.Wait()
	for i, d := range slowest {
		require.Less(t, d, 10*time.Second, others[i])
	}
	silent.Unpause(t)
	require.Eventually(t, func() bool { return a.Set(t.Context(), theirs[0], []byte("1"), 0) == nil },
		10*time.Second, 10*time.Millisecond, "the master's callers go on")
}
