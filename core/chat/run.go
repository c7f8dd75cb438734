package chat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/timing"
	"github.com/chat-adapter/chat-go/core/state"
)

// Run connects the state, trying until it is there, runs the adapters that have
// connections of their own, and looks for messages that other instances left
// behind. It returns when ctx has ended, or Shutdown was called, and the shutdown is
// done; or with the error of an adapter that gave up, or of a state that cannot be
// used as it is configured ([state.ErrMisconfigured]). It is called once: a second
// call returns [ErrInvalidArgument] at once and changes nothing, as does one with a
// nil context.
func (c *Chat) Run(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	if c.runs.Swap(true) {
		return fmt.Errorf("%w: Run was called before, want one call for each bot", ErrInvalidArgument)
	}
	if c.handlers.table.Load().isEmpty() {
		c.log.WarnContext(ctx, "no-handlers", "hint", "register handlers before Run, or all that comes in is ignored")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.halt:
			cancel(nil)
		case <-ctx.Done():
		}
	}()
	if err := c.connectUntil(ctx); err == nil {
		var running sync.WaitGroup
		for name, a := range c.adapters {
			r, ok := a.(Runner)
			if !ok {
				continue
			}
			running.Go(func() {
				if err := r.Run(ctx); err != nil && ctx.Err() == nil {
					cancel(fmt.Errorf("chat: adapter %q: %w", name, err))
				}
			})
		}
		c.sweepUntil(ctx)
		running.Wait()
	} else if errors.Is(err, state.ErrMisconfigured) {
		cancel(fmt.Errorf("chat: state: %w", err))
	}
	cause := context.Cause(ctx)
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Limits.ShutdownTimeout)
	defer done()
	err := c.Shutdown(stop)
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return err
	}
	return errors.Join(cause, err)
}

// connectUntil connects the state with backoff until it succeeds or ctx ends, or
// trying again is of no use.
func (c *Chat) connectUntil(ctx context.Context) error {
	for delay := 100 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		err := c.connect(ctx)
		if err == nil {
			c.log.InfoContext(ctx, "state-connected")
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, state.ErrMisconfigured) {
			return err
		}
		c.log.WarnContext(ctx, "state-connect-failed", "retry_in", delay, "error", err)
		if !timing.Sleep(ctx, delay+rand.N(delay/4)) {
			return ctx.Err()
		}
	}
}

// sweepUntil looks for messages left behind, at a random time in each interval,
// so that instances share the work.
func (c *Chat) sweepUntil(ctx context.Context) {
	for wait := time.Duration(0); timing.Sleep(ctx, wait); wait = c.cfg.Lock.SweepInterval - rand.N(c.cfg.Lock.SweepInterval/4+1) {
		c.dispatcher.Sweep(ctx)
		c.approvals.sweep(ctx)
	}
}
