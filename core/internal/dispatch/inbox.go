package dispatch

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Inbox is where items wait. The state's role of the name is one.
type Inbox = state.Inbox

type inbox = state.Inbox

// isInProcess reports whether nobody outside of this process can reach the state.
func isInProcess(st state.Adapter) bool {
	role, ok := state.As[state.InProcess](st)
	return ok && role.InProcess()
}

// newTurns returns the [state.Turns] role of the state: its own, or one made of its
// other methods. Where these have a way to go, two are called at the same time.
func newTurns(cfg Config, in inbox) state.Turns {
	if role, ok := state.As[state.Turns](cfg.State); ok && cfg.Durable {
		return role
	}
	return state.Stepwise{Adapter: inboxState{cfg.State, in}, Concurrent: !isInProcess(cfg.State)}
}

// inboxState is the state with the inbox that the dispatcher uses.
type inboxState struct {
	state.Adapter
	inbox
}

// extendQueue restores the time that what waits on the key may wait: what a TypeScript
// instance enqueues there makes all of it expire 90 s later.
func (d *Dispatcher) extendQueue(ctx context.Context, key string) error {
	return d.inbox.ExtendQueue(ctx, key, d.cfg.MessageTTL)
}

// queueInbox is the inbox where nothing is durable: items leave the queue before they
// are handled, as in the TypeScript SDK.
type queueInbox struct{ queues state.Queues }

func (q queueInbox) Accept(ctx context.Context, key string, entry state.QueueEntry, maxSize int) (int, error) {
	return q.queues.Enqueue(ctx, key, entry, maxSize)
}

// Waiting removes what it returns.
func (q queueInbox) Waiting(ctx context.Context, key string) ([]state.WaitingEntry, error) {
	var entries []state.WaitingEntry
	for {
		entry, err := q.queues.Dequeue(ctx, key)
		var corrupt *state.CorruptError
		switch {
		case err == nil:
			entries = append(entries, state.WaitingEntry{QueueEntry: *entry})
		case errors.As(err, &corrupt):
			entries = append(entries, state.WaitingEntry{Err: err})
		case errors.Is(err, state.ErrQueueEmpty):
			return entries, nil
		case len(entries) > 0:
			// What was taken out must not be lost to a later error.
			return entries, nil
		default:
			return nil, err
		}
	}
}

func (q queueInbox) Settle(ctx context.Context, key string, _ ...state.Receipt) (int, error) {
	return q.queues.QueueDepth(ctx, key)
}

func (queueInbox) ExtendQueue(context.Context, string, time.Duration) error { return nil }

func (queueInbox) WaitingThreads(context.Context, time.Time, int) ([]string, error) {
	return nil, nil
}

// takenInbox is what one hold has taken out of a queue where nothing is durable. To the
// hold it is an inbox: what it has looked at waits until it is settled.
type takenInbox struct {
	queueInbox
	taken []state.WaitingEntry
	count int // of all entries so far; makes receipts
}

func (t *takenInbox) Waiting(ctx context.Context, key string) ([]state.WaitingEntry, error) {
	entries, err := t.queueInbox.Waiting(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		t.count++
		e.Receipt = state.Receipt(strconv.Itoa(t.count))
		t.taken = append(t.taken, e)
	}
	return slices.Clone(t.taken), nil
}

func (t *takenInbox) Settle(ctx context.Context, key string, receipts ...state.Receipt) (int, error) {
	t.taken = slices.DeleteFunc(t.taken, func(e state.WaitingEntry) bool { return slices.Contains(receipts, e.Receipt) })
	depth, err := t.queues.QueueDepth(ctx, key)
	return len(t.taken) + depth, err
}

// putBack returns to the queue what is not settled.
func (t *takenInbox) putBack(ctx context.Context, key string) error {
	for len(t.taken) > 0 {
		if e := t.taken[0]; e.Err == nil {
			if _, err := t.Accept(ctx, key, e.QueueEntry, 0); err != nil {
				return err
			}
		}
		t.taken = t.taken[1:]
	}
	return nil
}
