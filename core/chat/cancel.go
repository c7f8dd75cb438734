package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Cancellations and doubts about locks reach other instances through one short list
// in the state, which an instance reads twice a second while any of its handlers
// run.
const (
	cancelInterval = 400 * time.Millisecond
	cancelTTL      = 30 * time.Second
	cancelLength   = 1000
)

type cancellation struct {
	ID     string   `json:"id"`
	Thread ThreadID `json:"thread,omitempty"`
	// Lock is one that was free although a handler seems to run under it. Nothing
	// is cancelled then, unless its holder finds that it has lost it.
	Lock string `json:"lock,omitempty"`
	At   int64  `json:"at"` // milliseconds since 1970
	// Interrupt says that a message asks for it, so only turns that may be
	// interrupted are cancelled.
	Interrupt bool `json:"interrupt,omitempty"`
}

// CancelTurn ends the context of the handler that runs on the thread, with
// [ErrTurnCancelled], on whatever instance it runs, within a second. Its message
// counts as handled. Without a running handler nothing happens.
func (c *Chat) CancelTurn(ctx context.Context, id ThreadID) error {
	if _, ok := c.adapters[id.Adapter()]; !ok {
		return fmt.Errorf("%w: thread id %q", ErrUnknownAdapter, id)
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	c.lanes.cancel(id, time.Now(), ErrTurnCancelled, false)
	return c.publishCancel(ctx, id, false)
}

func (h *host) CancelTurn(ctx context.Context, id ThreadID) error {
	if err := h.checkThread(id); err != nil {
		return err
	}
	return h.chat.CancelTurn(ctx, id)
}

func (c *Chat) publishCancel(ctx context.Context, id ThreadID, interrupt bool) error {
	return c.publish(ctx, cancellation{Thread: id, Interrupt: interrupt})
}

// publishDoubt has all instances look whether they hold the lock.
func (c *Chat) publishDoubt(ctx context.Context, lock string) error {
	return c.publish(ctx, cancellation{Lock: lock})
}

func (c *Chat) publish(ctx context.Context, x cancellation) error {
	x.ID, x.At = rand.Text(), time.Now().UnixMilli()
	data, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return c.state.AppendToList(ctx, cancelsKey, data, state.ListOptions{MaxLength: cancelLength, TTL: cancelTTL})
}

// cancelWatch reads the list while handlers run.
type cancelWatch struct {
	active atomic.Bool

	mu      sync.Mutex
	stopped bool
	reading sync.WaitGroup
	ctx     context.Context //nolint:containedctx // of what goes on in the background
	cancel  context.CancelFunc
}

// stop ends the reading for good.
func (w *cancelWatch) stop() {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	w.cancel()
	w.reading.Wait()
}

// watchCancels starts the reading unless it is going on.
func (c *Chat) watchCancels() {
	w := &c.cancels
	if w.active.Load() || w.active.Swap(true) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.reading.Go(c.readUntilResting)
	}
}

func (c *Chat) readUntilResting() {
	w := &c.cancels
	seen := map[string]time.Time{}
	for sleep(w.ctx, cancelInterval) {
		c.readCancels(w.ctx, seen)
		c.watchCanary(w.ctx)
		if c.lanes.resting() {
			w.active.Store(false)
			if c.lanes.resting() || w.active.Swap(true) {
				return
			}
		}
	}
}

// readCancels cancels the turns of entries that were not seen before, if they
// began before the entry was made.
func (c *Chat) readCancels(ctx context.Context, seen map[string]time.Time) {
	list, err := c.state.GetList(ctx, cancelsKey)
	if err != nil {
		return // the next reading may succeed; renewals report the outage
	}
	now := time.Now()
	for _, data := range list {
		var x cancellation
		if json.Unmarshal(data, &x) != nil {
			continue
		}
		if _, ok := seen[x.ID]; ok {
			continue
		}
		seen[x.ID] = now
		if x.Lock != "" {
			c.leases.recheck(func(key string) bool { return key == x.Lock })
			continue
		}
		before := time.UnixMilli(x.At)
		if !x.Interrupt {
			// What began within the same millisecond is meant too. A message that
			// interrupts must not cancel its own turn.
			before = before.Add(time.Millisecond - 1)
		}
		c.lanes.cancel(x.Thread, before, ErrTurnCancelled, x.Interrupt)
	}
	for id, at := range seen {
		if now.Sub(at) > 2*cancelTTL {
			delete(seen, id)
		}
	}
}
