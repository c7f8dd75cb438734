//go:build faults

package redisstatetest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// After Close no server has a connection of the adapter, and none gets a new
// one, whatever the adapter was doing.
func TestCloseLeavesNoConnection(t *testing.T) {
	t.Parallel()
	everywhere(t, redistest.Options{Replicas: 1}, func(t *testing.T, d deployment) {
		// Whoever signs in under this name is the adapter.
		var servers []*redis.Client
		for _, n := range append(d.nodes, d.sentinels...) {
			s := n.Client(t)
			require.NoError(t, s.Do(t.Context(), "acl", "setuser", "bot", "on", ">pass", "~*", "&*", "+@all").Err())
			servers = append(servers, s)
		}
		cfg := d.cfg
		cfg.Username, cfg.Password = "bot", "pass"
		if d.sentinels != nil {
			cfg.URL += "?sentinel_username=bot&sentinel_password=pass"
		}
		connections := func() int { // -1 if they cannot be counted
			count := 0
			for _, s := range servers {
				list, err := s.ClientList(context.Background()).Result()
				if err != nil {
					return -1
				}
				count += strings.Count(list, " user=bot ")
			}
			return count
		}
		a := connect(t, cfg)
		useAll(t, a)
		var callers sync.WaitGroup
		for range 32 {
			callers.Go(func() {
				for {
					if _, err := a.IsSubscribed(context.Background(), thread); err != nil {
						assert.ErrorIs(t, err, state.ErrClosed)
						return
					}
				}
			})
		}
		// Two for what is asked, and two at each Sentinel.
		require.Eventually(t, func() bool { return connections() >= 2+2*len(d.sentinels) }, 10*time.Second, 5*time.Millisecond)
		require.NoError(t, a.Close(t.Context()))
		callers.Wait()
		require.Eventually(t, func() bool { return connections() == 0 }, 5*time.Second, 5*time.Millisecond)
		_, err := a.IsSubscribed(t.Context(), thread)
		require.ErrorIs(t, err, state.ErrClosed)
		require.Never(t, func() bool { return connections() > 0 }, 300*time.Millisecond, 20*time.Millisecond, "something connects again")
		require.Zero(t, connections())
	})
}

// Scripts that a server has forgotten, or never knew, are sent again: no caller
// notices.
func TestScriptsComeBack(t *testing.T) {
	t.Parallel()
	everywhere(t, redistest.Options{}, func(t *testing.T, d deployment) {
		a := connect(t, d.cfg)
		useAll(t, a)
		flush := func() {
			for _, n := range d.nodes {
				require.NoError(t, n.Client(t).ScriptFlush(t.Context()).Err())
			}
		}
		flush()
		useAll(t, a)
		flush()
		var callers sync.WaitGroup
		for i := range 32 {
			callers.Go(func() {
				id := thread + string(rune('a'+i))
				lock, err := a.AcquireLock(t.Context(), id, time.Minute)
				if assert.NoError(t, err) {
					assert.NoError(t, a.ExtendLock(t.Context(), lock, time.Minute))
					assert.NoError(t, a.ReleaseLock(t.Context(), lock))
				}
				_, err = a.Accept(t.Context(), id, entryOf("1"), 3)
				assert.NoError(t, err)
				_, err = a.Enqueue(t.Context(), id, entryOf("2"), 3)
				assert.NoError(t, err)
				_, err = a.CompareAndSwap(t.Context(), id, nil, []byte("1"), 0)
				assert.NoError(t, err)
				assert.NoError(t, a.AppendToList(t.Context(), id, []byte("1"), state.ListOptions{}))
				waiting, err := a.Waiting(t.Context(), id)
				if assert.NoError(t, err) && assert.Len(t, waiting, 2) {
					_, err = a.Settle(t.Context(), id, waiting[0].Receipt, waiting[1].Receipt)
					assert.NoError(t, err)
				}
			})
		}
		callers.Wait()
		flush()
		threads, err := a.WaitingThreads(t.Context(), time.Now().Add(time.Minute), 0)
		require.NoError(t, err)
		require.Empty(t, threads)
		if d.failover == nil {
			return
		}
		d.failover() // to servers that never saw the scripts
		require.Eventually(t, func() bool { return a.Set(t.Context(), "k", []byte("1"), 0) == nil },
			30*time.Second, 5*time.Millisecond)
		require.NoError(t, a.Delete(t.Context(), "k"))
		useAll(t, a)
	})
}
