package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

// servers is a Redis or a Postgres that faults can be done to.
type servers interface {
	url() string
	// masters tells the servers that take writes from those before or after a
	// failover.
	masters(ctx context.Context) (string, error)
	// minReplicas is how many replicas must confirm an accepted message.
	minReplicas() int
	// strike does the fault to a server that takes writes and returns when all is
	// as before.
	strike(t redistest.TB, kind faultKind, r *rand.Rand)
}

// failureTimeout is after what time replicas take over.
const failureTimeout = time.Second

// newServers starts a topology. replicas is how many each master has; 0: as many
// as usual.
func newServers(t redistest.TB, topology string, replicas int) servers {
	t.Helper()
	if topology == "postgres" {
		return newPostgres(t)
	}
	o := redistest.Options{FailureTimeout: failureTimeout, Cuttable: true}
	if topology == "standalone" {
		node := redistest.Standalone(t, o)
		return standalone{node, node.Client(t)}
	}
	// A master that was away does not know that another has taken over. Until it
	// hears of that it would give locks that the other knows nothing of, to a bot
	// that asks a Sentinel as late as itself; so one without replicas must refuse.
	// Messages need no such help: WAIT confirms each.
	o.Replicas = replicas
	o.Config = []string{"min-replicas-to-write 1", "min-replicas-max-lag 3"}
	switch topology {
	case "sentinel":
		group := redistest.Sentinel(t, o)
		return sentinel{group, group.Client(t)}
	case "cluster":
		group := redistest.Cluster(t, o)
		return cluster{group, group.Client(t)}
	}
	t.Fatalf("chaos: topology is %q, want standalone, sentinel, cluster or postgres", topology)
	return nil
}

// replication returns the id that a server gives its writes. It gets another one
// when it takes over.
func replication(ctx context.Context, client *redis.Client) (string, error) {
	info, err := client.Info(ctx, "replication").Result()
	_, id, _ := strings.Cut(info, "master_replid:")
	id, _, _ = strings.Cut(id, "\r")
	return id, err
}

// begin starts the fault and returns what ends it.
func begin(t redistest.TB, n *redistest.Node, kind faultKind) (end func()) {
	switch kind {
	case faultServerKill:
		n.Kill(t)
		return func() { n.Start(t) }
	case faultServerHang:
		n.Pause(t)
		return func() { n.Unpause(t) }
	case faultServerCut:
		n.CutFromNetwork(t)
		return func() { n.Restore(t) }
	}
	panic("chaos: no fault of Redis: " + string(kind))
}

// longestOutage is how long a server without replicas is away at most: longer
// than a lock lives.
const longestOutage = 5 * time.Second

type standalone struct {
	node   *redistest.Node
	client *redis.Client
}

func (s standalone) url() string      { return s.node.URL() }
func (s standalone) minReplicas() int { return 0 }

func (s standalone) masters(ctx context.Context) (string, error) { return replication(ctx, s.client) }

func (s standalone) strike(t redistest.TB, kind faultKind, r *rand.Rand) {
	end := begin(t, s.node, kind)
	time.Sleep(time.Duration(r.Int64N(int64(longestOutage)))) // the length of the fault
	end()
}

type sentinel struct {
	servers *redistest.SentinelServers
	client  *redis.Client
}

func (s sentinel) url() string      { return s.servers.URL() }
func (s sentinel) minReplicas() int { return 1 }

func (s sentinel) masters(ctx context.Context) (string, error) { return replication(ctx, s.client) }

func (s sentinel) strike(t redistest.TB, kind faultKind, _ *rand.Rand) {
	if kind == faultServerFailover {
		s.servers.Failover(t)
		return
	}
	primary := s.servers.Primary(t)
	end := begin(t, primary, kind)
	await(t, "another primary", func() bool { return s.servers.Primary(t) != primary })
	end()
	s.servers.WaitReady(t)
}

type cluster struct {
	servers *redistest.ClusterServers
	client  *redis.ClusterClient
}

func (c cluster) url() string      { return c.servers.URL() }
func (c cluster) minReplicas() int { return 1 }

func (c cluster) masters(ctx context.Context) (string, error) {
	var mu sync.Mutex
	var ids []string
	err := c.client.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		id, err := replication(ctx, master)
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return strings.Join(ids, " "), err
}

func (c cluster) strike(t redistest.TB, kind faultKind, r *rand.Rand) {
	masters := c.servers.Masters(t)
	master := masters[r.IntN(len(masters))]
	end := begin(t, master, kind)
	await(t, "another master", func() bool { return !slices.Contains(c.servers.Masters(t), master) })
	end()
	c.servers.WaitReady(t)
}

// await polls what another process does.
func await(t redistest.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("chaos: no sign of %s in a minute", what)
		}
	}
}

// faultsOf returns n faults of Redis, all kinds in turn.
func faultsOf(n int) []faultKind {
	kinds := []faultKind{faultServerKill, faultServerHang, faultServerCut}
	list := make([]faultKind, n)
	for i := range list {
		list[i] = kinds[i%len(kinds)]
	}
	return list
}

func (f fault) String() string {
	return fmt.Sprintf("%s %s %s..%s", f.Kind, f.Target, clock(f.From), clock(f.To))
}
