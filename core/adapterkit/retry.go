package adapterkit

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Retry makes a call, and makes it again after the time that the platform names
// while its rate limit refuses it, as long as patience is left. It takes from the
// patience what it waits, so that several calls can share one, which begins as
// Host.RateLimitWait. It is for calls in the middle of something: what is refused at
// its beginning, the bot makes again.
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

// Sleep waits. If ctx ends first, it returns ctx's error.
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
