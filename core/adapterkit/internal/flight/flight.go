// Package flight lets callers at the same time share one call for a key.
package flight

import (
	"context"
	"fmt"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Group has the running calls, by key. The zero value is ready. It is safe for concurrent
// use.
type Group[T any] struct {
	// KeepGoing lets a call continue when no caller waits for it any more. Default: its
	// context ends then.
	KeepGoing bool

	mu    sync.Mutex
	calls map[string]*call[T]
}

type call[T any] struct {
	done    chan struct{} // closed when value and err are set
	value   T
	err     error
	waiting int
	cancel  context.CancelFunc
}

// Do waits for the call of a key, and begins it if there is none. If ctx ends first, the
// error is ctx's. The context of the call has the values of the context of the caller that
// began it, but does not end with it. A panic in the call becomes [chat.ErrPanic].
func (g *Group[T]) Do(ctx context.Context, key string, do func(ctx context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	g.mu.Lock()
	c, ok := g.calls[key]
	if !ok {
		c = &call[T]{done: make(chan struct{})}
		var going context.Context
		going, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
		if g.calls == nil {
			g.calls = map[string]*call[T]{}
		}
		g.calls[key] = c
		go g.run(going, key, c, do)
	}
	c.waiting++
	g.mu.Unlock()
	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		g.leave(key, c)
		return none, ctx.Err()
	}
}

func (g *Group[T]) run(ctx context.Context, key string, c *call[T], do func(ctx context.Context) (T, error)) {
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("%w: %v", chat.ErrPanic, p)
		}
		g.remove(key, c)
		c.cancel()
		close(c.done)
	}()
	c.value, c.err = do(ctx)
}

// leave records that a caller no longer waits.
func (g *Group[T]) leave(key string, c *call[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.waiting--
	if c.waiting > 0 || g.KeepGoing {
		return
	}
	if g.calls[key] == c { // the next caller begins another call
		delete(g.calls, key)
	}
	c.cancel()
}

func (g *Group[T]) remove(key string, c *call[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls[key] == c {
		delete(g.calls, key)
	}
}
