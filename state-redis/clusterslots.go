package redisstate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// slotsHook reads a Cluster's map in go-redis's place, which cannot read one whose
// servers have no host. A server that has never met another has an empty one, and
// with cluster-preferred-endpoint-type unknown-endpoint all have none: then the host
// that was asked is meant (https://redis.io/docs/latest/commands/cluster-slots/).
type slotsHook struct{ origin string }

// DialHook changes nothing.
func (slotsHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook changes nothing.
func (slotsHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook takes the command CLUSTER SLOTS.
func (h slotsHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		slots, ok := cmd.(*redis.ClusterSlotsCmd)
		if !ok {
			return next(ctx, cmd)
		}
		plain := redis.NewSliceCmd(ctx, slots.Args()...)
		err := next(ctx, plain)
		if err == nil {
			var val []redis.ClusterSlot
			if val, err = h.read(plain.Val()); err == nil {
				slots.SetVal(val)
				return nil
			}
		}
		slots.SetErr(err)
		return err
	}
}

var errSlots = errors.New("the Cluster's map cannot be read")

// read reads the ranges: first and last slot, then the master and its replicas.
func (h slotsHook) read(ranges []any) ([]redis.ClusterSlot, error) {
	host, _, err := net.SplitHostPort(h.origin)
	if err != nil {
		return nil, err
	}
	slots := make([]redis.ClusterSlot, 0, len(ranges))
	for _, r := range ranges {
		parts, _ := r.([]any)
		if len(parts) < 3 {
			return nil, errSlots
		}
		first, ok1 := parts[0].(int64)
		last, ok2 := parts[1].(int64)
		if !ok1 || !ok2 {
			return nil, errSlots
		}
		slot := redis.ClusterSlot{Start: int(first), End: int(last)}
		for _, n := range parts[2:] {
			node, err := readNode(n, host)
			if err != nil {
				return nil, err
			}
			slot.Nodes = append(slot.Nodes, node)
		}
		slots = append(slots, slot)
	}
	return slots, nil
}

// readNode reads one server: host, port, id and, since Redis 7, further facts.
func readNode(value any, asked string) (redis.ClusterNode, error) {
	parts, _ := value.([]any)
	if len(parts) < 2 {
		return redis.ClusterNode{}, errSlots
	}
	port, ok := parts[1].(int64)
	if !ok {
		return redis.ClusterNode{}, errSlots
	}
	host, _ := parts[0].(string)
	if host == "?" && len(parts) > 3 { // it prefers a name and has none
		host = fact(parts[3], "ip")
	}
	if host == "" || host == "?" {
		host = asked
	}
	node := redis.ClusterNode{Addr: net.JoinHostPort(host, strconv.FormatInt(port, 10))}
	if len(parts) > 2 {
		node.ID = fmt.Sprint(parts[2])
	}
	return node, nil
}

// fact finds a value by its name, in a map or in names and values in turn.
func fact(facts any, name string) string {
	switch facts := facts.(type) {
	case map[any]any:
		value, _ := facts[name].(string)
		return value
	case []any:
		for i := 0; i+1 < len(facts); i += 2 {
			if facts[i] == name {
				value, _ := facts[i+1].(string)
				return value
			}
		}
	}
	return ""
}
