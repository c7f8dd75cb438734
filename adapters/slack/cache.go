package slack

import (
	"sync"
	"time"
)

// cache keeps a bounded number of values in this process for a while. It is safe
// for concurrent use; its zero value keeps nothing.
type cache[V any] struct {
	limit int
	ttl   time.Duration

	mu      sync.Mutex
	entries map[string]cached[V]
}

type cached[V any] struct {
	value V
	until time.Time
}

func newCache[V any](limit int, ttl time.Duration) *cache[V] {
	return &cache[V]{limit: limit, ttl: ttl, entries: map[string]cached[V]{}}
}

func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok || time.Now().After(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}

func (c *cache[V]) set(key string, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if _, there := c.entries[key]; !there && len(c.entries) >= c.limit {
		c.shrink(now)
	}
	c.entries[key] = cached[V]{value, now.Add(c.ttl)}
}

// shrink drops what has expired, or any half if that is not enough.
func (c *cache[V]) shrink(now time.Time) {
	for key, e := range c.entries {
		if now.After(e.until) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) <= c.limit/2 {
			return
		}
		delete(c.entries, key)
	}
}

func (c *cache[V]) delete(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}
