package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

func (c *ClusterServers) slotOf(ctx context.Context, key string) (int, error) {
	nodes := availableOf(c.nodes)
	if len(nodes) == 0 {
		return 0, errNoneAvailable
	}
	slot, err := nodes[0].admin.ClusterKeySlot(ctx, key).Result()
	return int(slot), err
}

// ownerOf asks an available node who serves the slot.
func (c *ClusterServers) ownerOf(ctx context.Context, slot int) (*Node, error) {
	v, err := c.anyView(ctx)
	if err != nil {
		return nil, err
	}
	for n, slots := range v.slots {
		if servesSlot(slots, slot) {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%s knows no node that serves slot %d", v.from.name, slot)
}

// servesSlot reports whether ranges such as "0-5460 7000" have the slot.
func servesSlot(ranges string, slot int) bool {
	for r := range strings.FieldsSeq(ranges) {
		first, last, isRange := strings.Cut(r, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 == nil && err2 == nil && from <= slot && slot <= to {
			return true
		}
	}
	return false
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
		args := []any{"migrate", to.host, strconv.Itoa(to.place.Port), "", 0, timeoutMillis}
		if password := n.options.Password; password != "" {
			args = append(args, "auth", password)
		}
		args = append(args, "keys")
		for _, k := range keys {
			args = append(args, k)
		}
		if err := n.admin.Do(ctx, args...).Err(); err != nil {
			return fmt.Errorf("%s: migrate slot %d to %s: %w", n.name, slot, to.name, err)
		}
	}
}
