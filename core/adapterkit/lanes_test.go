package adapterkit_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
)

func TestLanesKeepTheOrderOfAKey(t *testing.T) {
	t.Parallel()
	var lanes adapterkit.Lanes
	var mu sync.Mutex
	seen := map[string][]int{}
	for i := range 1000 {
		key := "C" + strconv.Itoa(i%40)
		lanes.Do(key, func() {
			mu.Lock()
			defer mu.Unlock()
			seen[key] = append(seen[key], i)
		})
	}
	lanes.Close()
	require.Len(t, seen, 40)
	for key, list := range seen {
		require.Len(t, list, 25, "Close waits for what waits")
		require.IsIncreasing(t, list, key)
	}
}

func TestLanesRunAtTheSameTime(t *testing.T) {
	t.Parallel()
	var lanes adapterkit.Lanes
	first, second := make(chan struct{}), make(chan struct{})
	lanes.Do("C1", func() { <-first })
	lanes.Do("", func() { // it belongs to nothing, so nothing holds it up
		close(second)
	})
	lanes.Do("", func() {
		<-second
		close(first)
	})
	lanes.Close()
	var none adapterkit.Lanes
	none.Close()
}
