//go:build faults

package redisstatetest

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// mayLag is how much later than the servers the adapter may recover.
const mayLag = 300 * time.Millisecond

// runs is how often a failover is repeated: REDISSTATE_RUNS, default 1.
func runs(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("REDISSTATE_RUNS"), "1"))
	require.NoError(t, err)
	return n
}

// recovery kills the server that serves the thread and measures how long the
// servers need to take writes again, and the adapter to succeed.
func recovery(t *testing.T, a *redisstate.Adapter, kill func(), others []*redis.Client, key string) (servers, ours time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, a.Set(ctx, thread, []byte("0"), 0))
	kill()
	start := time.Now()
	recovered := make(chan time.Duration, 1)
	go func() {
		for {
			for _, c := range others {
				if c.Set(ctx, key+":probe", "1", 0).Err() == nil || ctx.Err() != nil {
					recovered <- time.Since(start)
					return
				}
			}
			time.Sleep(5 * time.Millisecond) // pace of the probe
		}
	}()
	for {
		one, done := context.WithTimeout(ctx, time.Second)
		err := a.Set(one, thread, []byte("1"), 0)
		done()
		if err == nil {
			ours = time.Since(start)
			break
		}
		require.NoError(t, ctx.Err(), "no success in a minute: %v", err)
	}
	return <-recovered, ours
}

// report logs what was measured, and judges it if runs were asked for: a single
// run on a busy machine says little.
func report(t *testing.T, name string, lag []time.Duration) {
	slices.Sort(lag)
	worst := lag[len(lag)-1]
	t.Logf("%s: adapter behind the servers, %d runs: median %v, worst %v, all %v", name, len(lag), lag[len(lag)/2], worst, lag)
	if os.Getenv("REDISSTATE_RUNS") != "" {
		require.LessOrEqual(t, worst, mayLag)
	}
}

func clients(t *testing.T, nodes []*redistest.Node) []*redis.Client {
	var all []*redis.Client
	for _, n := range nodes {
		o := n.ClientOptions()
		o.MaxRetries, o.DialerRetries, o.ReadTimeout, o.DialTimeout = -1, 1, 200*time.Millisecond, 200*time.Millisecond
		o.ContextTimeoutEnabled = true
		c := redis.NewClient(o)
		t.Cleanup(func() { _ = c.Close() })
		all = append(all, c)
	}
	return all
}

func TestRecoverySentinel(t *testing.T) {
	s := redistest.Sentinel(t, quick)
	a := connect(t, redisstate.Config{URL: s.URL()})
	var lag []time.Duration
	for range runs(t) {
		primary := s.Primary(t)
		servers, ours := recovery(t, a, func() { primary.Kill(t) }, clients(t, s.Replicas(t)), "chat-sdk:cache:"+thread)
		t.Logf("servers %v, adapter %v", servers, ours)
		lag = append(lag, ours-servers)
		primary.Start(t)
		s.WaitReady(t)
	}
	report(t, "sentinel", lag)
}

func TestRecoveryCluster(t *testing.T) {
	c := redistest.Cluster(t, quick)
	a := connect(t, redisstate.Config{URL: c.URL()})
	key := "chat-sdk:cache:" + thread
	var lag []time.Duration
	for range runs(t) {
		master := c.MasterOf(t, key)
		// The probe's key is in the thread's slot.
		servers, ours := recovery(t, a, func() { master.Kill(t) }, clients(t, c.ReplicasOf(t, master)), "{"+key+"}")
		t.Logf("servers %v, adapter %v", servers, ours)
		lag = append(lag, ours-servers)
		master.Start(t)
		c.WaitReady(t)
	}
	report(t, "cluster", lag)
}
