package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// replication is what INFO replication says.
type replication map[string]string

func (n *Node) replication(ctx context.Context) (replication, error) {
	text, err := n.admin.Info(ctx, "replication").Result()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.name, err)
	}
	r := replication{}
	for line := range strings.SplitSeq(text, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			r[name] = value
		}
	}
	return r, nil
}

// onlineReplicas counts the replicas that have the whole data set.
func (r replication) onlineReplicas() int {
	count := 0
	for name, value := range r {
		if strings.HasPrefix(name, "slave") && strings.Contains(value, "state=online") {
			count++
		}
	}
	return count
}

// checkMaster returns an error unless the node is a master with this many
// replicas in step.
func (n *Node) checkMaster(ctx context.Context, replicas int) error {
	r, err := n.replication(ctx)
	if err != nil {
		return err
	}
	if r["role"] != "master" {
		return fmt.Errorf("%s is a %s, want a master", n.name, r["role"])
	}
	if got := r.onlineReplicas(); got != replicas {
		return fmt.Errorf("%s has %d replicas online, want %d", n.name, got, replicas)
	}
	return nil
}

// checkReplicaOf returns an error unless the node is a replica of master and
// their link is up: one that never synchronised cannot be promoted.
func (n *Node) checkReplicaOf(ctx context.Context, master *Node) error {
	r, err := n.replication(ctx)
	if err != nil {
		return err
	}
	if r["role"] != "slave" {
		return fmt.Errorf("%s is a %s, want a replica", n.name, r["role"])
	}
	if r["master_port"] != strconv.Itoa(master.place.Port) {
		return fmt.Errorf("%s replicates port %s, want %s at %s", n.name, r["master_port"], master.name, master.Addr())
	}
	if r["master_link_status"] != "up" {
		return fmt.Errorf("the link of %s to %s is %s", n.name, master.name, r["master_link_status"])
	}
	return nil
}
