package dispatch

import (
	"context"
	"slices"
	"time"
)

// makeBatches makes batches of what waits. It returns Run if there is one, else the state
// that follows.
func (h *hold) makeBatches(ctx context.Context) (State, error) {
	policy, group := h.choosePolicy()
	h.policy = policy
	shared, single := h.w.key.shared(h.queue[0].ID)
	if single && policy.Mode != Concurrent {
		if err := h.join(ctx, shared); err != nil {
			return 0, err
		}
		return h.releaseNext(), nil
	}
	waits := policy.Mode == Debounce || policy.Mode == Burst
	if waits && (!h.handled || h.shares.comesFirst(group)) && h.gathers() {
		return h.lookNext(), nil
	}
	later, err := h.plan(ctx)
	if err != nil {
		return 0, err
	}
	h.window, h.handled = window{}, true
	if len(h.batches) > 0 {
		if h.shares != nil {
			h.policy = h.batches[0].policy()
		}
		return Run, nil
	}
	if later.count > 0 {
		h.w.wakeAfter(time.Until(later.until))
	}
	h.deferred = later.count
	if !single { // else nobody else uses the queue
		if err := h.d.extendQueue(ctx, h.w.key.name); err != nil {
			return 0, err
		}
	}
	return h.releaseNext(), nil
}

// deferral is what waits for its next attempt.
type deferral struct {
	count int
	until time.Time
}

// add counts more items, which wait until a time.
func (w *deferral) add(count int, until time.Time) {
	if count > 0 && (w.count == 0 || until.Before(w.until)) {
		w.until = until
	}
	w.count += count
}

// plan sorts the queue into batches of one group, after taking out what has
// expired and what exceeds the bound.
func (h *hold) plan(ctx context.Context) (deferral, error) {
	queue, later, err := h.weed(ctx)
	if err != nil {
		return deferral{}, err
	}
	batches, wait := h.sort(queue)
	later.add(wait.count, wait.until)
	h.batches = h.shares.onlyFirst(batches)
	return later, nil
}

// sort makes batches of the queue, one for each topic, in the order of their first
// item.
func (h *hold) sort(queue []entry) (batches []*Batch, later deferral) {
	now := time.Now()
	if h.shares == nil {
		batches = h.batchRoom[:0]
	}
	for len(queue) > 0 {
		var items []entry
		items, queue = splitTopic(queue)
		var wait deferral
		batches, wait = h.sortTopic(batches, items, now)
		later.add(wait.count, wait.until)
	}
	return batches, later
}

// sortTopic adds the batch of one topic: one that is due for another attempt,
// or what was not tried yet. Unless overtaking is allowed, nothing goes past a
// batch that waits.
func (h *hold) sortTopic(batches []*Batch, items []entry, now time.Time) ([]*Batch, deferral) {
	var wait deferral
	for len(items) > 0 {
		lead, share := h.leading(items)
		again := h.retries.find(lead)
		if again == nil {
			return append(batches, h.newBatch(lead, nil, share)), wait
		}
		tried, rest := again.split(lead)
		if !again.until().After(now) {
			// The rest is planned when this batch has been settled or postponed.
			return append(batches, h.newBatch(tried, again, share)), wait
		}
		if !h.d.cfg.Retry.Overtake {
			return batches, deferral{count: wait.count + len(items), until: again.until()}
		}
		wait.add(len(tried), again.until())
		items = append(rest, items[len(lead):]...)
	}
	return batches, wait
}

// splitTopic returns the items of the first item's topic and the others.
func splitTopic(queue []entry) (topic, rest []entry) {
	first := queue[0].Topic
	other := slices.IndexFunc(queue, func(e entry) bool { return e.Topic != first })
	if other < 0 {
		return queue, nil
	}
	topic = slices.Clip(queue[:other])
	for _, e := range queue[other:] {
		if e.Topic == first {
			topic = append(topic, e)
		} else {
			rest = append(rest, e)
		}
	}
	return topic, rest
}

// weed takes out, with a report, what has expired and what exceeds a bound that
// drops the oldest. What exceeds another bound is left for later.
func (h *hold) weed(ctx context.Context) ([]entry, deferral, error) {
	now := time.Now()
	queue := h.queue
	kept := queue[:0:0]
	doubles := newDoubles(queue)
	ranks := h.shares.ranks(queue)
	p := h.policy
	for i := range queue {
		e := &queue[i]
		before, from := i, len(queue)-i
		if ranks != nil {
			before, from = ranks.next(e.Item)
			p = h.policyOf(e.Item)
		}
		switch {
		case doubles.has(e):
			h.d.program.Report(ctx, Report{Step: Duplicate, Item: e.Item})
			if err := h.takeOut(e); err != nil {
				return nil, deferral{}, err
			}
		case e.Entry.ExpiresAt.Before(now):
			if err := h.discard(ctx, e, Expired, "waited too long", h.d.unclaim); err != nil {
				return nil, deferral{}, err
			}
		case p.OnFull == DropOldest && from > p.MaxQueue:
			if err := h.discard(ctx, e, Dropped, "queue full", h.d.markHandled); err != nil {
				return nil, deferral{}, err
			}
		case p.OnFull != DropOldest && before >= p.MaxQueue && now.Sub(e.Entry.EnqueuedAt) < overfullGrace:
			// Whoever stored it is taking it out again.
			return kept, deferral{count: len(queue) - i, until: e.Entry.EnqueuedAt.Add(overfullGrace)}, nil
		case len(kept) == i:
			kept = queue[:i+1]
		default:
			kept = append(kept, *e)
		}
	}
	return kept, deferral{}, nil
}

func (h *hold) discard(ctx context.Context, e *entry, step Step, reason string, mark func(context.Context, *Item) error) error {
	// Reported first: an item that is gone without a report would be lost.
	h.d.program.Report(ctx, Report{Step: step, Item: e.Item, Reason: reason, Waited: time.Since(e.Entry.EnqueuedAt)})
	if step == Expired {
		h.d.program.GivenUp(e.Item)
	}
	err := h.persist(func(ctx context.Context) error {
		if err := mark(ctx, e.Item); err != nil {
			return err
		}
		_, err := h.inbox.Settle(ctx, h.w.key.name, e.receipt)
		return err
	})
	if err != nil {
		return err
	}
	h.forget(e.Item, nil)
	if h.retries.forget(e.ID) {
		return h.saveRetries()
	}
	return nil
}

// doubles finds items that stand in the queue twice: nobody knew that storing
// them the first time had succeeded, so the platform sent them again.
type doubles map[string]bool

func newDoubles(queue []entry) doubles {
	if len(queue) < 2 {
		return nil
	}
	return make(doubles, len(queue))
}

// has reports whether the item was asked about before.
func (x doubles) has(e *entry) bool {
	if x == nil {
		return false
	}
	seen := x[e.Claim]
	x[e.Claim] = true
	return seen
}

// takeOut removes an entry from the queue.
func (h *hold) takeOut(e *entry) error {
	return h.persist(func(ctx context.Context) error {
		_, err := h.inbox.Settle(ctx, h.w.key.name, e.receipt)
		return err
	})
}
