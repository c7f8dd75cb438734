package dispatch

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/internal/fault"
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

var testKey = ConversationKey("key")

func newLeases(st leaseState, ttl time.Duration) *leases {
	ls := &leases{}
	ls.init(st, ttl, time.Hour, nil)
	return ls
}

func (s *leaseShard) stopTimer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
}

type abandonerFunc func()

func (f abandonerFunc) abandon(*Lease) { f() }

// A process that was stopped goes on with whatever goroutine the scheduler takes
// first: the handler must not find its context alive because the timer comes
// later.
func TestLeaseEndsByTheClockBeforeItsTimer(t *testing.T) {
	for name, look := range map[string]func(*Lease, context.Context) error{
		"context":         func(_ *Lease, ctx context.Context) error { return ctx.Err() },
		"derived context": func(_ *Lease, ctx context.Context) error { return context.WithValue(ctx, "key", 1).Err() }, //nolint:staticcheck // any key will do
		"lease":           func(l *Lease, _ context.Context) error { return l.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ls := newLeases(grantingLocks{}, 3*time.Second)
				l, err := ls.acquire(t.Context(), testKey)
				require.NoError(t, err)
				child, cancel := context.WithCancel(l.Context())
				defer cancel()
				l.shard.stopTimer()

				time.Sleep(3*time.Second - ls.margin - time.Millisecond)
				require.NoError(t, look(l, l.Context()))
				time.Sleep(time.Millisecond)
				require.Error(t, look(l, l.Context()))
				require.ErrorIs(t, context.Cause(l.Context()), fault.ErrLockLost)
				synctest.Wait()
				require.ErrorIs(t, context.Cause(child), fault.ErrLockLost)
				l.end(t.Context())
				l.shard.stopTimer()
			})
		})
	}
}

// The same process must not take the handler for one that ignores its context.
func TestHandlerGetsTimeToReturnAfterTheProcessWasStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ls := newLeases(grantingLocks{}, 3*time.Second)
		l, err := ls.acquire(t.Context(), testKey)
		require.NoError(t, err)
		var abandoned atomic.Bool
		l.beginAttempt(time.Now(), abandonerFunc(func() { abandoned.Store(true) }))
		l.shard.stopTimer()

		time.Sleep(time.Minute)
		l.shard.tick()
		require.ErrorIs(t, context.Cause(l.Context()), fault.ErrLockLost)
		time.Sleep(time.Second)
		require.False(t, abandoned.Load())
		time.Sleep(time.Second)
		require.True(t, abandoned.Load())
	})
}

// slowLocks answers to a renewal when it is told to.
type slowLocks struct {
	grantingLocks
	answers chan error
	asked   atomic.Int64
}

func (s *slowLocks) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	s.asked.Add(1)
	if err := <-s.answers; err != nil {
		return err
	}
	return s.grantingLocks.ExtendLock(ctx, lock, ttl)
}

// A renewal that was on its way when the lock was taken away proves nothing.
func TestDoubtIsNotSettledByARenewalThatCameBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := &slowLocks{answers: make(chan error, 1)}
		ls := newLeases(locks, 30*time.Second)
		l, err := ls.acquire(t.Context(), testKey)
		require.NoError(t, err)
		time.Sleep(ls.ttl/3 + time.Millisecond)
		require.EqualValues(t, 1, locks.asked.Load())
		ls.recheck(func(key string) bool { return key == "key" })
		locks.answers <- nil
		synctest.Wait()
		time.Sleep(time.Millisecond)
		require.EqualValues(t, 2, locks.asked.Load())
		locks.answers <- state.ErrLockLost
		synctest.Wait()
		require.ErrorIs(t, context.Cause(l.Context()), fault.ErrLockLost)
		l.end(t.Context())
		l.shard.stopTimer()
	})
}

// What waits on a lock is extended with its renewals from a third of its time on, so
// that it costs a short turn nothing; a queue that does not answer delays no renewal.
func TestQueueIsExtendedWithRenewals(t *testing.T) {
	for name, hangs := range map[string]bool{"answers": false, "hangs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ls := newLeases(grantingLocks{}, 30*time.Second)
				var extended atomic.Int64
				ls.extendQueue = func(ctx context.Context, key string) error {
					require.Equal(t, "key", key)
					extended.Add(1)
					if hangs {
						<-ctx.Done()
					}
					return ctx.Err()
				}
				l, err := ls.acquire(t.Context(), testKey)
				require.NoError(t, err)
				time.Sleep(9 * time.Second)
				require.Zero(t, extended.Load())
				for i := range 9 {
					time.Sleep(10 * time.Second)
					if !hangs { // else it is asked again sooner
						require.EqualValues(t, i+1, extended.Load())
					}
				}
				require.NoError(t, l.Err())
				l.end(t.Context())
				l.shard.stopTimer()
			})
		})
	}
}

// memo is a cache that remembers which keys were deleted.
type memo struct {
	grantingLocks
	deleted []string
}

func (*memo) Set(context.Context, string, []byte, time.Duration) error { return nil }

func (m *memo) Delete(_ context.Context, key string) error {
	m.deleted = append(m.deleted, key)
	return nil
}

// A handler that returns when its lock has run out must not put out the heartbeat of
// the one that runs now.
func TestHeartbeatOfALostLockIsLeftAlone(t *testing.T) {
	for name, want := range map[string]bool{"held": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memo{}
				ls := newLeases(m, 3*time.Second)
				l, err := ls.acquire(t.Context(), testKey)
				require.NoError(t, err)
				l.beginAttempt(time.Now(), nil)
				time.Sleep(500 * time.Millisecond)
				synctest.Wait()
				l.shard.stopTimer()
				if !want {
					time.Sleep(3 * time.Second)
				}
				l.end(t.Context())
				require.Equal(t, want, len(m.deleted) == 1)
			})
		})
	}
}

// countingLocks counts the renewals.
type countingLocks struct {
	memo
	renewals atomic.Int64
}

func (c *countingLocks) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	c.renewals.Add(1)
	return c.memo.ExtendLock(ctx, lock, ttl)
}

// A lock that is held for one message after the other is renewed early once.
func TestHeartbeatIsLitOnceInALock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := &countingLocks{}
		ls := newLeases(locks, 30*time.Second)
		l, err := ls.acquire(t.Context(), testKey)
		require.NoError(t, err)
		for range 20 {
			l.beginAttempt(time.Now(), nil)
			time.Sleep(200 * time.Millisecond)
		}
		require.EqualValues(t, 1, locks.renewals.Load())
		time.Sleep(10 * time.Second)
		require.EqualValues(t, 2, locks.renewals.Load())
		l.end(t.Context())
		require.Len(t, locks.deleted, 1)
		l.shard.stopTimer()
	})
}
