package dispatch

import (
	"context"
	"slices"
)

// shares keeps the items of several groups apart that wait in one queue. It is nil, and
// does nothing, in a program without groups.
type shares struct {
	// subscribed are the answers that the shares were found with, by topic. Each is used
	// for one call of the handlers, so that those are called that were meant.
	subscribed map[string]bool
	// served are the groups that have had a batch under this lock.
	served []int
}

// assignShares finds out whose items wait.
func (h *hold) assignShares(ctx context.Context) error {
	if h.w.key.kind == Event || !h.d.program.IsGrouped() {
		h.shares = nil
		return nil
	}
	if h.shares == nil {
		h.shares = &shares{}
	}
	h.shares.subscribed = nil
	return h.shares.assign(h.d.program, h.queue, func(topic string) (bool, error) { return h.isSubscribed(ctx, topic) })
}

// assign gives each item its share, and asks which topics are subscribed if it has to.
func (s *shares) assign(program Program, queue []entry, ask func(topic string) (bool, error)) error {
	subscribed := map[string]bool{}
	for _, e := range queue {
		share, err := program.Share(e.Item, func() (bool, error) {
			if yes, ok := subscribed[e.Topic]; ok {
				return yes, nil
			}
			yes, err := ask(e.Topic)
			subscribed[e.Topic] = yes
			return yes, err
		})
		if err != nil {
			return err
		}
		e.share = share
	}
	s.subscribed = subscribed
	return nil
}

// policyOf returns the policy of the item's group, or of an item that is in none.
func (h *hold) policyOf(it *Item) *Policy {
	if h.shares != nil && it.share.Policy != nil {
		return it.share.Policy
	}
	return h.d.program.Policy(it)
}

// choosePolicy returns the policy of the items that are handled next, and their group.
func (h *hold) choosePolicy() (*Policy, int) {
	first := h.queue[0].Item
	switch {
	case h.w.key.kind == Event:
		return eventPolicy, 0
	case h.shares == nil:
		return h.d.program.Policy(first), 0
	}
	if batches, _ := h.sort(h.queue); len(batches) > 0 {
		return batches[0].policy(), batches[0].group
	}
	return h.policyOf(first), first.share.Group
}

// leading returns as many of a topic's first items as one call of the handlers
// may get, and whose they are.
func (h *hold) leading(items []entry) ([]entry, Share) {
	if h.shares == nil {
		return items, Share{}
	}
	whole := Share{Unclaimed: true}
	draws := false
	for i, e := range items {
		share := e.share
		alone := h.policyOf(e.Item).Mode == Concurrent
		switch {
		case i == 0 && alone:
			return items[:1], share
		case i > 0 && (alone || !whole.admits(share, draws)):
			return items[:i], whole
		case !share.Unclaimed:
			whole = share
		}
		draws = draws || share.Draws
	}
	return items, whole
}

// admits reports whether an item may be added to a batch of the share. An unclaimed one
// may follow one that draws it, for then the handlers of that one get both; after others
// it would make the batch nobody's.
func (s Share) admits(other Share, draws bool) bool {
	switch {
	case s.Unclaimed:
		return true
	case other.Unclaimed:
		return draws
	}
	return other.Group == s.Group
}

// onlyFirst returns the batches of the first one's group. Those of the others come when
// the queue is looked at again.
func (s *shares) onlyFirst(batches []*Batch) []*Batch {
	if s == nil || len(batches) == 0 {
		return batches
	}
	group := batches[0].group
	if !slices.Contains(s.served, group) {
		s.served = append(s.served, group)
	}
	return slices.DeleteFunc(batches, func(b *Batch) bool { return b.group != group })
}

// comesFirst reports whether the group has not had a batch under this lock.
func (s *shares) comesFirst(group int) bool { return s != nil && !slices.Contains(s.served, group) }

// several reports whether items of more than one group wait.
func (s *shares) several(queue []entry) bool {
	if s == nil {
		return false
	}
	first := Share{Unclaimed: true}
	for _, e := range queue {
		switch {
		case e.share.Unclaimed:
		case first.Unclaimed:
			first = e.share
		case e.share.Group != first.Group:
			return true
		}
	}
	return false
}

// ranks counts the items of each group, going through a queue.
type ranks struct{ total, seen map[int]int }

// ranks returns nil in a program without groups.
func (s *shares) ranks(queue []entry) *ranks {
	if s == nil {
		return nil
	}
	r := &ranks{total: map[int]int{}, seen: map[int]int{}}
	for _, e := range queue {
		r.total[e.share.Group]++
	}
	return r
}

// next returns how many of the item's group stand before it, and how many from it on.
func (r *ranks) next(it *Item) (before, from int) {
	group := it.share.Group
	before = r.seen[group]
	r.seen[group]++
	return before, r.total[group] - before
}
