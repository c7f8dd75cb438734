package chat

import (
	"context"
	"sync"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// requestWork is what a request has started: what it has delivered, and what the
// handlers of that have delivered in their turn.
type requestWork struct {
	dispatcher *dispatch.Dispatcher

	mu      sync.Mutex
	started []startedWork
}

type startedWork struct {
	receipt *Receipt
	key     dispatch.Key
}

type requestWorkKey struct{}

// in returns a context in which deliveries are noted. A nil work notes nothing.
func (w *requestWork) in(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return context.WithValue(ctx, requestWorkKey{}, w)
}

// workOf returns the work of the request that the context belongs to, or nil.
func workOf(ctx context.Context) *requestWork {
	w, _ := ctx.Value(requestWorkKey{}).(*requestWork)
	return w
}

func (w *requestWork) add(receipt *Receipt, key dispatch.Key) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = append(w.started, startedWork{receipt, key})
}

func (w *requestWork) next() (started startedWork, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.started) == 0 {
		return started, false
	}
	started, w.started = w.started[0], w.started[1:]
	return started, true
}

// await returns when all is done, and the locks are given back, or ctx has ended.
func (w *requestWork) await(ctx context.Context) {
	for ctx.Err() == nil {
		started, ok := w.next()
		if !ok {
			return
		}
		_ = started.receipt.Wait(ctx) // a dead letter is done, too
		w.dispatcher.AwaitIdle(ctx, started.key)
	}
}
