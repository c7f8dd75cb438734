package redisstate

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends at its deadline and not before.
type deadline struct{ context.Context }

// deadlines hands out contexts for calls whose own context can never end. Many
// calls share one context, so that a call costs no timer: a new one starts when
// the last is a fiftieth of the timeout old. A call gets at least the timeout.
type deadlines struct {
	timeout time.Duration

	mu      sync.RWMutex
	current *deadline
	cancel  context.CancelFunc
	fresh   time.Time // until when current is handed out
}

func (d *deadlines) context() *deadline {
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
	next, cancel := context.WithDeadline(context.Background(), now.Add(d.timeout+step))
	d.current, d.cancel = &deadline{next}, cancel
	return d.current
}
