//go:build faults

package redisstatetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

const lockKey = "chat-sdk:lock:"

// With MinReplicas a lock that no replica has is not given, and one that is held
// is neither lost nor extended.
func TestLockNeedsItsReplicas(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, url string, master *redistest.Node, replicas []*redistest.Node) {
		ctx := t.Context()
		cfg := redisstate.Config{URL: url, MinReplicas: 1, ReplicaTimeout: 300 * time.Millisecond}
		a, b := connect(t, cfg), connect(t, cfg)
		lock, err := a.AcquireLock(ctx, thread, time.Minute)
		require.NoError(t, err)
		require.NoError(t, a.ExtendLock(ctx, lock, time.Minute))
		until := lock.ExpiresAt
		for _, r := range replicas {
			r.Pause(t)
		}

		require.NoError(t, a.ForceReleaseLock(ctx, thread))
		_, err = b.AcquireLock(ctx, thread, time.Minute)
		require.ErrorIs(t, err, state.ErrUnavailable)
		require.NotErrorIs(t, err, state.ErrLocked)
		require.ErrorContains(t, err, "0 replicas confirmed")
		assert.Zero(t, master.Client(t).Exists(ctx, lockKey+thread).Val(), "it is released again")

		require.NoError(t, master.Client(t).Set(ctx, lockKey+thread, lock.Token, time.Minute).Err())
		_, err = b.AcquireLock(ctx, thread, time.Minute)
		require.ErrorIs(t, err, state.ErrLocked, "a lock that another holds is refused as ever")
		err = a.ExtendLock(ctx, lock, time.Hour)
		require.ErrorIs(t, err, state.ErrUnavailable)
		require.NotErrorIs(t, err, state.ErrLockLost)
		assert.Equal(t, until, lock.ExpiresAt)
		require.NoError(t, a.ReleaseLock(ctx, lock))
		require.ErrorIs(t, a.ExtendLock(ctx, lock, time.Minute), state.ErrLockLost)

		for _, r := range replicas {
			r.Unpause(t)
		}
		require.Eventually(t, func() bool {
			lock, err = b.AcquireLock(ctx, thread, time.Minute)
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
	}
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{FailureTimeout: 20 * time.Second})
		check(t, s.URL(), s.Primary(t), s.Replicas(t))
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{FailureTimeout: 5 * time.Second})
		master := c.MasterOf(t, lockKey+thread)
		check(t, c.URL(), master, c.ReplicasOf(t, master))
	})
}

// A master dies with a lock that no replica has. Without MinReplicas two hold it;
// this shows that the test would notice.
func TestLockOutlivesItsMaster(t *testing.T) {
	t.Parallel()
	twoHoldIt := func(t *testing.T, minReplicas int) bool {
		ctx := t.Context()
		s := redistest.Sentinel(t, redistest.Options{FailureTimeout: time.Second, Cuttable: true})
		cfg := redisstate.Config{URL: s.URL(), MinReplicas: minReplicas, ReplicaTimeout: 300 * time.Millisecond}
		a, b := connect(t, cfg), connect(t, cfg)
		primary, replicas := s.Primary(t), s.Replicas(t)
		for _, r := range replicas {
			r.CutFromNetwork(t)
		}
		first, err := a.AcquireLock(ctx, thread, 5*time.Minute)
		if minReplicas > 0 {
			require.ErrorIs(t, err, state.ErrUnavailable)
		}
		primary.Kill(t)
		for _, r := range replicas {
			r.Restore(t)
		}
		var second *state.Lock
		require.Eventually(t, func() bool {
			var err error
			second, err = b.AcquireLock(ctx, thread, 5*time.Minute)
			return err == nil
		}, time.Minute, 20*time.Millisecond)
		require.Less(t, time.Until(second.ExpiresAt), 5*time.Minute)
		return first != nil && time.Now().Before(first.ExpiresAt)
	}
	t.Run("with replicas", func(t *testing.T) {
		t.Parallel()
		assert.False(t, twoHoldIt(t, 1))
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		assert.True(t, twoHoldIt(t, 0))
	})
}

// A master that is replaced breaks off the wait for its replicas: the lock is asked
// for again, and of a message nobody knows.
func TestWaitIsBrokenOff(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t, redistest.Options{FailureTimeout: 20 * time.Second})
	a := connect(t, redisstate.Config{URL: s.URL(), MinReplicas: 2, ReplicaTimeout: 4 * time.Second})
	ctx, primary := t.Context(), s.Primary(t).Client(t)
	useAll(t, a)
	breakOff := func(call func() error) error {
		t.Helper()
		s.Replicas(t)[0].Pause(t)
		done := make(chan error, 1)
		go func() { done <- call() }()
		require.Eventually(t, func() bool {
			for line := range strings.Lines(primary.ClientList(ctx).Val()) {
				id, rest, _ := strings.Cut(strings.TrimPrefix(line, "id="), " ")
				if strings.Contains(rest, "cmd=wait") && primary.Do(ctx, "client", "unblock", id, "error").Val() == int64(1) {
					return true
				}
			}
			return false
		}, 10*time.Second, time.Millisecond)
		for _, r := range s.Replicas(t) {
			r.Unpause(t)
		}
		return <-done
	}
	require.NoError(t, breakOff(func() error {
		_, err := a.AcquireLock(ctx, thread, time.Minute)
		return err
	}))
	err := breakOff(func() error {
		_, err := a.Accept(ctx, thread, entryOf("1"), 0)
		return err
	})
	require.ErrorIs(t, err, state.ErrUnavailable)
	require.ErrorIs(t, err, state.ErrUnknownOutcome)
}
