//go:build faults

package redisstatetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

func useAll(t *testing.T, a *redisstate.Adapter) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, a.Subscribe(ctx, thread))
	ok, err := a.IsSubscribed(ctx, thread)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, a.Unsubscribe(ctx, thread))
	lock, err := a.AcquireLock(ctx, thread, 10*time.Second)
	require.NoError(t, err)
	_, err = a.AcquireLock(ctx, thread, 10*time.Second)
	require.ErrorIs(t, err, state.ErrLocked)
	require.NoError(t, a.ExtendLock(ctx, lock, 10*time.Second))
	require.NoError(t, a.ReleaseLock(ctx, lock))
	require.NoError(t, a.ForceReleaseLock(ctx, thread))
	require.NoError(t, a.Set(ctx, "k", []byte("1"), time.Minute))
	_, err = a.Get(ctx, "k")
	require.NoError(t, err)
	ok, err = a.SetIfNotExists(ctx, "k", []byte("1"), 0)
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = a.SetIfNotExists(ctx, "k", state.NewClaim(time.Now()), 0)
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = a.CompareAndSwap(ctx, "k", []byte("1"), []byte("2"), 0)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, a.Delete(ctx, "k"))
	require.NoError(t, a.AppendToList(ctx, "k", []byte("1"), state.ListOptions{MaxLength: 2, TTL: time.Minute}))
	_, err = a.GetList(ctx, "k")
	require.NoError(t, err)
	entry := state.QueueEntry{Message: json.RawMessage("1"), EnqueuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
	for range 3 {
		_, err = a.Enqueue(ctx, thread, entry, 2)
		require.NoError(t, err)
	}
	_, err = a.Dequeue(ctx, thread)
	require.NoError(t, err)
	depth, err := a.Accept(ctx, thread, entry, 0)
	require.NoError(t, err)
	require.Equal(t, 2, depth)
	depth, err = a.QueueDepth(ctx, thread)
	require.NoError(t, err)
	require.Equal(t, 2, depth)
	soon := time.Now().Add(time.Minute)
	threads, err := a.WaitingThreads(ctx, soon, 0)
	require.NoError(t, err)
	require.Equal(t, []string{thread}, threads)
	waiting, err := a.Waiting(ctx, thread)
	require.NoError(t, err)
	require.Len(t, waiting, 2)
	left, err := a.Settle(ctx, thread, waiting[0].Receipt, waiting[1].Receipt)
	require.NoError(t, err)
	require.Zero(t, left)
	threads, err = a.WaitingThreads(ctx, soon, 0)
	require.NoError(t, err)
	require.Empty(t, threads)
}

func TestEveryTopology(t *testing.T) {
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{Password: "p@ss/word"})
		useAll(t, connect(t, redisstate.Config{URL: s.URL()}))
		useAll(t, connect(t, redisstate.Config{Client: s.Client(t)}))
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{})
		useAll(t, connect(t, redisstate.Config{URL: s.URL()}))
		useAll(t, connect(t, redisstate.Config{Client: s.Client(t)}))
		useAll(t, connect(t, redisstate.Config{URL: s.URL(), MinReplicas: 2}))
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{})
		useAll(t, connect(t, redisstate.Config{URL: c.URL()}))
		useAll(t, connect(t, redisstate.Config{Client: c.Client(t)}))
		useAll(t, connect(t, redisstate.Config{URL: c.URL(), MinReplicas: 1}))
	})
	t.Run("masters", func(t *testing.T) {
		t.Parallel()
		m := redistest.Masters(t, 3, redistest.Options{})
		useAll(t, connect(t, redisstate.Config{URL: m[0].URL(), MasterURLs: []string{m[1].URL(), m[2].URL()}}))
	})
}
