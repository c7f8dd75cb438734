package redisstate

import (
	"context"
	"sync"
	"sync/atomic"
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

// bounded is a caller's context, which has no deadline, bounded by a shared one. What
// context.WithTimeout makes, a timer and a place among the children of the caller's
// context, is made only for a caller that asks for Done: the adapter itself waits for both.
type bounded struct {
	context.Context // the caller's
	bound           *deadline

	ended atomic.Bool
	once  sync.Once
	both  context.Context // nil: nobody has asked for Done
	stop  context.CancelFunc
}

// Deadline implements context.Context.
func (b *bounded) Deadline() (time.Time, bool) { return b.bound.Deadline() }

// Done implements context.Context.
func (b *bounded) Done() <-chan struct{} {
	b.once.Do(func() {
		both, cancel := context.WithCancel(b.Context)
		unbind := context.AfterFunc(b.bound, cancel)
		b.both, b.stop = both, func() { unbind(); cancel() }
	})
	if b.both == nil { // the call has ended
		return closedChannel
	}
	return b.both.Done()
}

var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Err implements context.Context. It is not nil once Done is closed.
func (b *bounded) Err() error {
	if err := b.Context.Err(); err != nil {
		return err
	}
	if err := b.bound.Err(); err != nil {
		return err
	}
	if b.ended.Load() {
		return context.Canceled
	}
	return nil
}

// end ends the context: the call is over.
func (b *bounded) end() {
	b.ended.Store(true)
	b.once.Do(func() {})
	if b.stop != nil {
		b.stop()
	}
}

// ends returns what is closed when the context of a call ends: one of both.
func ends(ctx context.Context) (caller, bound <-chan struct{}) {
	if b, ok := ctx.(*bounded); ok {
		return b.Context.Done(), b.bound.Done()
	}
	return ctx.Done(), nil
}

// boundOf returns the shared deadline of a call, or nil if its context has another.
func boundOf(ctx context.Context) *deadline {
	switch c := ctx.(type) {
	case *deadline:
		return c
	case *bounded:
		return c.bound
	}
	return nil
}

// patience returns the context in which the client executes what a call with the context
// sends. A client of the adapter's own needs no more than the deadline: a caller who cancels
// does not wait for it.
func (n *node) patience(ctx context.Context) context.Context {
	if b, ok := ctx.(*bounded); ok && n.dialer != nil {
		return b.bound
	}
	return ctx
}
