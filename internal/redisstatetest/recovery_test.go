//go:build faults

package redisstatetest

import (
	"context"
	"fmt"
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

// runs is how often a failover is repeated: REDISSTATE_RUNS, default 1.
func runs(t *testing.T) int {
	n, err := strconv.Atoi(cmpOr(os.Getenv("REDISSTATE_RUNS"), "1"))
	require.NoError(t, err)
	return n
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
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

func report(t *testing.T, name string, lag []time.Duration) {
	slices.Sort(lag)
	t.Logf("%s: adapter behind the servers, %d runs: median %v, worst %v", name, len(lag), lag[len(lag)/2], lag[len(lag)-1])
	if path := os.Getenv("REDISSTATE_REPORT"); path != "" {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		defer f.Close()
		fmt.Fprintf(f, "%s: median %v, worst %v, all %v\n", name, lag[len(lag)/2], lag[len(lag)-1], lag)
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
