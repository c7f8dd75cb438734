package chat

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// grantingLocks gives every lock to whoever asks.
type grantingLocks struct {
	state.Locks
	state.Cache
}

func (grantingLocks) AcquireLock(_ context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	return &state.Lock{ThreadID: id, Token: "token", ExpiresAt: time.Now().Add(ttl)}, nil
}

func (grantingLocks) ExtendLock(_ context.Context, lock *state.Lock, ttl time.Duration) error {
	lock.ExpiresAt = time.Now().Add(ttl)
	return nil
}

func (grantingLocks) ReleaseLock(context.Context, *state.Lock) error { return nil }

// A process that was stopped goes on with whatever goroutine the scheduler takes
// first: the handler must not find its context alive because the timer comes
// later.
func TestLeaseEndsByTheClockBeforeItsTimer(t *testing.T) {
	for name, look := range map[string]func(*lease, context.Context) error{
		"context":         func(_ *lease, ctx context.Context) error { return ctx.Err() },
		"derived context": func(_ *lease, ctx context.Context) error { return context.WithValue(ctx, "key", 1).Err() }, //nolint:staticcheck // any key will do
		"thread":          func(l *lease, _ context.Context) error { return (&Thread{lease: l}).guard(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ls := newLeases(grantingLocks{}, 3*time.Second, time.Hour)
				l, err := ls.acquire(t.Context(), "key")
				require.NoError(t, err)
				child, cancel := context.WithCancel(l.ctx)
				defer cancel()
				ls.mu.Lock()
				ls.timer.Stop()
				ls.mu.Unlock()

				time.Sleep(3*time.Second - ls.margin - time.Millisecond)
				require.NoError(t, look(l, l.ctx))
				time.Sleep(time.Millisecond)
				require.Error(t, look(l, l.ctx))
				require.ErrorIs(t, context.Cause(l.ctx), ErrLockLost)
				synctest.Wait()
				require.ErrorIs(t, context.Cause(child), ErrLockLost)
				l.end(t.Context())
				ls.timer.Stop()
			})
		})
	}
}

// The same process must not take the handler for one that ignores its context.
func TestHandlerGetsTimeToReturnAfterTheProcessWasStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ls := newLeases(grantingLocks{}, 3*time.Second, time.Hour)
		l, err := ls.acquire(t.Context(), "key")
		require.NoError(t, err)
		var abandoned atomic.Bool
		l.abandoned = func() { abandoned.Store(true) }
		ls.mu.Lock()
		ls.timer.Stop()
		ls.mu.Unlock()

		time.Sleep(time.Minute)
		ls.tick()
		require.ErrorIs(t, context.Cause(l.ctx), ErrLockLost)
		time.Sleep(time.Second)
		require.False(t, abandoned.Load())
		time.Sleep(time.Second)
		require.True(t, abandoned.Load())
	})
}
