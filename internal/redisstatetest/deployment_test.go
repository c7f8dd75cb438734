//go:build faults

package redisstatetest

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

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
	failover  func() // planned; nil where there is none
	// through makes the configuration of an adapter whose connections go through
	// the given dialer.
	through func(dial func(ctx context.Context, network, addr string) (net.Conn, error)) redisstate.Config
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
			through: func(dial func(ctx context.Context, network, addr string) (net.Conn, error)) redisstate.Config {
				options := s.ClientOptions()
				options.Dialer = dial
				return given(t, redis.NewFailoverClient(options))
			},
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
			through: func(dial func(ctx context.Context, network, addr string) (net.Conn, error)) redisstate.Config {
				options := c.ClientOptions()
				options.Dialer = dial
				return given(t, redis.NewClusterClient(options))
			},
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
	}
	for _, n := range nodes[1:] {
		d.cfg.MasterURLs = append(d.cfg.MasterURLs, n.URL())
	}
	d.through = func(dial func(ctx context.Context, network, addr string) (net.Conn, error)) redisstate.Config {
		var cfg redisstate.Config
		for i, n := range nodes {
			options := n.ClientOptions()
			options.Dialer = dial
			client := redis.NewClient(options)
			t.Cleanup(func() { _ = client.Close() })
			if i == 0 {
				cfg.Client = client
			} else {
				cfg.Masters = append(cfg.Masters, client)
			}
		}
		return cfg
	}
	return d
}

func given(t *testing.T, client redis.UniversalClient) redisstate.Config {
	t.Cleanup(func() { _ = client.Close() })
	return redisstate.Config{Client: client}
}

// behindProxies puts a proxy before each data node and returns an adapter that
// reaches them through these.
func (d deployment) behindProxies(t *testing.T, timeout time.Duration) (*redisstate.Adapter, map[*redistest.Node]*redistest.Proxy) {
	proxies := map[*redistest.Node]*redistest.Proxy{}
	addrs := map[string]string{}
	for _, n := range d.nodes {
		proxies[n] = redistest.NewProxy(t, n.Addr())
		addrs[n.Addr()] = proxies[n].Addr()
	}
	cfg := d.through(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if proxy, ok := addrs[addr]; ok {
			addr = proxy
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	})
	cfg.Timeout = timeout
	return connect(t, cfg), proxies
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
