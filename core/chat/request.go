package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/internal/timing"
)

var errNilContext = fmt.Errorf("%w: ctx is nil, want a context", ErrInvalidArgument)

// contextError returns why the context cannot be used any more, or never could.
func contextError(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	return ctx.Err()
}

// caller makes calls to one platform, for a turn or outside of one.
type caller struct {
	chat    *Chat
	adapter Adapter
	lease   *dispatch.Lease // nil outside a turn
	attempt *attempt        // nil outside a turn
}

// guard returns why the turn that the calls belong to has ended, or nil.
func (p caller) guard(ctx context.Context) error {
	if p.lease != nil {
		if err := p.lease.Err(); err != nil {
			return err
		}
	}
	return contextError(ctx)
}

// ready is guard for what needs the state, as every call to a platform may: outside
// of a turn it connects it, if nobody has done so yet.
func (p caller) ready(ctx context.Context) error {
	if err := p.guard(ctx); err != nil || p.lease != nil {
		return err
	}
	return p.chat.connect(ctx)
}

// within returns a context that ends with ctx and with the turn.
func (p caller) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.lease == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.lease.Context(), func() { cancel(p.lease.Err()) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// do makes a call to the platform. It ends with the turn, whose cause it returns.
// Where the platform's rate limit forbids the call, do makes it again, as repeat
// does.
func (p caller) do(ctx context.Context, call func(context.Context) error, again func() bool) error {
	if err := p.ready(ctx); err != nil {
		return err
	}
	inner, stop := p.within(ctx)
	defer stop()
	err := p.repeat(inner, call, again)
	if errors.Is(err, context.Canceled) {
		if cause := p.guard(ctx); cause != nil {
			return cause
		}
	}
	return err
}

// repeat makes a call, and makes it again after the time that the platform
// names as long as it answers that its rate is limited. It waits for no longer
// than Config.Limits.RateLimitWait in all, and not at all if ctx would end before. again
// prepares for another call or says that there can be none; nil: there can.
func (p caller) repeat(ctx context.Context, call func(context.Context) error, again func() bool) error {
	left := p.chat.cfg.Limits.RateLimitWait
	for {
		err := call(ctx)
		wait, limited := rateLimit(err)
		if !limited || wait > left || endsWithin(ctx, wait) || again != nil && !again() {
			return err
		}
		p.chat.log.InfoContext(ctx, "platform-rate-limited", "adapter", p.adapter.Name(), "wait", wait)
		left -= wait
		if !timing.Sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

// never is for calls that are not made again.
func never() bool { return false }

// rateLimit reports whether the error asks for a pause, and how long it is.
func rateLimit(err error) (time.Duration, bool) {
	failure, ok := errors.AsType[*PlatformError](err)
	if !ok || failure.Code != CodeRateLimited || failure.RetryAfter <= 0 {
		return 0, false
	}
	return failure.RetryAfter, true
}

func endsWithin(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) <= d
}

// ability returns the adapter as one that can do something, or why it cannot be
// asked to.
func ability[A any](ctx context.Context, p caller, name string) (A, error) {
	var none A
	if err := p.guard(ctx); err != nil {
		return none, err
	}
	able, ok := p.adapter.(A)
	if !ok {
		return none, unsupported(p.adapter.Name(), name)
	}
	return able, nil
}

func isUnsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }
