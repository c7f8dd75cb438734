package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// answering is the turn of an event whose answer the platform waits for.
type answering struct {
	chat    *Chat
	adapter Adapter
	name    string
	until   time.Time // when the platform waits no longer
	end     func()
}

// answerTime is how long the platform waits if the adapter does not say.
const answerTime = 30 * time.Second

// beginAnswer begins a turn and returns its context. The caller ends it.
func (h *host) beginAnswer(ctx context.Context, ev asyncEvent) (context.Context, *answering, error) {
	c, base := h.chat, ev.base()
	if err := contextError(ctx); err != nil {
		return nil, nil, err
	}
	if err := c.connect(ctx); err != nil {
		return nil, nil, err
	}
	var thread *Thread
	if base.ThreadID != "" {
		var err error
		if thread, err = c.Thread(base.ThreadID); err != nil {
			return nil, nil, err
		}
		if thread.adapter != h.adapter {
			return nil, nil, fmt.Errorf("%w: event.ThreadID %q does not start with the adapter's name %q", ErrInvalidArgument, base.ThreadID, h.adapter.Name())
		}
	}
	if !c.dispatcher.Begin() {
		return nil, nil, ErrShutdown
	}
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(answerTime)
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	a := &answering{chat: c, adapter: h.adapter, name: ev.EventName(), until: until, end: func() {
		cancel()
		c.dispatcher.End()
	}}
	if base.At.IsZero() {
		base.At = time.Now()
	}
	turn := dispatch.NewLease(ctx)
	if thread != nil {
		thread.lease = turn
	}
	base.Thread, base.Attempt = thread, 1
	base.turn = &eventTurn{caller{chat: c, adapter: h.adapter, lease: turn}}
	return ctx, a, nil
}

// call runs the handlers. When the platform waits no longer it returns, also if
// they ignore the end of their context.
func (a *answering) call(ctx context.Context, handlers func() error) error {
	done := make(chan error, 1)
	go func() { done <- handlers() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done: // the answer came just in time
		return err
	default:
		return fmt.Errorf("chat: the handlers of %s took too long: %w", a.name, context.Cause(ctx))
	}
}

// afterwards returns a context for what is written when the turn may have ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
}

func (a *answering) warn(ctx context.Context, msg string, err error) {
	a.chat.log.WarnContext(ctx, msg, "adapter", a.adapter.Name(), "error", err)
}
