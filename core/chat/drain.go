package chat

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// item is one waiting message, as the lane that holds its lock sees it.
type item struct {
	*arrival
	slip    state.Receipt
	foreign bool // another instance may have tried it: it has stored it, or this one let it go
}

// drain is one lock hold: it looks at what waits, hands it to the handlers batch
// by batch, and settles what is done.
type drain struct {
	lane    *lane
	chat    *Chat
	inbox   inbox
	turn    int
	held    *lease
	local   []*arrival // stored by this instance, so they need no decoding
	retries retries
	// suspect says that what waits may have been tried by an instance that died.
	suspect    bool
	subscribed subscription
	alone      bool // no other instance's handler can be running
	mixed      *mixed
	seen       int   // entries at the last look
	looks      int   // at the queue, so far
	restored   bool  // messages were stored again, behind younger ones
	ending     bool  // the lock was asked to be given back: nothing more may run under it
	end        ended // what the caller is told
}

// ended says how a drain ended.
type ended struct {
	deferred int  // messages that are left and wait for their next attempt
	released bool // the lock was given back with the last outcome
	depth    int  // if released: how many entries there were afterwards
}

// drain handles what waits until nothing is left or the lease ends. The
// grant says what the queue holds, if the delivery has looked.
func (l *lane) drain(turn int, held *lease, g grant) (ended, error) {
	c := l.all.chat
	d := &drain{lane: l, chat: c, inbox: c.inbox, turn: turn, held: held, retries: retries{lock: l.key}}
	if c.cfg.Durability == DurabilityNone {
		taken := &takenInbox{queueInbox: queueInbox{c.state}}
		d.inbox = taken
		defer d.putBack(taken)
	}
	defer d.letGo()
	err := d.handleAll(context.Background(), g)
	return d.end, err
}

// putBack returns what was not handled to the queue: in front of what has come
// since, while nobody else takes that out.
func (d *drain) putBack(taken *takenInbox) {
	if len(taken.taken) == 0 {
		return
	}
	err := d.persist(func(ctx context.Context) error {
		if !errors.Is(d.held.err(), ErrLockLost) {
			if _, err := taken.Waiting(ctx, d.lane.key); err != nil {
				return err
			}
		}
		return taken.putBack(ctx, d.lane.key)
	})
	if err != nil {
		d.chat.log.Error("messages-lost", "key", d.lane.key, "count", len(taken.taken), "error", err)
	}
	if !d.lane.owns(d.turn) {
		d.chat.lanes.wake(d.lane.key, false)
	}
}

func (d *drain) handleAll(ctx context.Context, g grant) error {
	for first := true; d.held.err() == nil && d.goesOn(); first, g = false, (grant{}) {
		queue, err := d.look(ctx, g)
		if err != nil || len(queue) == 0 {
			return err
		}
		group, conc := d.next(queue)
		shared, own := sharedKey(d.lane.key, queue[0].msg)
		if own && conc.Strategy != StrategyConcurrent {
			return d.joinThread(ctx, shared, queue)
		}
		if conc.Strategy == StrategyDebounce || conc.Strategy == StrategyBurst && (first || d.mixed.comesFirst(group)) {
			if queue, err = d.gather(ctx, conc, queue); err != nil {
				return err
			}
		}
		batches, rest, err := d.plan(ctx, conc, queue)
		if err != nil {
			return err
		}
		if len(batches) == 0 {
			if rest.count > 0 {
				d.lane.wakeAfter(time.Until(rest.until))
			}
			d.end.deferred = rest.count
			if own {
				return nil // nobody else uses the queue
			}
			return d.chat.extendQueue(ctx, d.lane.key)
		}
		if d.mixed != nil {
			conc = d.chat.rule(batches[0].group, batches[0].last().msg)
		}
		done, err := d.runAll(ctx, conc, batches)
		d.suspect = false
		d.lane.paid()
		if err != nil || done {
			return err
		}
	}
	return nil
}

// look returns the waiting messages, oldest first, when no other instance's handler
// can be running.
func (d *drain) look(ctx context.Context, g grant) ([]item, error) {
	if d.alone {
		return d.read(ctx, g)
	}
	signs := here(g.signs, nil)
	if !g.looked {
		signs = d.chat.askSigns(ctx, d.lane.key)
	}
	queue, err := d.read(ctx, g)
	if err != nil {
		return nil, err
	}
	waited, err := d.awaitPredecessor(ctx, signs)
	if err != nil {
		return nil, err
	}
	d.alone = true
	if waited {
		return d.read(ctx, grant{})
	}
	return queue, nil
}

// read returns the waiting messages, oldest first. Entries that are no messages
// become dead letters.
func (d *drain) read(ctx context.Context, g grant) ([]item, error) {
	fresh, recovered := d.lane.takeFresh(!g.looked)
	if len(d.local) == 0 {
		d.local = fresh
	} else {
		d.local = append(d.local, fresh...)
	}
	d.suspect = d.suspect || recovered
	if !g.looked {
		g.subscribed = d.chat.prefetchSubscription(ctx, fresh)
		var err error
		if g.waiting, err = d.inbox.Waiting(ctx, d.lane.key); err != nil {
			return nil, err
		}
	}
	d.subscribed = g.subscribed
	entries := g.waiting
	d.seen = len(entries)
	d.looks++
	queue := make([]item, 0, len(entries))
	next, foreign := 0, false
	for _, e := range entries {
		if arr := d.known(e, &next); arr != nil {
			arr.look = d.looks
			foreign = foreign || arr.letGo
			queue = append(queue, item{arrival: arr, slip: e.Receipt, foreign: arr.letGo})
			continue
		}
		arr, err := d.chat.decodeEntry(d.lane.key, e)
		if err != nil {
			if err := d.buryUnreadable(ctx, e, err); err != nil {
				return nil, err
			}
			continue
		}
		foreign = true
		queue = append(queue, item{arrival: arr, slip: e.Receipt, foreign: true})
	}
	if !g.looked {
		if restored, err := d.takeMissing(ctx, queue); err != nil || restored {
			if err != nil {
				return nil, err
			}
			return d.read(ctx, grant{})
		}
	}
	if d.restored {
		slices.SortStableFunc(queue, func(a, b item) int { return a.entry.EnqueuedAt.Compare(b.entry.EnqueuedAt) })
	}
	// A message that was stored here may have been tried meanwhile, unless it was
	// stored under this lock.
	mayBeTried := !d.alone && (!g.looked || len(entries) > 1)
	if foreign || d.suspect || mayBeTried {
		if err := d.retries.load(ctx, d.chat.state); err != nil {
			return nil, err
		}
		if d.retries.retain(queue) {
			if err := d.saveRetries(); err != nil {
				return nil, err
			}
		}
	}
	return queue, d.separate(ctx, queue)
}

// known returns the local arrival that the entry is. Both come in about the same
// order, so the search goes on from the last hit.
func (d *drain) known(e state.WaitingEntry, next *int) *arrival {
	for i := range d.local {
		at := (*next + i) % len(d.local)
		if bytes.Equal(d.local[at].entry.Message, e.Message) {
			*next = at + 1
			return d.local[at]
		}
	}
	return nil
}

func (c *Chat) decodeEntry(key string, e state.WaitingEntry) (*arrival, error) {
	if e.Err != nil {
		return nil, e.Err
	}
	if isEvent(key) {
		return c.decodeEvent(e.QueueEntry)
	}
	m, err := c.decodeMessage(e.Message)
	if err != nil {
		return nil, err
	}
	t, err := c.Thread(m.ThreadID)
	if err != nil {
		return nil, err
	}
	return &arrival{adapter: t.adapter, msg: m, ref: t.ref, entry: e.QueueEntry}, nil
}

// gather waits for more messages as the strategy says and returns what waits
// then. Messages of another group end the waiting: nothing more would come to the
// batch behind them.
func (d *drain) gather(ctx context.Context, conc Concurrency, queue []item) ([]item, error) {
	limit := time.Now().Add(conc.MaxWait)
	if conc.Strategy == StrategyBurst {
		limit = time.Now().Add(conc.Window)
	}
	var newest state.Receipt
	var seen time.Time
	var before *arrival
	for {
		last := &queue[len(queue)-1]
		if last.slip != newest {
			if before != nil {
				d.observe(before, StepSuperseded)
			}
			newest, seen, before = last.slip, time.Now(), last.arrival
			d.observe(before, StepDebouncing)
		}
		// The clock of the instance that stored it may be ahead.
		wait := min(conc.Window-time.Since(last.entry.EnqueuedAt), conc.Window-time.Since(seen), time.Until(limit))
		if wait <= 0 || d.mixed.several(queue) {
			return queue, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-d.held.ctx.Done():
			timer.Stop()
			return queue, nil
		}
		next, err := d.look(ctx, grant{})
		if err != nil {
			return nil, err
		}
		if len(next) == 0 || conc.Strategy == StrategyBurst {
			return next, nil
		}
		queue = next
	}
}

// observe tells of a step of a message that waits.
func (d *drain) observe(arr *arrival, step Step) {
	d.chat.observe(context.Background(), Observation{
		Step: step, Adapter: arr.adapter.Name(), Thread: arr.msg.ThreadID, Message: arr.msg.ID, Waited: time.Since(arr.entry.EnqueuedAt),
	})
}

// batch is what one call of the handlers gets: the last item is handled, the
// others are its skipped messages. All are of one thread.
type batch struct {
	items   []item
	retry   *retry // nil for a first attempt
	counted bool   // the attempt stands in the retry record already
	group   *Group // whose messages they are; nil for the bot's own
	attempt *attempt
}

func (b *batch) last() *item { return &b.items[len(b.items)-1] }

// deferral is what waits for its next attempt.
type deferral struct {
	count int
	until time.Time
}

// add counts more messages, which wait until a time.
func (w *deferral) add(count int, until time.Time) {
	if count > 0 && (w.count == 0 || until.Before(w.until)) {
		w.until = until
	}
	w.count += count
}

// plan sorts the queue into batches of one group, after taking out what has
// expired and what exceeds the bound.
func (d *drain) plan(ctx context.Context, conc Concurrency, queue []item) ([]batch, deferral, error) {
	queue, later, err := d.weed(ctx, conc, queue)
	if err != nil {
		return nil, deferral{}, err
	}
	batches, wait := d.sort(queue)
	later.add(wait.count, wait.until)
	return d.mixed.onlyFirst(batches), later, nil
}

// sort makes batches of the queue, one per thread, in the order of their first
// message.
func (d *drain) sort(queue []item) (batches []batch, later deferral) {
	now := time.Now()
	for len(queue) > 0 {
		var items []item
		items, queue = splitThread(queue)
		var wait deferral
		batches, wait = d.planThread(batches, items, now)
		later.add(wait.count, wait.until)
	}
	return batches, later
}

// planThread adds the batch of one thread: one that is due for another attempt,
// or what was not tried yet. Unless overtaking is allowed, nothing goes past a
// batch that waits.
func (d *drain) planThread(batches []batch, items []item, now time.Time) ([]batch, deferral) {
	var wait deferral
	for len(items) > 0 {
		lead, group := d.leading(items)
		again := d.retries.find(lead)
		if again == nil {
			return append(batches, batch{items: lead, group: group}), wait
		}
		tried, rest := again.split(lead)
		if !again.until().After(now) {
			// The rest is planned when this batch has been settled or postponed.
			return append(batches, batch{items: tried, retry: again, group: group}), wait
		}
		if !d.chat.cfg.Retry.Overtake {
			return batches, deferral{count: wait.count + len(items), until: again.until()}
		}
		wait.add(len(tried), again.until())
		items = append(rest, items[len(lead):]...)
	}
	return batches, wait
}

// splitThread returns the items of the first item's thread and the others.
func splitThread(queue []item) (group, rest []item) {
	first := queue[0].msg.ThreadID
	other := slices.IndexFunc(queue, func(it item) bool { return it.msg.ThreadID != first })
	if other < 0 {
		return queue, nil
	}
	group = slices.Clip(queue[:other])
	for _, it := range queue[other:] {
		if it.msg.ThreadID == first {
			group = append(group, it)
		} else {
			rest = append(rest, it)
		}
	}
	return group, rest
}

// overfullGrace is how long a message beyond the queue's bound is left to the
// instance that stored it, which refuses it.
const overfullGrace = 5 * time.Second

// weed takes out, with a report, what has expired and what exceeds a bound that
// drops the oldest. What exceeds another bound is left for later.
func (d *drain) weed(ctx context.Context, conc Concurrency, queue []item) ([]item, deferral, error) {
	now := time.Now()
	kept := queue[:0:0]
	doubles := newDoubles(queue)
	ranks := d.mixed.ranks(queue)
	for i := range queue {
		it := &queue[i]
		before, from := i, len(queue)-i
		if ranks != nil {
			var group *Group
			group, before, from = ranks.next(it.arrival)
			conc = d.chat.rule(group, it.msg)
		}
		switch {
		case doubles.has(it):
			if err := d.discardDouble(ctx, it); err != nil {
				return nil, deferral{}, err
			}
		case it.entry.ExpiresAt.Before(now):
			if err := d.discard(ctx, it, StepExpired, "waited too long", d.chat.unclaim); err != nil {
				return nil, deferral{}, err
			}
		case conc.OnFull == FullDropOldest && from > conc.MaxQueueSize:
			if err := d.discard(ctx, it, StepDropped, "queue full", d.chat.confirm); err != nil {
				return nil, deferral{}, err
			}
		case conc.OnFull != FullDropOldest && before >= conc.MaxQueueSize && now.Sub(it.entry.EnqueuedAt) < overfullGrace:
			// Whoever stored it is taking it out again.
			return kept, deferral{count: len(queue) - i, until: it.entry.EnqueuedAt.Add(overfullGrace)}, nil
		case len(kept) == i:
			kept = queue[:i+1]
		default:
			kept = append(kept, *it)
		}
	}
	return kept, deferral{}, nil
}

func (d *drain) discard(ctx context.Context, it *item, step Step, reason string, mark func(context.Context, *Message) error) error {
	// Reported first: a message that is gone without a report would be lost.
	d.chat.observe(ctx, Observation{
		Step: step, Adapter: it.adapter.Name(), Thread: it.msg.ThreadID, Message: it.msg.ID,
		Reason: reason, Waited: time.Since(it.entry.EnqueuedAt),
	})
	if step == StepExpired && it.event == nil {
		d.chat.markFailed(it.adapter, it.msg)
	}
	err := d.persist(func(ctx context.Context) error {
		if err := mark(ctx, it.msg); err != nil {
			return err
		}
		_, err := d.inbox.Settle(ctx, d.lane.key, it.slip)
		return err
	})
	if err != nil {
		return err
	}
	d.forget(it, nil)
	if d.retries.forget(it.msg.ID) {
		return d.saveRetries()
	}
	return nil
}

// doubles finds messages that stand in the queue twice: nobody knew that storing
// them the first time had succeeded, so the platform sent them again.
type doubles map[string]bool

func newDoubles(queue []item) doubles {
	if len(queue) < 2 {
		return nil
	}
	return make(doubles, len(queue))
}

// has reports whether the message was asked about before.
func (x doubles) has(it *item) bool {
	if x == nil {
		return false
	}
	key := dedupeKey(it.msg)
	seen := x[key]
	x[key] = true
	return seen
}

// discardDouble takes a message out that waits a second time.
func (d *drain) discardDouble(ctx context.Context, it *item) error {
	d.chat.observe(ctx, Observation{Step: StepDuplicate, Adapter: it.adapter.Name(), Thread: it.msg.ThreadID, Message: it.msg.ID})
	return d.takeOut(it)
}

// takeOut removes an item from the queue.
func (d *drain) takeOut(it *item) error {
	return d.persist(func(ctx context.Context) error {
		_, err := d.inbox.Settle(ctx, d.lane.key, it.slip)
		return err
	})
}

// letGo ends the drain's care for messages that are not handled.
func (d *drain) letGo() {
	if len(d.local) == 0 {
		return
	}
	d.lane.all.mu.Lock()
	d.lane.follow(d.local)
	d.lane.all.mu.Unlock()
	if !d.lane.owns(d.turn) {
		d.lane.seekLater()
	}
}

// forget forgets a message that is settled.
func (d *drain) forget(it *item, err error) {
	it.receipt.settle(err)
	d.leave(it.arrival)
}

// leave takes an arrival from those that need no decoding.
func (d *drain) leave(gone *arrival) {
	d.local = slices.DeleteFunc(d.local, func(arr *arrival) bool { return arr == gone })
}

// subscription is the answer to whether a thread is subscribed, asked for while
// something else is. Its zero value is of no thread.
type subscription struct {
	thread ThreadID
	answer pending[bool]
}

// asksSubscription reports whether a handler depends on the subscription of the
// message's thread.
func (c *Chat) asksSubscription(arr *arrival) bool {
	table := c.handlers.table.Load()
	return arr.event == nil && table.has(string(KindSubscribed)) && !(arr.ref.DM && table.has(string(KindDirect)))
}

// prefetchSubscription asks for the subscription of the first message's thread
// if a handler wants to know.
func (c *Chat) prefetchSubscription(ctx context.Context, fresh []*arrival) (s subscription) {
	if c.inProcess || len(fresh) == 0 || !c.asksSubscription(fresh[0]) {
		return s
	}
	id := fresh[0].msg.ThreadID
	return subscription{id, ask(func() (bool, error) { return c.state.IsSubscribed(ctx, string(id)) })}
}

// takeSubscription returns the answer for the thread, once: a handler may change it.
func (d *drain) takeSubscription(ctx context.Context, id ThreadID) (bool, error) {
	if d.mixed != nil {
		if yes, ok := d.mixed.subscribed[id]; ok {
			delete(d.mixed.subscribed, id)
			return yes, nil
		}
	}
	s := d.subscribed
	if s.thread != id {
		return d.chat.state.IsSubscribed(ctx, string(id))
	}
	d.subscribed = subscription{}
	return s.answer.get()
}
