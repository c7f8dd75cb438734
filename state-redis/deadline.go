package redisstate

import (
	"context"
	"sync"
	"time"
)

// deadlines hands out contexts for calls whose own context can never end. Many
// calls share one context, so that a call costs no timer: a new one starts when
// the last is a fiftieth of the timeout old. A call gets at least the timeout.
type deadlines struct {
	timeout time.Duration

	mu      sync.RWMutex
	current context.Context
	cancel  context.CancelFunc
	fresh   time.Time // until when current is handed out
}

func (d *deadlines) context() context.Context {
	now := time.Now()
	d.mu.RLock()
	ctx, ok := d.current, now.Before(d.fresh)
	d.mu.RUnlock()
	if ok {
		return ctx
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Before(d.fresh) {
		return d.current
	}
	step := d.timeout / 50
	d.fresh = now.Add(step)
	// The timer ends by itself: calls may still hold the context.
	d.current, d.cancel = context.WithDeadline(context.Background(), now.Add(d.timeout+step))
	return d.current
}
