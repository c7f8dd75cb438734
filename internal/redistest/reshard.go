package redistest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

func (c *ClusterServers) slotOf(ctx context.Context, key string) (int, error) {
	for _, n := range availableOf(c.nodes) {
		slot, err := n.admin.ClusterKeySlot(ctx, key).Result()
		return int(slot), err
	}
	return 0, fmt.Errorf("no node of the Cluster is available")
}

// ownerOf asks an available node who serves the slot.
func (c *ClusterServers) ownerOf(ctx context.Context, slot int) (*Node, error) {
	for _, n := range availableOf(c.nodes) {
		ranges, err := n.admin.ClusterSlots(ctx).Result()
		if err != nil {
			return nil, err
		}
		for _, r := range ranges {
			if r.Start <= slot && slot <= r.End && len(r.Nodes) > 0 {
				if owner := c.ids[r.Nodes[0].ID]; owner != nil {
					return owner, nil
				}
			}
		}
		return nil, fmt.Errorf("%s knows no node that serves slot %d", n.name, slot)
	}
	return nil, fmt.Errorf("no node of the Cluster is available")
}

// MoveSlot moves the key's slot, with all keys in it, to another master while
// clients go on, as redis-cli --cluster reshard does. It returns when all
// nodes agree.
func (c *ClusterServers) MoveSlot(t TB, key string, to *Node) {
	t.Helper()
	ctx := t.Context()
	slot, err := c.slotOf(ctx, key)
	must(t, err)
	from, err := c.ownerOf(ctx, slot)
	must(t, err)
	if from == to {
		return
	}
	must(t, to.setSlot(ctx, slot, "importing", c.idOf(from)))
	must(t, from.setSlot(ctx, slot, "migrating", c.idOf(to)))
	must(t, from.migrateKeys(ctx, slot, to))
	// The new owner first: then the slot is always somebody's.
	for _, n := range append([]*Node{to, from}, without(c.Masters(t), to, from)...) {
		must(t, n.setSlot(ctx, slot, "node", c.idOf(to)))
	}
	c.WaitReady(t)
}

func (n *Node) setSlot(ctx context.Context, slot int, state, id string) error {
	if err := n.admin.Do(ctx, "cluster", "setslot", slot, state, id).Err(); err != nil {
		return fmt.Errorf("%s: set slot %d %s: %w", n.name, slot, state, err)
	}
	return nil
}

// migrateKeys moves the keys of a slot until none is left.
func (n *Node) migrateKeys(ctx context.Context, slot int, to *Node) error {
	const batch, timeoutMillis = 100, 5000
	for {
		keys, err := n.admin.ClusterGetKeysInSlot(ctx, slot, batch).Result()
		if err != nil {
			return fmt.Errorf("%s: keys of slot %d: %w", n.name, slot, err)
		}
		if len(keys) == 0 {
			return nil
		}
		args := []any{"migrate", to.host, strconv.Itoa(to.place.port), "", 0, timeoutMillis}
		if password := n.options.Password; password != "" {
			args = append(args, "auth", password)
		}
		args = append(args, "keys")
		for _, k := range keys {
			args = append(args, k)
		}
		if err := n.admin.Do(ctx, args...).Err(); err != nil && err != redis.Nil {
			return fmt.Errorf("%s: migrate slot %d to %s: %w", n.name, slot, to.name, err)
		}
	}
}
