package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// clusterView is the Cluster as one of its nodes sees it.
type clusterView struct {
	from      *Node
	flags     map[*Node]string
	replicaOf map[*Node]*Node  // absent for a master
	slots     map[*Node]string // ranges that a master serves, moving slots left out
}

var errNoneAvailable = stopPolling{errors.New("no node of the Cluster is available")}

// view is how any available node sees the Cluster.
func (c *ClusterServers) view(t TB) *clusterView {
	t.Helper()
	var v *clusterView
	must(t, poll(t.Context(), func(ctx context.Context) (err error) {
		v, err = c.anyView(ctx)
		return err
	}))
	return v
}

func (c *ClusterServers) anyView(ctx context.Context) (*clusterView, error) {
	nodes := availableOf(c.nodes)
	if len(nodes) == 0 {
		return nil, errNoneAvailable
	}
	return c.viewOf(ctx, nodes[0])
}

// viewOf reads CLUSTER NODES: lines of id, address, flags, master's id, ping,
// pong, epoch, link state, slots.
func (c *ClusterServers) viewOf(ctx context.Context, from *Node) (*clusterView, error) {
	text, err := from.admin.ClusterNodes(ctx).Result()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.name, err)
	}
	v := &clusterView{from: from, flags: map[*Node]string{}, replicaOf: map[*Node]*Node{}, slots: map[*Node]string{}}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 8 {
			continue
		}
		n := c.ids[fields[0]]
		if n == nil {
			return nil, fmt.Errorf("%s knows a node %s that is none of ours", from.name, fields[0])
		}
		v.flags[n] = strings.TrimPrefix(fields[2], "myself,")
		if master := c.ids[fields[3]]; master != nil {
			v.replicaOf[n] = master
		}
		var slots []string
		for _, s := range fields[8:] {
			if !strings.HasPrefix(s, "[") { // [slot->-id] and [slot-<-id] are moving
				slots = append(slots, s)
			}
		}
		v.slots[n] = strings.Join(slots, " ")
	}
	return v, nil
}

// check returns an error unless the view has all nodes, and those that are
// available as sound.
func (v *clusterView) check(nodes []*Node) error {
	for _, n := range nodes {
		flags, known := v.flags[n]
		if !known {
			return fmt.Errorf("%s does not know %s", v.from.name, n.name)
		}
		if n.available() && flags != "master" && flags != "slave" {
			return fmt.Errorf("%s sees %s as %q", v.from.name, n.name, flags)
		}
	}
	return nil
}

// differs returns an error if the views disagree on roles or slots.
func (v *clusterView) differs(other *clusterView, nodes []*Node) error {
	for _, n := range nodes {
		if v.slots[n] != other.slots[n] || v.replicaOf[n] != other.replicaOf[n] {
			return fmt.Errorf("%s and %s do not agree on %s", v.from.name, other.from.name, n.name)
		}
	}
	return nil
}
