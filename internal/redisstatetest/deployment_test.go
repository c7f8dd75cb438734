//go:build faults

package redisstatetest

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// deployment is one topology, with what the tests that run on all of them need.
type deployment struct {
	nodes     []*redistest.Node // data nodes
	sentinels []*redistest.Node
	cfg       redisstate.Config // by URL
	masterOf  func(key string) *redistest.Node
	failover  func()                   // planned; nil where there is none
	ready     func()                   // waits until all servers are in step
	given     func() redisstate.Config // by clients that the test makes
}

// everywhere runs a test on every topology.
func everywhere(t *testing.T, o redistest.Options, f func(t *testing.T, d deployment)) {
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		f(t, masters(t, 1, o))
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, o)
		f(t, deployment{
			nodes: s.Nodes(), sentinels: s.Sentinels(),
			cfg:      redisstate.Config{URL: s.URL()},
			masterOf: func(string) *redistest.Node { return s.Primary(t) },
			failover: func() { s.Failover(t) },
			ready:    func() { s.WaitReady(t) },
			given:    func() redisstate.Config { return redisstate.Config{Client: s.Client(t)} },
		})
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, o)
		f(t, deployment{
			nodes:    c.Nodes(),
			cfg:      redisstate.Config{URL: c.URL()},
			masterOf: func(key string) *redistest.Node { return c.MasterOf(t, key) },
			failover: func() { c.Failover(t, c.MasterOf(t, "chat-sdk:queue:"+thread)) },
			ready:    func() { c.WaitReady(t) },
			given:    func() redisstate.Config { return redisstate.Config{Client: c.Client(t)} },
		})
	})
	t.Run("masters", func(t *testing.T) {
		t.Parallel()
		f(t, masters(t, 3, o))
	})
}

func masters(t *testing.T, count int, o redistest.Options) deployment {
	o.Replicas, o.NoReplicas = 0, true
	nodes := redistest.Masters(t, count, o)
	d := deployment{
		nodes: nodes, cfg: redisstate.Config{URL: nodes[0].URL()},
		masterOf: func(string) *redistest.Node { return nodes[0] },
		ready:    func() {},
	}
	for _, n := range nodes[1:] {
		d.cfg.MasterURLs = append(d.cfg.MasterURLs, n.URL())
	}
	d.given = func() redisstate.Config {
		cfg := redisstate.Config{Client: nodes[0].Client(t)}
		for _, n := range nodes[1:] {
			cfg.Masters = append(cfg.Masters, n.Client(t))
		}
		return cfg
	}
	return d
}

// value asks the server that holds the key.
func (d deployment) value(t *testing.T, key string) string {
	t.Helper()
	v, err := d.masterOf(key).Client(t).Get(t.Context(), key).Result()
	if !errors.Is(err, redis.Nil) {
		require.NoError(t, err)
	}
	return v
}

func (d deployment) length(t *testing.T, key string) int64 {
	t.Helper()
	n, err := d.masterOf(key).Client(t).LLen(t.Context(), key).Result()
	require.NoError(t, err)
	return n
}
