//go:build faults

package redisstatetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

var suitePrefix atomic.Int64

// suite runs the conformance suite on the servers of a configuration, each case
// under a prefix of its own below chat-sdk.
func suite(t *testing.T, cfg redisstate.Config, admin redis.UniversalClient) {
	prefixes := map[state.Adapter]string{}
	lock := make(chan struct{}, 1)
	open := func(t *testing.T, prefix string) state.Adapter {
		c := cfg
		c.KeyPrefix = prefix
		a, err := redisstate.New(c)
		require.NoError(t, err)
		lock <- struct{}{}
		prefixes[a] = prefix
		<-lock
		return a
	}
	of := func(a state.Adapter) string {
		lock <- struct{}{}
		defer func() { <-lock }()
		return prefixes[a]
	}
	statetest.Run(t, func(t *testing.T) state.Adapter {
		return open(t, fmt.Sprintf("chat-sdk:%d", suitePrefix.Add(1)))
	}, statetest.Features{
		Inbox: true, Swaps: true, Turns: true, Checker: true, Fences: true, Persistent: true, Shared: true,
		Reopen: func(t *testing.T, a state.Adapter) state.Adapter { return open(t, of(a)) },
		Corrupt: func(t *testing.T, a state.Adapter, threadID string, raw []byte) {
			require.NoError(t, admin.RPush(t.Context(), of(a)+":queue:"+threadID, raw).Err())
		},
	})
}

// The suite on every topology, layout and way to connect. The single server's
// plain case, and outages, are in package conformance.
func TestSuite(t *testing.T) {
	t.Parallel()
	user := func(more string) redistest.User {
		return redistest.User{Name: "bot", Password: "pass", Rules: aclRules(t) + more}
	}
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{Users: []redistest.User{user("")}})
		t.Run("documented user", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{URL: s.URL(), Username: "bot", Password: "pass"}, s.Client(t))
		})
		t.Run("no pipelining", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{URL: s.URL(), Pipelining: redisstate.Pipelining{Off: true}}, s.Client(t))
		})
		t.Run("given client", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{Client: s.Client(t)}, s.Client(t))
		})
		t.Run("client of another type", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{Client: struct{ redis.UniversalClient }{s.Client(t)}}, s.Client(t))
		})
		t.Run("subscription keys", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{URL: s.URL(), Subscriptions: redisstate.SubscriptionKeys}, s.Client(t))
		})
		t.Run("both layouts", func(t *testing.T) {
			t.Parallel()
			suite(t, redisstate.Config{URL: s.URL(), Subscriptions: redisstate.SubscriptionBoth}, s.Client(t))
		})
	})
	t.Run("tls", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{ClientCertificates: true, Users: []redistest.User{user("")}})
		cfg := redisstate.Config{URL: s.URL(), Username: "bot", Password: "pass", TLS: s.TLSConfig(), DialTimeout: 4 * time.Second}
		suite(t, cfg, s.Client(t))
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{Users: []redistest.User{user(" +wait")}})
		suite(t, redisstate.Config{URL: s.URL(), Username: "bot", Password: "pass", MinReplicas: 1, ReplicaTimeout: 2 * time.Second}, s.Client(t))
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{Users: []redistest.User{user(" +cluster|slots")}})
		suite(t, redisstate.Config{URL: c.URL(), Username: "bot", Password: "pass"}, c.Client(t))
		t.Run("given client", func(t *testing.T) { suite(t, redisstate.Config{Client: c.Client(t)}, c.Client(t)) })
	})
	t.Run("masters", func(t *testing.T) {
		t.Parallel()
		m := redistest.Masters(t, 3, redistest.Options{Users: []redistest.User{user("")}})
		cfg := redisstate.Config{URL: m[0].URL(), Username: "bot", Password: "pass", MasterURLs: []string{m[1].URL(), m[2].URL()}}
		suite(t, cfg, m[0].Client(t))
	})
}

func TestMigrateSubscriptions(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t, redistest.Options{NoReplicas: true})
	ctx := t.Context()
	old := connect(t, redisstate.Config{URL: c.URL()})
	both := connect(t, redisstate.Config{URL: c.URL(), Subscriptions: redisstate.SubscriptionBoth})
	_, err := old.MigrateSubscriptions(ctx)
	require.ErrorIs(t, err, state.ErrInvalidConfig)
	const n = 2500
	atOnce := func(do func(i int)) {
		var callers sync.WaitGroup
		for first := range 50 {
			callers.Go(func() {
				for i := first; i < n; i += 50 {
					do(i)
				}
			})
		}
		callers.Wait()
	}
	atOnce(func(i int) { assert.NoError(t, old.Subscribe(ctx, fmt.Sprintf("thread-%d", i))) })
	ok, err := both.IsSubscribed(ctx, "thread-7")
	require.NoError(t, err)
	require.True(t, ok, "what the old layout holds is found")
	require.NoError(t, both.Unsubscribe(ctx, "thread-7"))
	require.NoError(t, both.Subscribe(ctx, "thread-new"))

	copied, err := both.MigrateSubscriptions(ctx)
	require.NoError(t, err)
	require.Equal(t, n-1, copied)
	copied, err = both.MigrateSubscriptions(ctx)
	require.NoError(t, err)
	require.Zero(t, copied)

	keys := connect(t, redisstate.Config{URL: c.URL(), Subscriptions: redisstate.SubscriptionKeys})
	require.NoError(t, c.Client(t).Del(ctx, "chat-sdk:subscriptions").Err())
	atOnce(func(i int) {
		ok, err := keys.IsSubscribed(ctx, fmt.Sprintf("thread-%d", i))
		assert.NoError(t, err)
		assert.Equal(t, i != 7, ok, i)
	})
	ok, err = keys.IsSubscribed(ctx, "thread-new")
	require.NoError(t, err)
	require.True(t, ok)
}
