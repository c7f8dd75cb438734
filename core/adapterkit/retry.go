package adapterkit

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Retry makes a call, and repeats it while its error is [chat.ErrRateLimited]. Before each
// repetition it waits for the time that the error names, but at least a second. It returns
// the last error if that time is longer than *patience or would end after ctx's deadline. It
// subtracts each wait from *patience, so several calls can share one patience, which
// begins as Host.RateLimitWait. Use it for a call in the middle of an operation; an
// operation whose first call is refused is repeated by the bot.
func Retry(ctx context.Context, patience *time.Duration, call func() error) error {
	for {
		err := call()
		failure, ok := errors.AsType[*chat.PlatformError](err)
		if !ok || failure.Code != chat.CodeRateLimited {
			return err
		}
		wait := max(failure.RetryAfter, time.Second)
		if deadline, ok := ctx.Deadline(); wait > *patience || ok && time.Until(deadline) <= wait {
			return err
		}
		*patience -= wait
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// Sleep waits for the duration. If ctx ends first, it returns the cause of that, as
// [context.Cause] does.
func Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
