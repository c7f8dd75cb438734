package discord

import (
	"context"
	"sync"
)

// background runs the work that continues after an interaction was answered.
type background struct {
	ctx    context.Context //nolint:containedctx // Reason: it is the adapter's lifetime, ended by close.
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

func newBackground() *background {
	b := &background{}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// run starts the work in a goroutine. After close it does nothing, since interactions
// may still arrive then.
func (b *background) run(work func(ctx context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.running.Go(func() { work(b.ctx) })
	}
}

// close cancels the work and waits for it, until ctx ends.
func (b *background) close(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	done := make(chan struct{})
	go func() {
		b.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
