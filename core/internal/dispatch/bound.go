package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// overfullGrace is how long an item beyond the queue's bound is left to the
// instance that stored it, which refuses it.
const overfullGrace = 5 * time.Second

// makeRoom takes the item out again if it has found its queue full, and returns why. Asking
// after storing keeps the bound without a race that could trim another item.
func (x *delivery) makeRoom(ctx context.Context) (string, error) {
	d, key := x.d, x.w.key
	entries, err := d.inbox.Waiting(ctx, key.name)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(entries, func(e state.WaitingEntry) bool { return string(e.Message) == string(x.Entry.Message) })
	if at < x.policy.MaxQueue {
		// There is room again: the item may be at a handler already, or done.
		return "", nil
	}
	if before, err := x.countBefore(ctx, key, entries[:at]); err != nil || before < x.policy.bound() {
		return "", err
	}
	if _, err := d.inbox.Settle(ctx, key.name, entries[at].Receipt); err != nil {
		return "", err
	}
	if x.policy.OnFull == DropNewest {
		return "queue full", nil
	}
	return "", busy(x.depth, key)
}

func busy(depth int, key Key) error {
	return fmt.Errorf("%w: %d messages wait on %q", fault.ErrBusy, depth, key.name)
}

// isOverfull reports whether the item stands beyond the bound of its policy, behind the
// entries.
func (x *delivery) isOverfull(ctx context.Context, key Key, before []state.WaitingEntry) (bool, error) {
	if x.policy.OnFull == DropOldest || len(before) < x.policy.MaxQueue {
		return false, nil
	}
	count, err := x.countBefore(ctx, key, before)
	return count >= x.policy.MaxQueue, err
}

// countBefore returns how many of the entries in front of the item count towards the
// bound of its group.
func (x *delivery) countBefore(ctx context.Context, key Key, before []state.WaitingEntry) (int, error) {
	d := x.d
	if !d.program.IsGrouped() {
		return len(before), nil
	}
	queue := []entry{{Item: x.Item}}
	for _, e := range before {
		if other, err := d.decode(key, e); err == nil {
			queue = append(queue, entry{Item: other})
		}
	}
	var s shares
	err := s.assign(d.program, queue, func(topic string) (bool, error) { return d.state.IsSubscribed(ctx, topic) })
	if err != nil {
		return 0, err
	}
	_, count := s.ranks(queue).next(x.Item)
	return count - 1, nil
}

// storeVolatile is store where reading the queue would empty it: the bound is
// asked for first, so concurrent items can exceed it by their number.
func (x *delivery) storeVolatile(ctx context.Context) (dropped string, err error) {
	d, key := x.d, x.w.key
	// Trimming would drop the items of other groups too, so there it is left to
	// the worker.
	trims := x.policy.OnFull == DropOldest && !d.program.IsGrouped()
	if !trims {
		if x.depth, err = d.state.QueueDepth(ctx, key.name); err != nil {
			return "", err
		}
		switch {
		case x.depth < x.policy.bound():
		case x.policy.OnFull == DropNewest:
			return "queue full", nil
		default:
			return "", busy(x.depth, key)
		}
	}
	if err = x.put(ctx); err == nil && trims && x.depth > x.policy.MaxQueue {
		err = x.dropOldest(ctx)
	}
	return "", err
}

// dropOldest takes the oldest item out of the queue, with a report. The new one
// stays, also if a worker has taken the others meanwhile.
func (x *delivery) dropOldest(ctx context.Context) error {
	d, key := x.d, x.w.key
	oldest, err := d.state.Dequeue(ctx, key.name)
	if err != nil {
		if errors.Is(err, state.ErrQueueEmpty) {
			return nil
		}
		return err
	}
	if string(oldest.Message) == string(x.Entry.Message) {
		_, err = d.inbox.Accept(ctx, key.name, *oldest, 0)
		return err
	}
	it, err := d.program.Decode(key, *oldest)
	if err != nil {
		d.log.WarnContext(ctx, "entry-unreadable", "key", key.name, "error", err)
		return nil
	}
	d.program.Report(ctx, Report{Step: Dropped, Item: it, Reason: "queue full", Waited: time.Since(oldest.EnqueuedAt)})
	return d.markHandled(ctx, it)
}
