package slack

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](10, time.Minute)
		c.set("a", 1)
		time.Sleep(59 * time.Second)
		v, ok := c.get("a")
		require.True(t, ok)
		require.Equal(t, 1, v)
		time.Sleep(2 * time.Second)
		_, ok = c.get("a")
		require.False(t, ok)
		for i := range 1000 {
			c.set(strconv.Itoa(i), i)
			require.LessOrEqual(t, len(c.entries), 10)
			v, ok := c.get(strconv.Itoa(i))
			require.True(t, ok)
			require.Equal(t, i, v)
		}
		c.delete("999")
		_, ok = c.get("999")
		require.False(t, ok)
	})
}
