//go:build faults

package redisstatetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

func entryOf(message string) state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: json.RawMessage(message), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

// A server executes a command and its reply is lost: on every topology, however the
// adapter came to it, the caller gets the truth, or an error that says that nobody
// knows. The servers announce the addresses of the proxies that lose the replies.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	// On a busy machine a shorter time has servers fail over, and forget a release.
	o := redistest.Options{Replicas: 1, Proxied: true, FailureTimeout: 20 * time.Second}
	everywhere(t, o, func(t *testing.T, d deployment) {
		t.Run("by URL", func(t *testing.T) { loseReplies(t, d, d.cfg) })
		t.Run("given client", func(t *testing.T) { loseReplies(t, d, d.given()) })
		if d.failover != nil {
			cfg := d.cfg
			cfg.MinReplicas, cfg.ReplicaTimeout = 1, 5*time.Second
			t.Run("with replicas", func(t *testing.T) { loseReplies(t, d, cfg) })
		}
	})
}

func loseReplies(t *testing.T, d deployment, cfg redisstate.Config) {
	ctx := t.Context()
	cfg.Timeout = 10 * time.Second
	a := connect(t, cfg)
	// lose has the reply to the next request about the key lost, does the call,
	// and checks that it was.
	lose := func(key string, call func()) {
		t.Helper()
		lost := d.masterOf(key).Proxy().LoseReply(key)
		call()
		select {
		case <-lost:
		case <-time.After(5 * time.Second): // a majority may be faster
			require.Fail(t, "no reply was lost", key)
		}
	}
	// The servers learn the scripts, so that they execute what comes next.
	for range 3 {
		useAll(t, a)
	}
	const (
		lock, cache = "chat-sdk:lock:" + thread, "chat-sdk:cache:k"
		queue, list = "chat-sdk:queue:" + thread, "chat-sdk:list:k"
	)
	var held *state.Lock
	lose(lock, func() {
		var err error
		held, err = a.AcquireLock(ctx, thread, time.Minute)
		require.NoError(t, err, "the caller that won has the lock")
	})
	assert.Equal(t, held.Token, d.value(t, lock))
	lose(lock, func() { require.NoError(t, a.ExtendLock(ctx, held, time.Minute)) })
	lose(lock, func() {
		_, err := a.AcquireLock(ctx, thread, time.Minute)
		require.ErrorIs(t, err, state.ErrLocked)
	})
	lose(lock, func() { require.NoError(t, a.ReleaseLock(ctx, held)) })
	assert.Empty(t, d.value(t, lock))

	claim := state.NewClaim(time.Now())
	lose(cache, func() {
		ok, err := a.SetIfNotExists(ctx, "k", claim, time.Minute)
		require.NoError(t, err)
		assert.True(t, ok)
	})
	other := state.NewClaim(time.Now())
	lose(cache, func() {
		ok, err := a.CompareAndSwap(ctx, "k", claim, other, 0)
		require.NoError(t, err)
		assert.True(t, ok)
	})
	lose(cache, func() {
		ok, err := a.SetIfNotExists(ctx, "k", claim, time.Minute)
		require.NoError(t, err)
		assert.False(t, ok, "another's claim is there")
	})
	lose(cache, func() {
		_, err := a.CompareAndSwap(ctx, "k", other, []byte("2"), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
	})
	assert.Equal(t, "2", d.value(t, cache))
	require.NoError(t, a.Delete(ctx, "k"))
	lose(cache, func() {
		_, err := a.SetIfNotExists(ctx, "k", []byte("true"), time.Minute)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
	})

	lose(queue, func() {
		_, err := a.Enqueue(ctx, thread, entryOf("1"), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		require.ErrorIs(t, err, state.ErrUnavailable)
	})
	assert.EqualValues(t, 1, d.length(t, queue), "it is sent once")
	depth, err := a.Enqueue(ctx, thread, entryOf("1"), 0)
	require.NoError(t, err)
	assert.Equal(t, 2, depth, "a caller that tries again doubles it, and loses no other")
	depth, err = a.Enqueue(ctx, thread, entryOf("2"), 0)
	require.NoError(t, err)
	assert.Equal(t, 3, depth)
	lose(queue, func() {
		_, err := a.Dequeue(ctx, thread)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
	})
	assert.EqualValues(t, 2, d.length(t, queue), "one entry is gone, and no other")
	for _, want := range []string{"1", "2"} {
		got, err := a.Dequeue(ctx, thread)
		require.NoError(t, err)
		assert.Equal(t, want, string(got.Message))
	}
	require.NoError(t, d.masterOf(list).Client(t).Del(ctx, list).Err())
	lose(list, func() {
		require.ErrorIs(t, a.AppendToList(ctx, "k", []byte("1"), state.ListOptions{}), state.ErrUnknownOutcome)
	})
	assert.EqualValues(t, 1, d.length(t, list), "it is sent once")

	lose(queue, func() {
		_, err := a.Accept(ctx, thread, entryOf("3"), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
	})
	waiting, err := a.Waiting(ctx, thread)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	lose(queue, func() {
		left, err := a.Settle(ctx, thread, waiting[0].Receipt)
		require.NoError(t, err)
		assert.Zero(t, left)
	})

	loseTurns(t, d, a, lose)
	if len(d.cfg.MasterURLs) > 0 {
		return
	}
	cfg.Retry.Off = true
	once := connect(t, cfg)
	lose(lock, func() {
		_, err := once.AcquireLock(ctx, thread, time.Minute)
		require.ErrorIs(t, err, state.ErrUnavailable)
	})
	held, err = once.AcquireLock(ctx, thread, time.Minute)
	require.NoError(t, err, "a caller that asks again gets the lock that was given unheard")
	assert.Equal(t, held.Token, d.value(t, lock))
	require.NoError(t, once.ReleaseLock(ctx, held))
	lose(lock, func() {
		_, err := once.AcquireLock(ctx, thread, time.Minute)
		require.ErrorIs(t, err, state.ErrUnavailable)
	})
	require.Eventually(t, func() bool { return d.value(t, lock) == "" }, 10*time.Second, 10*time.Millisecond,
		"a lock that nobody comes back for is released")
}

// loseTurns is loseReplies for what is done for every message.
func loseTurns(t *testing.T, d deployment, a *redisstate.Adapter, lose func(key string, call func())) {
	ctx := t.Context()
	const (
		lock, cache = "chat-sdk:lock:" + thread, "chat-sdk:cache:turn"
		queue       = "chat-sdk:queue:" + thread
	)
	require.NoError(t, a.Delete(ctx, "turn"))
	start := state.StartTurn{Key: "turn", Value: state.NewClaim(time.Now()), TTL: time.Minute, ThreadID: thread, LockTTL: time.Minute}
	for _, key := range []string{lock, cache} {
		var started state.TurnStarted
		var err error
		lose(key, func() { started, err = a.StartTurn(ctx, start) })
		require.NoError(t, err)
		assert.True(t, started.Set, "the caller that won has the claim")
		assert.Equal(t, started.Lock.Token, d.value(t, lock))
		require.NoError(t, a.ReleaseLock(ctx, started.Lock))
	}
	require.NoError(t, a.Delete(ctx, "turn"))
	start.Value = []byte("true")
	var started state.TurnStarted
	var err error
	lose(cache, func() { started, err = a.StartTurn(ctx, start) })
	require.ErrorIs(t, err, state.ErrUnknownOutcome)

	accept := state.AcceptTurn{ThreadID: thread, Entry: entryOf("4"), Subscription: thread}
	var accepted state.TurnAccepted
	lose(queue, func() { accepted, err = a.AcceptTurn(ctx, accept) })
	require.ErrorIs(t, err, state.ErrUnknownOutcome)
	assert.EqualValues(t, 1, d.length(t, queue), "it is sent once")
	marked, failed := a.WaitingThreads(ctx, time.Now().Add(time.Minute), 0)
	require.NoError(t, failed)
	assert.Contains(t, marked, thread, "what may be stored is found")
	accepted, err = a.AcceptTurn(ctx, accept)
	require.NoError(t, err)
	require.True(t, accepted.Looked)
	require.Len(t, accepted.Waiting, 2, "a caller that tries again doubles it")

	for i, key := range []string{queue, lock} {
		end := state.EndTurn{
			Marks: []string{"turn"}, Mark: []byte("done"), ThreadID: thread,
			Receipts: []state.Receipt{accepted.Waiting[i].Receipt}, Lock: started.Lock,
		}
		var depth int
		lose(key, func() { depth, err = a.EndTurn(ctx, end) })
		if err != nil { // in one trip nothing is known of any step
			require.ErrorIs(t, err, state.ErrUnavailable)
			depth, err = a.EndTurn(ctx, end)
		}
		require.NoError(t, err)
		assert.Equal(t, "done", d.value(t, cache))
		assert.Empty(t, d.value(t, lock))
		assert.EqualValues(t, depth, d.length(t, queue))
	}
}

// Any of three masters may lose its reply, as long as a majority answers.
func TestLostRepliesOfAMinority(t *testing.T) {
	t.Parallel()
	d := masters(t, 3, redistest.Options{Proxied: true})
	a := connect(t, d.cfg)
	key := "chat-sdk:lock:" + thread
	var servers []*redis.Client
	for _, n := range d.nodes {
		servers = append(servers, n.Client(t))
	}
	everywhere := func(token string) {
		t.Helper()
		require.Eventually(t, func() bool {
			for _, s := range servers {
				if s.Get(t.Context(), key).Val() != token {
					return false
				}
			}
			return true
		}, 5*time.Second, 5*time.Millisecond)
	}
	for _, n := range d.nodes {
		lost := n.Proxy().LoseReply(key)
		lock, err := a.AcquireLock(t.Context(), thread, time.Minute)
		require.NoError(t, err)
		<-lost
		everywhere(lock.Token)
		require.NoError(t, a.ReleaseLock(t.Context(), lock))
		everywhere("")
		// Whoever releases at once is not overtaken by what is still asked again.
		lost = n.Proxy().LoseReply(key)
		lock, err = a.AcquireLock(t.Context(), thread, time.Minute)
		require.NoError(t, err)
		require.NoError(t, a.ReleaseLock(t.Context(), lock))
		<-lost
		everywhere("")
	}
}

// Calls end by their deadline, whatever part of the masters is silent.
func TestSilentMasters(t *testing.T) {
	t.Parallel()
	d := masters(t, 3, redistest.Options{})
	a := connect(t, d.cfg)
	ctx := t.Context()
	lock, err := a.AcquireLock(ctx, thread, time.Minute)
	require.NoError(t, err)
	d.nodes[1].Pause(t)
	start := time.Now()
	require.NoError(t, a.ExtendLock(ctx, lock, time.Minute))
	require.NoError(t, a.ReleaseLock(ctx, lock))
	require.ErrorIs(t, a.ReleaseLock(ctx, lock), state.ErrLockLost)
	lock, err = a.AcquireLock(ctx, "other", time.Minute)
	require.NoError(t, err)
	require.NoError(t, a.ForceReleaseLock(ctx, "third"))
	assert.Less(t, time.Since(start), 3*time.Second, "a minority is not waited for")

	d.nodes[2].Pause(t)
	for name, call := range map[string]func(ctx context.Context) error{
		"acquire": func(ctx context.Context) error {
			_, err := a.AcquireLock(ctx, thread, time.Minute)
			return err
		},
		"extend":        func(ctx context.Context) error { return a.ExtendLock(ctx, lock, time.Minute) },
		"release":       func(ctx context.Context) error { return a.ReleaseLock(ctx, lock) },
		"force release": func(ctx context.Context) error { return a.ForceReleaseLock(ctx, thread) },
	} {
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		start := time.Now()
		err := call(short)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.ErrorIs(t, err, state.ErrUnavailable, name)
		assert.Less(t, time.Since(start), 2*time.Second, name)
	}
	d.nodes[1].Unpause(t)
	d.nodes[2].Unpause(t)
	require.Eventually(t, func() bool {
		lock, err = a.AcquireLock(ctx, thread, time.Minute)
		return err == nil
	}, 20*time.Second, 10*time.Millisecond, "what was asked in vain is given back")
	require.NoError(t, a.ReleaseLock(ctx, lock))
}

// A master that gives a lock when its caller, and all that was asked on its behalf, has
// long given up, is made to forget it.
func TestLockGivenTooLate(t *testing.T) {
	t.Parallel()
	d := masters(t, 3, redistest.Options{})
	d.cfg.Timeout = 300 * time.Millisecond
	a := connect(t, d.cfg)
	late := d.nodes[2].Client(t)
	d.nodes[1].Kill(t)
	d.nodes[2].Pause(t)
	_, err := a.AcquireLock(t.Context(), thread, time.Hour)
	require.ErrorIs(t, err, state.ErrUnavailable)
	first := d.nodes[0].Client(t)
	held := func() bool { return first.Exists(t.Context(), "chat-sdk:lock:"+thread).Val() != 0 }
	lastHeld := time.Now()
	require.Eventually(t, func() bool {
		if held() {
			lastHeld = time.Now()
		}
		return time.Since(lastHeld) > 1500*time.Millisecond
	}, 20*time.Second, 5*time.Millisecond, "the first master forgets it")
	d.nodes[2].Unpause(t)
	require.Eventually(t, func() bool {
		n, err := late.Exists(t.Context(), "chat-sdk:lock:"+thread).Result()
		return err == nil && n == 0
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, a.Close(t.Context()))
}
