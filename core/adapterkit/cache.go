package adapterkit

import (
	"sync"
	"time"
)

// Cache keeps a limited number of values in this process for a limited time. It is safe for
// concurrent use.
type Cache[V any] struct {
	limit int
	ttl   time.Duration

	mu      sync.Mutex
	entries map[string]cached[V]
}

type cached[V any] struct {
	value V
	until time.Time
}

// NewCache returns a cache of at most limit values, each kept for ttl. With a limit or
// a ttl of 0 or less it keeps nothing.
func NewCache[V any](limit int, ttl time.Duration) *Cache[V] {
	return &Cache[V]{limit: limit, ttl: ttl, entries: map[string]cached[V]{}}
}

// Get returns the value of a key. It returns false if there is none, or it has expired.
func (c *Cache[V]) Get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok || !time.Now().Before(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}

// Set stores a value for a key. If the cache is full, it removes the values that have
// expired, and then others, chosen arbitrarily, until half of the limit is left.
func (c *Cache[V]) Set(key string, value V) {
	if c.limit < 1 || c.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if _, there := c.entries[key]; !there && len(c.entries) >= c.limit {
		c.shrink(now)
	}
	c.entries[key] = cached[V]{value, now.Add(c.ttl)}
}

func (c *Cache[V]) shrink(now time.Time) {
	for key, e := range c.entries {
		if !now.Before(e.until) {
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

// Delete removes the value of a key.
func (c *Cache[V]) Delete(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}
