package redisstate

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func entry(message string, ttl time.Duration) state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: json.RawMessage(message), EnqueuedAt: now, ExpiresAt: now.Add(ttl)}
}

func TestStoredForm(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		at := time.UnixMilli(1700000000123)

		require.NoError(t, a.Subscribe(ctx, "slack:C1:1.2"))
		assert.Equal(t, []string{"slack:C1:1.2"}, c.SMembers(ctx, "chat-sdk:subscriptions").Val())

		lock, err := a.AcquireLock(ctx, "slack:C1:1.2", 30*time.Second)
		require.NoError(t, err)
		assert.Equal(t, lock.Token, c.Get(ctx, "chat-sdk:lock:slack:C1:1.2").Val())
		assert.InDelta(t, 30000, c.PTTL(ctx, "chat-sdk:lock:slack:C1:1.2").Val().Milliseconds(), 1000)

		require.NoError(t, a.Set(ctx, "k", []byte(`{"a":1}`), 0))
		assert.Equal(t, `{"a":1}`, c.Get(ctx, "chat-sdk:cache:k").Val())
		assert.EqualValues(t, -1, c.PTTL(ctx, "chat-sdk:cache:k").Val())

		require.NoError(t, a.AppendToList(ctx, "l", []byte(`1`), state.ListOptions{TTL: time.Minute}))
		assert.Equal(t, []string{"1"}, c.LRange(ctx, "chat-sdk:list:l", 0, -1).Val())

		_, err = a.Accept(ctx, "q", state.QueueEntry{Message: json.RawMessage(`{"id":"1"}`), EnqueuedAt: at, ExpiresAt: at.Add(90 * time.Second)}, 10)
		require.NoError(t, err)
		assert.Equal(t, []string{`{"message":{"id":"1"},"enqueuedAt":1700000000123,"expiresAt":1700000090123}`},
			c.LRange(ctx, "chat-sdk:queue:q", 0, -1).Val())
		assert.InDelta(t, 60000, c.PTTL(ctx, "chat-sdk:queue:q").Val().Milliseconds(), 1000)
		assert.Equal(t, []string{"q"}, c.ZRange(ctx, a.keys.pendingFor("q"), 0, -1).Val())

		keys := c.Keys(ctx, "*").Val()
		assert.ElementsMatch(t, []string{
			"chat-sdk:subscriptions", "chat-sdk:lock:slack:C1:1.2", "chat-sdk:cache:k",
			"chat-sdk:list:l", "chat-sdk:queue:q", a.keys.pendingFor("q"),
		}, keys)
	})
}

func TestQueueLivesNoShorter(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		ttl := func() int64 { return c.PTTL(ctx, "chat-sdk:queue:q").Val().Milliseconds() }
		_, err := a.Enqueue(ctx, "q", entry(`1`, time.Hour), 0)
		require.NoError(t, err)
		assert.InDelta(t, 3600_000, ttl(), 2000)
		_, err = a.Enqueue(ctx, "q", entry(`2`, time.Minute), 0)
		require.NoError(t, err)
		assert.InDelta(t, 3600_000, ttl(), 2000)
		_, err = a.Enqueue(ctx, "q", entry(`3`, 2*time.Hour), 0)
		require.NoError(t, err)
		assert.InDelta(t, 7200_000, ttl(), 2000)
	})
}

func TestLock(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		before := time.Now()
		lock, err := a.AcquireLock(ctx, "t", 10*time.Second)
		require.NoError(t, err)
		assert.Less(t, lock.ExpiresAt, before.Add(10*time.Second))
		_, err = a.AcquireLock(ctx, "t", time.Second)
		require.ErrorIs(t, err, state.ErrLocked)
		require.NoError(t, a.ExtendLock(ctx, lock, 20*time.Second))
		assert.InDelta(t, 20000, s.client().PTTL(ctx, "chat-sdk:lock:t").Val().Milliseconds(), 1000)
		require.ErrorIs(t, a.ReleaseLock(ctx, &state.Lock{ThreadID: "t", Token: "other"}), state.ErrLockLost)
		require.NoError(t, a.ReleaseLock(ctx, lock))
		require.ErrorIs(t, a.ReleaseLock(ctx, lock), state.ErrLockLost)
		require.ErrorIs(t, a.ExtendLock(ctx, lock, time.Second), state.ErrLockLost)
		_, err = a.AcquireLock(ctx, "t", time.Millisecond)
		if err != nil { // a millisecond may pass before the reply
			require.ErrorIs(t, err, state.ErrUnavailable)
		}
		require.NoError(t, a.ForceReleaseLock(ctx, "t"))
		short, err := a.AcquireLock(ctx, "t", 200*time.Millisecond)
		require.NoError(t, err, "a short TTL is no reason to fail")
		require.NoError(t, a.ForceReleaseLock(ctx, "t"))
		require.ErrorIs(t, a.ExtendLock(ctx, short, time.Second), state.ErrLockLost)
	})
}

func TestClaim(t *testing.T) {
	both(t, func(t *testing.T, _ *server, a *Adapter) {
		ctx := t.Context()
		mine, other := state.NewClaim(time.Now()), state.NewClaim(time.Now())
		for range 2 {
			ok, err := a.SetIfNotExists(ctx, "c", mine, time.Minute)
			require.NoError(t, err)
			assert.True(t, ok)
		}
		ok, err := a.SetIfNotExists(ctx, "c", other, time.Minute)
		require.NoError(t, err)
		assert.False(t, ok)
		for range 2 {
			ok, err = a.CompareAndSwap(ctx, "c", mine, other, 0)
			require.NoError(t, err)
			assert.True(t, ok)
		}
		ok, err = a.CompareAndSwap(ctx, "c", mine, []byte("x"), 0)
		require.NoError(t, err)
		assert.False(t, ok)
		ok, err = a.CompareAndSwap(ctx, "new", nil, []byte(""), 0)
		require.NoError(t, err)
		assert.True(t, ok)
		ok, err = a.CompareAndSwap(ctx, "new", nil, []byte("y"), 0)
		require.NoError(t, err)
		assert.False(t, ok, "an empty value is a value")
		ok, err = a.CompareAndSwap(ctx, "new", []byte{}, []byte("y"), 0)
		require.NoError(t, err)
		assert.True(t, ok)
	})
}

func TestInbox(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		for _, m := range []string{`1`, `2`, `3`} {
			_, err := a.Accept(ctx, "q", entry(m, time.Minute), 0)
			require.NoError(t, err)
		}
		soon := time.Now().Add(time.Second)
		threads, err := a.WaitingThreads(ctx, soon, 0)
		require.NoError(t, err)
		assert.Equal(t, []string{"q"}, threads)
		threads, err = a.WaitingThreads(ctx, time.Now().Add(-time.Second), 0)
		require.NoError(t, err)
		assert.Empty(t, threads)

		waiting, err := a.Waiting(ctx, "q")
		require.NoError(t, err)
		require.Len(t, waiting, 3)
		left, err := a.Settle(ctx, "q", waiting[1].Receipt)
		require.NoError(t, err)
		assert.Equal(t, 2, left)
		left, err = a.Settle(ctx, "q", waiting[0].Receipt, waiting[1].Receipt, waiting[2].Receipt)
		require.NoError(t, err)
		assert.Zero(t, left)
		threads, err = a.WaitingThreads(ctx, soon, 0)
		require.NoError(t, err)
		assert.Empty(t, threads)
		assert.Zero(t, s.client().Exists(ctx, a.keys.pendingFor("q")).Val(), "the mark is gone")
	})
}

func TestWaitingThreadsPages(t *testing.T) {
	both(t, func(t *testing.T, _ *server, a *Adapter) {
		ctx := t.Context()
		const n = 40 * waitingPage
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := w; i < n; i += 8 {
					id := "t" + string(rune('a'+i%26)) + time.Duration(i).String()
					_, err := a.Accept(ctx, id, entry(`1`, time.Minute), 0)
					assert.NoError(t, err)
					if i%2 == 0 {
						_, err = a.Dequeue(ctx, id)
						assert.NoError(t, err)
					}
				}
			})
		}
		wg.Wait()
		soon := time.Now().Add(time.Second)
		threads, err := a.WaitingThreads(ctx, soon, 100)
		require.NoError(t, err)
		assert.Len(t, threads, 100)
		threads, err = a.WaitingThreads(ctx, soon, 0)
		require.NoError(t, err)
		assert.Len(t, threads, n/2)
	})
}

func TestCorrupt(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		require.NoError(t, c.RPush(ctx, "chat-sdk:queue:q", "junk", `{"message":1,"enqueuedAt":1,"expiresAt":2}`, `{"enqueuedAt":1}`).Err())
		waiting, err := a.Waiting(ctx, "q")
		require.NoError(t, err)
		require.Len(t, waiting, 3)
		require.ErrorIs(t, waiting[0].Err, state.ErrCorrupt)
		require.NoError(t, waiting[1].Err)
		_, err = a.Dequeue(ctx, "q")
		var corrupt *state.CorruptError
		require.ErrorAs(t, err, &corrupt)
		assert.Equal(t, "junk", string(corrupt.Raw))
		got, err := a.Dequeue(ctx, "q")
		require.NoError(t, err)
		assert.JSONEq(t, `1`, string(got.Message))
		left, err := a.Settle(ctx, "q", waiting[2].Receipt)
		require.NoError(t, err)
		assert.Zero(t, left)
		_, err = a.Dequeue(ctx, "q")
		require.ErrorIs(t, err, state.ErrQueueEmpty)

		require.NoError(t, c.Set(ctx, "chat-sdk:cache:raw", "not json", 0).Err())
		raw, err := a.Get(ctx, "raw")
		require.NoError(t, err)
		assert.Equal(t, "not json", string(raw))

		for _, key := range []string{"cache:x", "lock:x", "queue:x", "list:x", "subscriptions"} {
			require.NoError(t, c.HSet(ctx, "chat-sdk:"+key, "f", "v").Err())
		}
		_, err = a.Get(ctx, "x")
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.GetList(ctx, "x")
		require.ErrorIs(t, err, state.ErrCorrupt)
		require.ErrorIs(t, a.AppendToList(ctx, "x", nil, state.ListOptions{}), state.ErrCorrupt)
		_, err = a.Enqueue(ctx, "x", entry(`1`, 0), 0)
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.Accept(ctx, "x", entry(`1`, 0), 0)
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.Dequeue(ctx, "x")
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.QueueDepth(ctx, "x")
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.IsSubscribed(ctx, "x")
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.CompareAndSwap(ctx, "x", nil, []byte("1"), 0)
		require.ErrorIs(t, err, state.ErrCorrupt)
		_, err = a.AcquireLock(ctx, "x", time.Second)
		require.ErrorIs(t, err, state.ErrLocked)
		require.ErrorIs(t, a.ReleaseLock(ctx, &state.Lock{ThreadID: "x", Token: "t"}), state.ErrCorrupt)
	})
}

func TestScriptFlush(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		for i := range 3 {
			depth, err := a.Accept(ctx, "q", entry(`1`, time.Minute), 0)
			require.NoError(t, err)
			assert.Equal(t, i+1, depth)
			require.NoError(t, c.ScriptFlush(ctx).Err())
		}
		waiting, err := a.Waiting(ctx, "q")
		require.NoError(t, err)
		_, err = a.Settle(ctx, "q", waiting[0].Receipt, waiting[1].Receipt, waiting[2].Receipt)
		require.NoError(t, err)
		require.NoError(t, c.ScriptFlush(ctx).Err())
		threads, err := a.WaitingThreads(ctx, time.Now().Add(time.Second), 0)
		require.NoError(t, err)
		assert.Empty(t, threads)
		lock, err := a.AcquireLock(ctx, "t", time.Second)
		require.NoError(t, err)
		require.NoError(t, c.ScriptFlush(ctx).Err())
		require.NoError(t, a.ExtendLock(ctx, lock, time.Second))
		require.NoError(t, c.ScriptFlush(ctx).Err())
		require.NoError(t, a.ReleaseLock(ctx, lock))
	})
}

func TestLifecycle(t *testing.T) {
	s := newServer(t)
	ctx := t.Context()
	a, err := New(Config{URL: s.url()})
	require.NoError(t, err)
	_, err = a.Get(ctx, "k")
	require.ErrorIs(t, err, state.ErrNotConnected)

	s.stop()
	require.ErrorIs(t, a.Connect(ctx), state.ErrUnavailable)
	s.start()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.NoError(t, a.Connect(ctx)) })
	}
	wg.Wait()
	require.NoError(t, a.Set(ctx, "k", []byte("1"), 0))
	require.NoError(t, a.Close(ctx))
	require.NoError(t, a.Close(ctx))
	require.ErrorIs(t, a.Connect(ctx), state.ErrClosed)
	_, err = a.Get(ctx, "k")
	require.ErrorIs(t, err, state.ErrClosed)
}

func TestClientStaysOpen(t *testing.T) {
	s := newServer(t)
	c := s.client()
	a := connect(t, Config{Client: c})
	require.NoError(t, a.Set(t.Context(), "k", []byte("1"), 0))
	require.NoError(t, a.Close(t.Context()))
	assert.Equal(t, "1", c.Get(t.Context(), "chat-sdk:cache:k").Val())
	b := connect(t, Config{Client: c})
	require.NoError(t, b.Set(t.Context(), "k", []byte("2"), 0))
}

func TestOutage(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		require.NoError(t, a.Set(ctx, "k", []byte("1"), 0))

		s.stop()
		_, err := a.Get(ctx, "k")
		require.ErrorIs(t, err, state.ErrUnavailable)
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		s.start()
		require.NoError(t, a.Set(ctx, "k", []byte("1"), 0), "the same adapter works again")

		s.pause()
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err = a.Get(short, "k")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, state.ErrUnavailable)
		quit, stop := context.WithCancel(ctx)
		stop()
		_, err = a.Get(quit, "k")
		require.ErrorIs(t, err, context.Canceled)
		s.resume()
		_, err = a.Get(ctx, "k")
		require.NoError(t, err)
	})
}
