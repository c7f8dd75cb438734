//go:build faults

package redisstatetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

func TestLockByMajority(t *testing.T) {
	t.Parallel()
	m := redistest.Masters(t, 3, redistest.Options{})
	cfg := redisstate.Config{URL: m[0].URL(), MasterURLs: []string{m[1].URL(), m[2].URL()}, Timeout: 2 * time.Second}
	a, b := connect(t, cfg), connect(t, cfg)
	ctx := t.Context()
	key := "chat-sdk:lock:" + thread
	everywhere := func(token string) {
		t.Helper()
		for _, n := range m {
			require.Eventually(t, func() bool { return n.Client(t).Get(ctx, key).Val() == token }, 5*time.Second, 5*time.Millisecond)
		}
	}

	lock, err := a.AcquireLock(ctx, thread, 20*time.Second)
	require.NoError(t, err)
	everywhere(lock.Token)
	_, err = b.AcquireLock(ctx, thread, 20*time.Second)
	require.ErrorIs(t, err, state.ErrLocked)
	everywhere(lock.Token)

	require.NoError(t, a.ReleaseLock(ctx, lock))
	everywhere("")

	// A minority away, dead or silent, changes nothing.
	for name, disturb := range map[string][2]func(redistest.TB){
		"killed": {m[2].Kill, m[2].Start},
		"paused": {m[1].Pause, m[1].Unpause},
	} {
		lock, err := a.AcquireLock(ctx, name, 20*time.Second)
		require.NoError(t, err, name)
		require.Eventually(t, func() bool { // the slowest of three has it, too
			for _, n := range m {
				if n.Client(t).Get(ctx, "chat-sdk:lock:"+name).Val() != lock.Token {
					return false
				}
			}
			return true
		}, 5*time.Second, 5*time.Millisecond, name)
		disturb[0](t)
		require.NoError(t, a.ExtendLock(ctx, lock, 20*time.Second), name)
		_, err = b.AcquireLock(ctx, name, 20*time.Second)
		require.ErrorIs(t, err, state.ErrLocked, name)
		require.NoError(t, a.ReleaseLock(ctx, lock), name)
		lock, err = b.AcquireLock(ctx, name, 20*time.Second)
		require.NoError(t, err, name)
		require.NoError(t, a.ForceReleaseLock(ctx, name), name)
		require.ErrorIs(t, b.ExtendLock(ctx, lock, 20*time.Second), state.ErrLockLost, name)
		disturb[1](t)
	}

	// A majority away gives an error and no lock.
	m[1].Kill(t)
	m[2].Kill(t)
	_, err = a.AcquireLock(ctx, thread, 20*time.Second)
	require.ErrorIs(t, err, state.ErrUnavailable)
	assert.Empty(t, m[0].Client(t).Get(ctx, key).Val(), "the minority's part of the lock is given back")
	refuses(t, redisstate.Config{URL: m[0].URL(), MasterURLs: []string{m[1].URL(), m[2].URL()}}, "connection refused")
	m[2].Start(t)
	for start := time.Now(); time.Since(start) < 20*time.Second; {
		if _, err = a.AcquireLock(ctx, thread, time.Minute); err == nil {
			break
		}
	}
	require.NoError(t, err)
	c := connect(t, cfg) // a minority away does not stop Connect
	_, err = c.AcquireLock(ctx, thread, time.Second)
	require.ErrorIs(t, err, state.ErrLocked)
}
