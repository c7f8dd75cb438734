package memorystate

import (
	"bytes"
	"context"
	"time"
)

// CompareAndSwap implements [state.Swaps].
func (a *Adapter) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	p, err := a.cachePlace(ctx, key, ttl)
	if err != nil {
		return false, err
	}
	if err := p.in.lock(); err != nil {
		return false, err
	}
	defer p.in.unlock()
	now := a.clock.now()
	found := p.find(now)
	own := found != 0 && isOwnClaim(p.in.value(found), value)
	if !own && (found == 0 && old != nil || found != 0 && (old == nil || !bytes.Equal(p.in.value(found), old))) {
		return false, nil
	}
	p.put(found, value, ttl, now)
	return true, nil
}
