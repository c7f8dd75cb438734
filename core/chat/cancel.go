package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Cancellations reach other instances through one short list in the state, which
// an instance reads twice a second while any of its handlers run.
const (
	cancelKey      = reservedName + ":cancelled-turns"
	cancelInterval = 400 * time.Millisecond
	cancelTTL      = 30 * time.Second
	cancelLength   = 1000
)

type cancellation struct {
	ID     string   `json:"id"`
	Thread ThreadID `json:"thread"`
	At     int64    `json:"at"` // milliseconds since 1970
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
	c.lanes.cancel(id, time.Now(), ErrTurnCancelled)
	return c.publishCancel(ctx, id)
}

func (c *Chat) publishCancel(ctx context.Context, id ThreadID) error {
	data, err := json.Marshal(cancellation{ID: rand.Text(), Thread: id, At: time.Now().UnixMilli()})
	if err != nil {
		return err
	}
	return c.state.AppendToList(ctx, cancelKey, data, state.ListOptions{MaxLength: cancelLength, TTL: cancelTTL})
}

// cancelWatch reads the list while handlers run.
type cancelWatch struct {
	active atomic.Bool
}

// watchCancels starts the reading unless it is going on.
func (c *Chat) watchCancels() {
	if c.cancels.active.Swap(true) {
		return
	}
	go func() {
		seen := map[string]time.Time{}
		for {
			timer := time.NewTimer(cancelInterval)
			select {
			case <-timer.C:
			case <-c.closed:
				timer.Stop()
				return
			}
			c.readCancels(seen)
			if c.lanes.resting() {
				c.cancels.active.Store(false)
				if c.lanes.resting() || c.cancels.active.Swap(true) {
					return
				}
			}
		}
	}()
}

// readCancels cancels the turns of entries that were not seen before, if they
// began before the entry was made.
func (c *Chat) readCancels(seen map[string]time.Time) {
	list, err := c.state.GetList(context.Background(), cancelKey)
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
		c.lanes.cancel(x.Thread, time.UnixMilli(x.At), ErrTurnCancelled)
	}
	for id, at := range seen {
		if now.Sub(at) > 2*cancelTTL {
			delete(seen, id)
		}
	}
}
