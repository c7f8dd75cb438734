//go:build faults

package redisstatetest

import (
	"strconv"
	"sync"
	"sync/atomic"
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

// Of many who ask several masters at the same time somebody gets the lock, also
// when a master is silent: the votes do not split. Nobody waits for that master.
func TestSomebodyWins(t *testing.T) {
	t.Parallel()
	const rounds, attempts = 20, 10
	compete := func(t *testing.T, silent int) {
		d := masters(t, 3, redistest.Options{})
		d.cfg.Timeout = 20 * time.Second
		var adapters []*redisstate.Adapter
		for range 4 {
			adapters = append(adapters, connect(t, d.cfg))
		}
		if silent >= 0 {
			d.nodes[silent].Pause(t)
		}
		// ask lets all callers ask for the lock at once and counts who gets it.
		ask := func(id string) (won int64) {
			var winners atomic.Int64
			var asking sync.WaitGroup
			start := make(chan struct{})
			for i := range callers {
				asking.Go(func() {
					<-start
					asked := time.Now()
					_, err := adapters[i%len(adapters)].AcquireLock(t.Context(), id, time.Minute)
					assert.Less(t, time.Since(asked), d.cfg.Timeout/2)
					if err == nil {
						winners.Add(1)
						return
					}
					assert.ErrorIs(t, err, state.ErrLocked)
				})
			}
			close(start)
			asking.Wait()
			return winners.Load()
		}
		split := 0
		for round := range rounds {
			id, won := thread+strconv.Itoa(round), int64(0)
			for attempt := 0; won == 0; attempt++ {
				require.Less(t, attempt, attempts, "nobody wins")
				if won = ask(id); won == 0 {
					split++ // a busy machine can keep a master from answering soon
				}
			}
			require.EqualValues(t, 1, won)
		}
		t.Logf("%d of %d votes were split", split, rounds+split)
	}
	for name, silent := range map[string]int{"all answer": -1, "first silent": 0, "second silent": 1, "third silent": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compete(t, silent)
		})
	}
}

// Whom one master has refused, and another has given its vote, does not wait for a
// silent third.
func TestSilentMasterDecidesNothing(t *testing.T) {
	t.Parallel()
	d := masters(t, 3, redistest.Options{Proxied: true})
	d.cfg.Timeout = 30 * time.Second
	a := connect(t, d.cfg)
	key := "chat-sdk:lock:" + thread
	second := d.nodes[1].Client(t)
	require.NoError(t, d.nodes[0].Client(t).Set(t.Context(), key, "other", 0).Err())
	d.nodes[0].Proxy().Delay(2 * time.Second) // it is passed over, and then refuses
	d.nodes[2].Pause(t)
	start := time.Now()
	_, err := a.AcquireLock(t.Context(), thread, time.Minute)
	require.ErrorIs(t, err, state.ErrLocked)
	require.Less(t, time.Since(start), d.cfg.Timeout/2)
	require.Eventually(t, func() bool { return second.Exists(t.Context(), key).Val() == 0 },
		5*time.Second, 5*time.Millisecond, "its vote is given back")
}
