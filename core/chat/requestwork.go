package chat

import (
	"context"
	"sync"
)

// requestWork is what a request has started: what it has delivered, and what the
// handlers of that have delivered in their turn.
type requestWork struct {
	lanes *lanes

	mu      sync.Mutex
	started []startedWork
}

type startedWork struct {
	receipt *Receipt
	key     string // of its lane
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

func (w *requestWork) add(receipt *Receipt, key string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = append(w.started, startedWork{receipt, key})
}

// start notes that the request of the context has started the arrival's handlers.
func (arr *arrival) start(ctx context.Context, key string) {
	arr.request = workOf(ctx)
	arr.request.add(arr.receipt, key)
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
		w.lanes.awaitRest(ctx, started.key)
	}
}
