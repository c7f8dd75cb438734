package memorystate

import (
	"bytes"
	"context"
	"time"
)

// CompareAndSwap implements [state.Swaps].
func (a *Adapter) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	t, err := a.cacheTable(ctx, key, ttl)
	if err != nil {
		return false, err
	}
	if err := t.lock(); err != nil {
		return false, err
	}
	defer t.unlock()
	now := a.clock.now()
	found := t.get(key, now)
	own := found != nil && isOwnClaim(found.value, value)
	if !own && (found == nil && old != nil || found != nil && (old == nil || !bytes.Equal(found.value, old))) {
		return false, nil
	}
	a.put(t, found, key, copyOf(value), ttl, now)
	return true, nil
}
