package redistest

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

const (
	clusterMasters = 3
	slotCount      = 16384
)

// ClusterServers is a Redis Cluster.
type ClusterServers struct {
	group *group
	nodes []*Node
	ids   map[string]*Node // by Cluster node id
}

// Cluster starts three masters, each with 1 replica by default. It returns
// when all nodes agree on who serves what and the replicas are in step.
func Cluster(t TB, o Options) *ClusterServers {
	t.Helper()
	o, err := o.withDefaults(1)
	must(t, err)
	g := openGroup(t, o, true)
	c := &ClusterServers{group: g, ids: map[string]*Node{}}
	c.nodes, err = g.placeMany("redis", clusterMasters*(1+o.Replicas), clusterNode)
	must(t, err)
	must(t, inParallel(c.nodes, func(n *Node) error {
		return g.run(t.Context(), n, c.config(n))
	}))
	must(t, c.form(t.Context()))
	c.WaitReady(t)
	return c
}

func (c *ClusterServers) config(n *Node) []string {
	announcePort := "cluster-announce-port"
	if c.group.certs != nil {
		announcePort = "cluster-announce-tls-port"
	}
	return c.group.serverConfig(n,
		"cluster-enabled yes",
		"cluster-config-file nodes.conf",
		fmt.Sprintf("cluster-node-timeout %d", c.group.options.FailureTimeout.Milliseconds()),
		fmt.Sprintf("cluster-port %d", n.place.ListenBusPort),
		"cluster-announce-ip "+n.host,
		fmt.Sprintf("%s %d", announcePort, n.place.Port),
		fmt.Sprintf("cluster-announce-bus-port %d", n.place.BusPort),
	)
}

// form makes a Cluster of nodes that do not know each other yet.
func (c *ClusterServers) form(ctx context.Context) error {
	for i, n := range c.nodes {
		id, err := n.admin.Do(ctx, "cluster", "myid").Text()
		if err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		c.ids[id] = n
		// Different epochs spare the nodes a vote on each collision.
		if err := n.admin.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		if i < clusterMasters {
			first, last := i*slotCount/clusterMasters, (i+1)*slotCount/clusterMasters-1
			if err := n.admin.ClusterAddSlotsRange(ctx, first, last).Err(); err != nil {
				return fmt.Errorf("%s: %w", n.name, err)
			}
		}
	}
	first := c.nodes[0]
	for _, n := range c.nodes[1:] {
		if err := first.admin.Do(ctx, "cluster", "meet", n.host, n.place.Port, n.place.BusPort).Err(); err != nil {
			return fmt.Errorf("%s: meet %s: %w", first.name, n.name, err)
		}
	}
	if err := poll(ctx, c.checkViews); err != nil {
		return err
	}
	for i, n := range c.nodes[clusterMasters:] {
		master := c.nodes[i%clusterMasters]
		if err := n.admin.ClusterReplicate(ctx, c.idOf(master)).Err(); err != nil {
			return fmt.Errorf("%s: replicate %s: %w", n.name, master.name, err)
		}
	}
	return nil
}

func (c *ClusterServers) idOf(n *Node) string {
	for id, other := range c.ids {
		if other == n {
			return id
		}
	}
	return ""
}

// Nodes are all nodes, whatever their role is now.
func (c *ClusterServers) Nodes() []*Node { return c.nodes }

// Addrs are the addresses of all nodes.
func (c *ClusterServers) Addrs() []string { return addrs(c.nodes) }

// URL is redis+cluster://host:port,host:port, or its TLS form, with the
// password of [Options].
func (c *ClusterServers) URL() string {
	return c.group.options.url("redis+cluster", strings.Join(c.Addrs(), ",")).String()
}

// ClientOptions returns fresh go-redis options for the Cluster.
func (c *ClusterServers) ClientOptions() *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs:     c.Addrs(),
		Password:  c.group.options.Password,
		TLSConfig: c.group.certs.clientConfig(),
	}
}

// Client returns a client of the Cluster, closed when the test ends.
func (c *ClusterServers) Client(t TB) *redis.ClusterClient {
	t.Helper()
	client := redis.NewClusterClient(c.ClientOptions())
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Masters are the nodes that serve slots now.
func (c *ClusterServers) Masters(t TB) []*Node {
	t.Helper()
	v := c.view(t)
	var masters []*Node
	for _, n := range c.nodes {
		if v.replicaOf[n] == nil && v.slots[n] != "" {
			masters = append(masters, n)
		}
	}
	return masters
}

// MasterOf is the node that serves the key now.
func (c *ClusterServers) MasterOf(t TB, key string) *Node {
	t.Helper()
	var owner *Node
	must(t, poll(t.Context(), func(ctx context.Context) error {
		slot, err := c.slotOf(ctx, key)
		if err != nil {
			return err
		}
		owner, err = c.ownerOf(ctx, slot)
		return err
	}))
	return owner
}

// ReplicasOf are the replicas that the master has now.
func (c *ClusterServers) ReplicasOf(t TB, master *Node) []*Node {
	t.Helper()
	v := c.view(t)
	var replicas []*Node
	for _, n := range c.nodes {
		if v.replicaOf[n] == master {
			replicas = append(replicas, n)
		}
	}
	return replicas
}

// Failover has a replica take over from the master while that lives, and
// returns when the Cluster is ready again.
func (c *ClusterServers) Failover(t TB, master *Node) {
	t.Helper()
	replicas := availableOf(c.ReplicasOf(t, master))
	if len(replicas) == 0 {
		t.Fatalf("redistest: fail over %s: it has no available replica", master.name)
	}
	successor := replicas[0]
	must(t, successor.admin.ClusterFailover(t.Context()).Err())
	must(t, poll(t.Context(), func(ctx context.Context) error {
		r, err := successor.replication(ctx)
		if err == nil && r["role"] != "master" {
			err = fmt.Errorf("%s is still a %s", successor.name, r["role"])
		}
		return err
	}))
	c.WaitReady(t)
}

// WaitReady waits until all slots are served, the nodes that are running and
// reachable agree on everything, and the replicas are in step.
func (c *ClusterServers) WaitReady(t TB) {
	t.Helper()
	must(t, poll(t.Context(), func(ctx context.Context) error {
		if err := c.checkViews(ctx); err != nil {
			return err
		}
		v, err := c.anyView(ctx)
		if err != nil {
			return err
		}
		inStep := map[*Node]int{}
		for _, n := range availableOf(c.nodes) {
			if master := v.replicaOf[n]; master != nil {
				if err := n.checkReplicaOf(ctx, master); err != nil {
					return err
				}
				inStep[master]++
			}
		}
		for _, n := range availableOf(c.nodes) {
			if v.replicaOf[n] == nil {
				if err := n.checkMaster(ctx, inStep[n]); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// checkViews returns an error unless all available nodes see the same Cluster
// and find it complete.
func (c *ClusterServers) checkViews(ctx context.Context) error {
	var first *clusterView
	for _, n := range availableOf(c.nodes) {
		info, err := n.admin.ClusterInfo(ctx).Result()
		if err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		if !strings.Contains(info, "cluster_state:ok") {
			return fmt.Errorf("%s finds the Cluster down", n.name)
		}
		v, err := c.viewOf(ctx, n)
		if err != nil {
			return err
		}
		if err := v.check(c.nodes); err != nil {
			return err
		}
		if first == nil {
			first = v
		} else if err := first.differs(v, c.nodes); err != nil {
			return err
		}
	}
	if first == nil {
		return errNoneAvailable
	}
	return nil
}
