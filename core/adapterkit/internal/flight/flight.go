// Package flight lets callers who want the same at the same time share one call.
package flight

import (
	"context"
	"fmt"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Group has calls under way by their keys. The zero value is ready.
type Group[T any] struct {
	// KeepGoing lets a call go on when all who waited for it have given up. Default:
	// its context ends then.
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

// Do waits for the key's call, which it begins if there is none, until ctx ends. The
// call has the values of the context of whoever began it, and not its end. A panic
// in it is an error that is [chat.ErrPanic].
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

// leave is called by one who gives up.
func (g *Group[T]) leave(key string, c *call[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.waiting--
	if c.waiting > 0 || g.KeepGoing {
		return
	}
	if g.calls[key] == c { // whoever comes now begins another one
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
