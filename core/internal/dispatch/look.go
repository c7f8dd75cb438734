package dispatch

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/timing"
	"github.com/chat-adapter/chat-go/core/state"
)

// look reads the queue, or takes what the delivery has read that has taken the lock, and
// looks for signs that a handler of an instance that had the lock before may still run.
func (h *hold) look(ctx context.Context) State {
	g := h.grant
	h.grant = grant{}
	if h.looks == 0 {
		h.d.program.Report(ctx, Report{Step: LockAcquired, Key: h.w.key})
	}
	if h.alone {
		if again, err := h.read(ctx, g); err != nil {
			return h.fail(err)
		} else if again {
			return h.lookNext()
		}
		return h.runNext()
	}
	asked := known(g.signs, nil)
	if !g.looked {
		asked = h.d.askSigns(ctx, h.w.key)
	}
	again, err := h.read(ctx, g)
	if err != nil {
		return h.fail(err)
	}
	s, err := asked.get()
	if err != nil {
		return h.fail(err)
	}
	if h.mayPrecede(ctx, s) {
		return h.enter(Await)
	}
	h.alone = true
	if again {
		return h.lookNext()
	}
	return h.runNext()
}

// runNext runs what was read, if anything waits.
func (h *hold) runNext() State {
	if len(h.queue) == 0 {
		return h.releaseNext()
	}
	return h.enter(Run)
}

// read reads the waiting items, oldest first. Entries that are none become dead letters.
// It reports true if items were stored again: then the queue is to be read once more.
func (h *hold) read(ctx context.Context, g grant) (again bool, err error) {
	if !g.looked {
		g.subscribed = h.prefetchSubscription(ctx)
		if g.waiting, err = h.inbox.Waiting(ctx, h.w.key.name); err != nil {
			return false, err
		}
	}
	h.subscribed = g.subscribed
	h.seen = len(g.waiting)
	h.looks++
	foreign, err := h.recognize(ctx, g.waiting)
	if err != nil {
		return false, err
	}
	if !g.looked {
		if restored, err := h.takeMissing(ctx); err != nil || restored {
			return restored, err
		}
	}
	if h.restored {
		slices.SortStableFunc(h.queue, func(a, b entry) int { return a.Entry.EnqueuedAt.Compare(b.Entry.EnqueuedAt) })
	}
	// An item that was stored here may have been tried meanwhile, unless it was
	// stored under this lock.
	mayBeTried := !h.alone && (!g.looked || len(g.waiting) > 1)
	if foreign || h.suspect || mayBeTried {
		if err := h.loadRetries(ctx); err != nil {
			return false, err
		}
	}
	return false, h.assignShares(ctx)
}

// recognize makes the queue of the entries. It reports whether another instance may have
// tried some of them.
func (h *hold) recognize(ctx context.Context, entries []state.WaitingEntry) (foreign bool, err error) {
	h.queue = h.queueRoom[:0]
	if len(entries) > len(h.queueRoom) {
		h.queue = make([]entry, 0, len(entries))
	}
	next := 0
	for _, e := range entries {
		if it := h.known(e, &next); it != nil {
			it.found = h.looks
			foreign = foreign || it.released
			h.queue = append(h.queue, entry{Item: it, receipt: e.Receipt, foreign: it.released})
			continue
		}
		it, err := h.d.decode(h.w.key, e)
		if err != nil {
			if err := h.buryUnreadable(ctx, e, err); err != nil {
				return false, err
			}
			continue
		}
		foreign = true
		h.queue = append(h.queue, entry{Item: it, receipt: e.Receipt, foreign: true})
	}
	return foreign, nil
}

// known returns the local item that the entry is. Both come in about the same
// order, so the search goes on from the last hit.
func (h *hold) known(e state.WaitingEntry, next *int) *Item {
	for i := range h.local {
		at := (*next + i) % len(h.local)
		if bytes.Equal(h.local[at].Entry.Message, e.Message) {
			*next = at + 1
			return h.local[at]
		}
	}
	return nil
}

func (d *Dispatcher) decode(key Key, e state.WaitingEntry) (*Item, error) {
	if e.Err != nil {
		return nil, e.Err
	}
	return d.program.Decode(key, e.QueueEntry)
}

// prefetchSubscription asks for the subscription of the first fresh item's topic
// if a handler wants to know.
func (h *hold) prefetchSubscription(ctx context.Context) (s subscription) {
	if h.d.inProcess || h.fresh == 0 {
		return s
	}
	it := h.local[len(h.local)-h.fresh]
	if it.Subscription == "" {
		return s
	}
	d := h.d // the answer may come when the hold is another goroutine's
	return subscription{it.Topic, ask(func() (bool, error) { return d.state.IsSubscribed(ctx, it.Subscription) })}
}

// isSubscribed returns the answer for the topic, which was asked for already or is asked
// for now. Each answer is used once: a handler may change it.
func (h *hold) isSubscribed(ctx context.Context, topic string) (bool, error) {
	if h.shares != nil {
		if yes, ok := h.shares.subscribed[topic]; ok {
			delete(h.shares.subscribed, topic)
			return yes, nil
		}
	}
	s := h.subscribed
	if s.topic != topic || topic == "" {
		return h.d.state.IsSubscribed(ctx, topic)
	}
	h.subscribed = subscription{}
	return s.answer.get()
}

// window is the waiting for more items that a policy wants.
type window struct {
	limit  time.Time     // when it ends at the latest. Zero: it has not begun
	newest state.Receipt // of the last item
	since  time.Time     // when that was seen first
	item   *Item
	over   bool // it is not waited again
}

// gathers waits for more items as the policy says. It reports whether to look again.
// Items of another group end the waiting: nothing more would come to the batch behind
// them.
func (h *hold) gathers() bool {
	x, p := &h.window, h.policy
	if x.over {
		return false
	}
	if x.limit.IsZero() {
		x.limit = time.Now().Add(p.MaxWait)
		if p.Mode == Burst {
			x.limit = time.Now().Add(p.Window)
		}
	}
	last := &h.queue[len(h.queue)-1]
	if last.receipt != x.newest {
		if x.item != nil {
			h.report(x.item, Superseded)
		}
		x.newest, x.since, x.item = last.receipt, time.Now(), last.Item
		h.report(x.item, Debouncing)
	}
	// The clock of the instance that stored it may be ahead.
	wait := min(p.Window-time.Since(last.Entry.EnqueuedAt), p.Window-time.Since(x.since), time.Until(x.limit))
	if wait <= 0 || h.shares.several(h.queue) {
		return false
	}
	x.over = p.Mode == Burst
	return timing.Sleep(h.lease.Context(), wait)
}

// report tells of a step of an item that waits.
func (h *hold) report(it *Item, step Step) {
	h.d.program.Report(context.Background(), Report{Step: step, Item: it, Waited: time.Since(it.Entry.EnqueuedAt)})
}
