package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	masterName    = "mymaster"
	sentinelCount = 3
)

// SentinelServers is a primary with its replicas, watched by three Sentinels.
type SentinelServers struct {
	group     *group
	nodes     []*Node
	sentinels []*Node
}

// Sentinel starts a primary with replicas, 2 by default, and three Sentinels.
// It returns when all are in step and a failover is possible.
func Sentinel(t TB, o Options) *SentinelServers {
	t.Helper()
	o, err := o.withDefaults(2)
	must(t, err)
	g := openGroup(t, o, true)
	s := &SentinelServers{group: g}
	s.nodes, err = g.placeMany("redis", 1+o.Replicas, dataNode)
	must(t, err)
	s.sentinels, err = g.placeMany("sentinel", sentinelCount, sentinelNode)
	must(t, err)

	must(t, inParallel(s.nodes, func(n *Node) error {
		return g.run(t.Context(), n, s.dataConfig(n))
	}))
	// Sentinels come when the replicas are in step: what they see first, they
	// believe for a while.
	must(t, poll(t.Context(), func(ctx context.Context) error { return s.checkReplication(ctx, s.nodes[0]) }))
	must(t, inParallel(s.sentinels, func(n *Node) error {
		return g.run(t.Context(), n, s.sentinelConfig(n))
	}))
	s.WaitReady(t)
	return s
}

func (s *SentinelServers) dataConfig(n *Node) []string {
	extra := []string{
		"replica-announce-ip " + n.host,
		fmt.Sprintf("replica-announce-port %d", n.place.Port),
	}
	if primary := s.nodes[0]; n != primary {
		extra = append(extra, fmt.Sprintf("replicaof %s %d", primary.host, primary.place.Port))
	}
	return s.group.serverConfig(n, extra...)
}

func (s *SentinelServers) sentinelConfig(n *Node) []string {
	o, primary := s.group.options, s.nodes[0]
	// An election that fails is held again after twice this time.
	failoverTimeout := 2*o.FailureTimeout + 2*time.Second
	lines := append(s.group.commonConfig(n),
		"sentinel announce-ip "+n.host,
		fmt.Sprintf("sentinel announce-port %d", n.place.Port),
		fmt.Sprintf("sentinel monitor %s %s %d %d", masterName, primary.host, primary.place.Port, sentinelCount/2+1),
		fmt.Sprintf("sentinel down-after-milliseconds %s %d", masterName, o.FailureTimeout.Milliseconds()),
		fmt.Sprintf("sentinel failover-timeout %s %d", masterName, failoverTimeout.Milliseconds()),
		fmt.Sprintf("sentinel parallel-syncs %s %d", masterName, len(s.nodes)),
	)
	if o.Password != "" {
		lines = append(lines, fmt.Sprintf("sentinel auth-pass %s %s", masterName, o.Password))
	}
	return lines
}

// hurrySentinel has a Sentinel look at the roles of nodes more often than every
// 10 s, so that it knows a topology that has changed. How soon it finds a node
// dead is not touched. A Sentinel forgets this when it restarts.
func (n *Node) hurrySentinel(ctx context.Context) error {
	return n.admin.Do(ctx, "sentinel", "debug", "info-period", 500, "publish-period", 500).Err()
}

// MasterName is the name under which the Sentinels know the primary.
func (s *SentinelServers) MasterName() string { return masterName }

// Nodes are the data nodes, whatever their role is now.
func (s *SentinelServers) Nodes() []*Node { return s.nodes }

// Sentinels are the Sentinel nodes.
func (s *SentinelServers) Sentinels() []*Node { return s.sentinels }

// SentinelAddrs are the addresses of the Sentinels.
func (s *SentinelServers) SentinelAddrs() []string { return addrs(s.sentinels) }

// URL is redis+sentinel://host:port,host:port/mymaster/0, or its TLS form,
// with the password of [Options], which is that of the data nodes; the
// Sentinels have none.
func (s *SentinelServers) URL() string {
	u := s.group.options.url("redis+sentinel", strings.Join(s.SentinelAddrs(), ","))
	u.Path = "/" + masterName + "/0"
	return u.String()
}

// ClientOptions returns fresh go-redis options that find the primary through
// the Sentinels.
func (s *SentinelServers) ClientOptions() *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName:    masterName,
		SentinelAddrs: s.SentinelAddrs(),
		Password:      s.group.options.Password,
		TLSConfig:     s.group.certs.clientConfig(),
	}
}

// Client returns a client that follows the primary, closed when the test ends.
func (s *SentinelServers) Client(t TB) *redis.Client {
	t.Helper()
	c := redis.NewFailoverClient(s.ClientOptions())
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Primary is the node that the Sentinels name.
func (s *SentinelServers) Primary(t TB) *Node {
	t.Helper()
	var primary *Node
	must(t, poll(t.Context(), func(ctx context.Context) (err error) {
		primary, err = s.primary(ctx)
		return err
	}))
	return primary
}

// Replicas are the data nodes that are not the primary.
func (s *SentinelServers) Replicas(t TB) []*Node {
	t.Helper()
	return without(s.nodes, s.Primary(t))
}

// primary is the node that all available Sentinels name.
func (s *SentinelServers) primary(ctx context.Context) (*Node, error) {
	var primary *Node
	for _, sentinel := range s.sentinels {
		if !sentinel.available() {
			continue
		}
		named, err := s.namedBy(ctx, sentinel)
		if err != nil {
			return nil, err
		}
		if primary != nil && named != primary {
			return nil, fmt.Errorf("the Sentinels name both %s and %s as primary", primary.name, named.name)
		}
		primary = named
	}
	if primary == nil {
		return nil, stopPolling{errors.New("no Sentinel is running")}
	}
	return primary, nil
}

func (s *SentinelServers) namedBy(ctx context.Context, sentinel *Node) (*Node, error) {
	addr, err := sentinel.admin.Do(ctx, "sentinel", "get-master-addr-by-name", masterName).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sentinel.name, err)
	}
	if n := byAddr(s.nodes, strings.Join(addr, ":")); n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("%s names %v as primary, which is none of the nodes", sentinel.name, addr)
}

// Failover has the Sentinels promote a replica while the primary lives, and
// returns when the topology is ready again.
func (s *SentinelServers) Failover(t TB) {
	t.Helper()
	before := s.Primary(t)
	must(t, poll(t.Context(), func(ctx context.Context) error {
		return s.sentinels[0].admin.Do(ctx, "sentinel", "failover", masterName).Err()
	}))
	must(t, poll(t.Context(), func(ctx context.Context) error {
		now, err := s.primary(ctx)
		if err == nil && now == before {
			err = fmt.Errorf("%s is still the primary", before.name)
		}
		return err
	}))
	s.WaitReady(t)
}

// WaitReady waits until the Sentinels agree, the nodes that are running and
// reachable are in step, and the Sentinels know it: then a failover is
// possible.
func (s *SentinelServers) WaitReady(t TB) {
	t.Helper()
	must(t, poll(t.Context(), func(ctx context.Context) error {
		primary, err := s.primary(ctx)
		if err != nil {
			return err
		}
		if !primary.available() {
			return fmt.Errorf("the Sentinels name %s, which is not available", primary.name)
		}
		if err := s.checkReplication(ctx, primary); err != nil {
			return err
		}
		for _, sentinel := range s.sentinels {
			if sentinel.available() {
				if err := s.checkSentinel(ctx, sentinel); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func (s *SentinelServers) checkReplication(ctx context.Context, primary *Node) error {
	replicas := availableOf(without(s.nodes, primary))
	for _, r := range replicas {
		if err := r.checkReplicaOf(ctx, primary); err != nil {
			return err
		}
	}
	return primary.checkMaster(ctx, len(replicas))
}

// checkSentinel returns an error unless the Sentinel sees what is there.
func (s *SentinelServers) checkSentinel(ctx context.Context, sentinel *Node) error {
	master, err := sentinel.admin.Do(ctx, "sentinel", "master", masterName).Result()
	if err != nil {
		return fmt.Errorf("%s: %w", sentinel.name, err)
	}
	fields := fieldsOf(master)
	if fields["flags"] != "master" {
		return fmt.Errorf("%s sees the primary as %q", sentinel.name, fields["flags"])
	}
	if want := fmt.Sprint(len(s.sentinels) - 1); fields["num-other-sentinels"] != want {
		return fmt.Errorf("%s sees %s other Sentinels, want %s", sentinel.name, fields["num-other-sentinels"], want)
	}
	list, err := sentinel.admin.Do(ctx, "sentinel", "replicas", masterName).Slice()
	if err != nil {
		return fmt.Errorf("%s: %w", sentinel.name, err)
	}
	seen := map[string]string{}
	for _, one := range list {
		f := fieldsOf(one)
		seen[f["ip"]+":"+f["port"]] = f["flags"] + ", link " + f["master-link-status"]
	}
	primary, err := s.namedBy(ctx, sentinel)
	if err != nil {
		return err
	}
	for _, r := range availableOf(without(s.nodes, primary)) {
		if state := seen[r.Addr()]; state != "slave, link ok" {
			return fmt.Errorf("%s sees %s as %q, want %q", sentinel.name, r.name, state, "slave, link ok")
		}
	}
	return nil
}

// fieldsOf reads the names and values of a Sentinel's answer: a map or a flat
// list, depending on the protocol.
func fieldsOf(answer any) map[string]string {
	fields := map[string]string{}
	switch a := answer.(type) {
	case map[any]any:
		for name, value := range a {
			fields[fmt.Sprint(name)] = fmt.Sprint(value)
		}
	case []any:
		for i := 0; i+1 < len(a); i += 2 {
			fields[fmt.Sprint(a[i])] = fmt.Sprint(a[i+1])
		}
	}
	return fields
}
