package chat

import (
	"context"
	"errors"
	"slices"

	"github.com/chat-adapter/chat-go/core/state"
)

// mixed keeps the messages of several groups apart that wait in one queue. It is
// nil, and does nothing, for a bot without groups.
type mixed struct {
	takers map[*arrival]taker
	// subscribed are the answers that the takers were found with. Each is used for
	// one call of the handlers, so that those are called that were meant.
	subscribed map[ThreadID]bool
	// served are the groups that have had a turn in this lock hold.
	served []*Group
}

// separate finds out whose messages wait.
func (d *drain) separate(ctx context.Context, queue []item) error {
	table := d.chat.handlers.table.Load()
	if !table.isGrouped() || isEvent(d.lane.key) {
		d.mixed = nil
		return nil
	}
	if d.mixed == nil {
		d.mixed = &mixed{}
	}
	d.mixed.subscribed = nil
	takers, subscribed, err := d.chat.takers(table, queue, func(id ThreadID) (bool, error) { return d.takeSubscription(ctx, id) })
	d.mixed.takers, d.mixed.subscribed = takers, subscribed
	return err
}

// takers returns whose the items are, and which of their threads are subscribed,
// if it had to ask.
func (c *Chat) takers(t *handlerTable, queue []item, ask func(ThreadID) (bool, error)) (map[*arrival]taker, map[ThreadID]bool, error) {
	takers, subscribed := make(map[*arrival]taker, len(queue)), map[ThreadID]bool{}
	for _, it := range queue {
		who, err := c.taker(t, it.msg, it.ref.DM, func() (bool, error) {
			if yes, ok := subscribed[it.msg.ThreadID]; ok {
				return yes, nil
			}
			yes, err := ask(it.msg.ThreadID)
			subscribed[it.msg.ThreadID] = yes
			return yes, err
		})
		if err != nil {
			return nil, nil, err
		}
		takers[it.arrival] = who
	}
	return takers, subscribed, nil
}

// next returns the group whose turn it is, and its rule.
func (d *drain) next(queue []item) (*Group, Concurrency) {
	switch {
	case queue[0].event != nil:
		return nil, eventRule
	case d.mixed == nil:
		return nil, d.chat.concurrency(queue[0].msg)
	}
	if batches, _ := d.sort(queue); len(batches) > 0 {
		b := batches[0]
		return b.group, d.chat.rule(b.group, b.last().msg)
	}
	group := d.mixed.takers[queue[0].arrival].group
	return group, d.chat.rule(group, queue[0].msg)
}

// eventRule is the rule of events other than messages, each of which has a queue
// of its own.
var eventRule = func() (c Concurrency) {
	c.setDefaults()
	return c
}()

// leading returns as many of a thread's first messages as one call of the handlers
// may get, and the group that they belong to.
func (d *drain) leading(items []item) ([]item, *Group) {
	if d.mixed == nil {
		return items, nil
	}
	var whole taker
	mentioned := false
	for i, it := range items {
		who := d.mixed.takers[it.arrival]
		alone := d.chat.rule(who.group, it.msg).Strategy == StrategyConcurrent
		switch {
		case i == 0 && alone:
			return items[:1], who.group
		case i > 0 && (alone || !whole.admits(who, mentioned)):
			return items[:i], whole.group
		case who.kind != "":
			whole = who
		}
		mentioned = mentioned || who.kind == KindMention
	}
	return items, whole.group
}

// admits reports whether a message may be added to a batch of the taker's. One that
// nobody would get by itself may follow a mention, for then the handlers of the
// mention get both; after others it would make the batch nobody's.
func (t taker) admits(who taker, mentioned bool) bool {
	switch {
	case t.kind == "":
		return true
	case who.kind == "":
		return mentioned
	}
	return who.group == t.group
}

// onlyFirst returns the batches of the first one's group. The others' turn comes
// when the queue is looked at again.
func (m *mixed) onlyFirst(batches []batch) []batch {
	if m == nil || len(batches) == 0 {
		return batches
	}
	group := batches[0].group
	if !slices.Contains(m.served, group) {
		m.served = append(m.served, group)
	}
	return slices.DeleteFunc(batches, func(b batch) bool { return b.group != group })
}

// comesFirst reports whether the group has not had a turn in this lock hold.
func (m *mixed) comesFirst(group *Group) bool { return m != nil && !slices.Contains(m.served, group) }

// several reports whether messages of more than one group wait.
func (m *mixed) several(queue []item) bool {
	if m == nil {
		return false
	}
	var first taker
	for _, it := range queue {
		switch who := m.takers[it.arrival]; {
		case who.kind == "":
		case first.kind == "":
			first = who
		case who.group != first.group:
			return true
		}
	}
	return false
}

// ranks counts the messages of each group, going through a queue.
type ranks struct {
	takers      map[*arrival]taker
	total, seen map[*Group]int
}

// ranks returns nil for a bot without groups.
func (m *mixed) ranks(queue []item) *ranks {
	if m == nil {
		return nil
	}
	r := &ranks{takers: m.takers, total: map[*Group]int{}, seen: map[*Group]int{}}
	for _, it := range queue {
		r.total[r.takers[it.arrival].group]++
	}
	return r
}

// next returns the message's group, how many of the group stand before it, and how
// many from it on.
func (r *ranks) next(arr *arrival) (group *Group, before, from int) {
	group = r.takers[arr].group
	before = r.seen[group]
	r.seen[group]++
	return group, before, r.total[group] - before
}

// ahead returns how many of the entries in front of a message count towards the
// bound of its group.
func (c *Chat) ahead(ctx context.Context, key string, arr *arrival, before []state.WaitingEntry) (int, error) {
	table := c.handlers.table.Load()
	if !table.isGrouped() {
		return len(before), nil
	}
	queue := []item{{arrival: arr}}
	for _, e := range before {
		if other, err := c.decodeEntry(key, e); err == nil {
			queue = append(queue, item{arrival: other})
		}
	}
	takers, _, err := c.takers(table, queue, func(id ThreadID) (bool, error) { return c.state.IsSubscribed(ctx, string(id)) })
	if err != nil {
		return 0, err
	}
	_, _, count := (&mixed{takers: takers}).ranks(queue).next(arr)
	return count - 1, nil
}

// joinThread moves a message that has a lock of its own to the queue that it shares
// with others, because its rule has become one that wants this.
func (d *drain) joinThread(ctx context.Context, key string, queue []item) error {
	for i := range queue {
		it := &queue[i]
		// Until it is known: the rule may be another one when this is tried again.
		if err := d.persist(func(ctx context.Context) error { return d.join(ctx, key, it) }); err != nil {
			return err
		}
		d.leave(it.arrival)
		if err := d.takeOut(it); err != nil {
			return err
		}
	}
	d.retries.list = nil
	return d.retries.save(ctx, d.chat)
}

// join stores the item in the shared queue, unless it was stored there before, and
// has its lane look.
func (d *drain) join(ctx context.Context, key string, it *item) error {
	moved, err := d.hasJoined(ctx, key, it)
	if err != nil {
		return err
	}
	if moved {
		d.chat.lanes.wake(key, false)
		return nil
	}
	l, _ := d.chat.lanes.enter(key, false)
	if _, err := d.inbox.Accept(ctx, key, it.entry, 0); err != nil {
		l.leave(false, grant{})
		return err
	}
	l.arrive(it.arrival, false, grant{})
	return nil
}

// hasJoined reports whether the item was moved before by a step whose reply was
// lost, or whose instance died: it waits there, or did and is done.
func (d *drain) hasJoined(ctx context.Context, key string, it *item) (bool, error) {
	if d.chat.cfg.Durability == DurabilityNone {
		return false, nil // looking would empty the queue
	}
	entries, err := d.inbox.Waiting(ctx, key)
	if err != nil {
		return false, err
	}
	if indexOf(entries, it.msg.ID) >= 0 {
		return true, nil
	}
	mark, err := d.chat.state.Get(ctx, dedupeKey(it.msg))
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil && !state.IsClaim(mark), err
}
