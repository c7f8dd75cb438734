package adapterkit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := &chat.PlatformError{Adapter: "pager", Op: "post", Code: chat.CodeRateLimited, RetryAfter: 4 * time.Second}
		calls := 0
		refusing := func(times int, err error) func() error {
			calls = 0
			return func() error {
				if calls++; calls <= times {
					return err
				}
				return nil
			}
		}
		patience := 10 * time.Second
		require.NoError(t, adapterkit.Retry(t.Context(), &patience, refusing(2, limited)))
		require.Equal(t, 3, calls)
		require.Equal(t, 2*time.Second, patience, "it has waited twice")
		require.ErrorIs(t, adapterkit.Retry(t.Context(), &patience, refusing(1, limited)), chat.ErrRateLimited, "there is not enough patience")
		require.Equal(t, 1, calls)
		other := errors.New("other")
		require.ErrorIs(t, adapterkit.Retry(t.Context(), &patience, refusing(1, other)), other)
		require.Equal(t, 1, calls)

		patience = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		require.ErrorIs(t, adapterkit.Retry(ctx, &patience, refusing(1, limited)), chat.ErrRateLimited)
		require.Zero(t, time.Since(begun), "the time would be over before")
	})
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, cause := time.Now(), errors.New("the bot shuts down")
		require.NoError(t, adapterkit.Sleep(t.Context(), time.Minute))
		require.Equal(t, time.Minute, time.Since(begun))
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			time.Sleep(time.Second)
			cancel(cause)
		}()
		require.ErrorIs(t, adapterkit.Sleep(ctx, time.Minute), cause)
		require.Equal(t, time.Minute+time.Second, time.Since(begun))
	})
}
