package redistest_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

func TestProxy(t *testing.T) {
	t.Parallel()
	srv := redistest.Shared(t)
	direct := srv.Client(t)
	p := redistest.NewProxy(t, srv.Addr())
	o := srv.ClientOptions()
	o.Addr = p.Addr()
	c := impatient(t, o)
	ctx, key := t.Context(), srv.Prefix()+":n"
	require.EqualValues(t, 1, c.Incr(ctx, key).Val())

	p.DropReplies()
	require.Error(t, c.Incr(ctx, key).Err())
	require.Equal(t, "2", direct.Get(ctx, key).Val(), "the server executed what nobody heard of")
	p.Heal()
	require.EqualValues(t, 3, c.Incr(ctx, key).Val())

	p.BlackHole()
	require.Error(t, c.Incr(ctx, key).Err())
	p.Heal()
	require.EqualValues(t, 4, c.Incr(ctx, key).Val(), "nothing reached the server")

	p.Cut()
	require.Error(t, c.Incr(ctx, key).Err())
	p.Heal()
	require.EqualValues(t, 5, c.Incr(ctx, key).Val())

	const delay = 100 * time.Millisecond
	p.Delay(delay)
	before := time.Now()
	require.EqualValues(t, 6, c.Incr(ctx, key).Val())
	require.GreaterOrEqual(t, time.Since(before), delay)
	p.Heal()
}

func TestProxyLosesOneReply(t *testing.T) {
	t.Parallel()
	srv := redistest.Shared(t)
	direct := srv.Client(t)
	p := redistest.NewProxy(t, srv.Addr())
	o := srv.ClientOptions()
	o.Addr = p.Addr()
	c := impatient(t, o)
	ctx, key := t.Context(), srv.Prefix()+":n"

	lost := p.LoseReply(key)
	require.NoError(t, c.Set(ctx, srv.Prefix()+":other", "v", 0).Err(), "another request keeps its reply")
	require.Error(t, c.Incr(ctx, key).Err())
	<-lost
	require.Equal(t, "1", direct.Get(ctx, key).Val(), "the server executed the request")
	require.EqualValues(t, 2, c.Incr(ctx, key).Val(), "on a new connection")
}

// The addresses that nodes announce lead through their proxies: so do clients that
// the servers send there.
func TestProxied(t *testing.T) {
	t.Parallel()
	loses := func(t *testing.T, n *redistest.Node, c redis.UniversalClient) {
		t.Helper()
		require.NoError(t, c.Set(t.Context(), "k", "0", 0).Err())
		lost := n.Proxy().LoseReply("k")
		require.Error(t, c.Incr(t.Context(), "k").Err())
		<-lost
		require.Equal(t, "1", c.Get(t.Context(), "k").Val(), "the server executed the request")
	}
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{Replicas: 1, Proxied: true})
		o := s.ClientOptions()
		o.MaxRetries = -1
		c := redis.NewFailoverClient(o)
		t.Cleanup(func() { _ = c.Close() })
		loses(t, s.Primary(t), c)
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		s := redistest.Cluster(t, redistest.Options{NoReplicas: true, Proxied: true})
		o := s.ClientOptions()
		o.MaxRedirects = -1
		c := redis.NewClusterClient(o)
		t.Cleanup(func() { _ = c.Close() })
		loses(t, s.MasterOf(t, "k"), c)
	})
	require.Nil(t, redistest.Standalone(t, redistest.Options{}).Proxy())
}
