package chat

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// isThere reports whether the state has the key.
func (c *Chat) isThere(ctx context.Context, key string) (bool, error) {
	_, err := c.state.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// awaitPredecessor waits until no handler of an instance that had the lock before can
// be running. It reports whether it had to: then the queue may have changed.
//
// A lock that was free may have been taken away from its holder, or lost with all
// that was in the state. A holder that still runs has not settled its message. So its
// beacon is looked for unless nothing waits but a message that was stored under the
// new lock.
func (d *drain) awaitPredecessor(ctx context.Context) (waited bool, err error) {
	if d.canary.asked() {
		there, err := d.canary.get()
		if err != nil {
			return false, err
		}
		end := time.Now().Add(d.chat.seeCanary(ctx, there))
		for ; d.held.err() == nil && d.goesOn() && time.Now().Before(end); waited = true {
			sleep(d.held.ctx, min(time.Until(end), 10*beaconPoll))
		}
	}
	if d.beacon.asked() {
		lit, err := d.beacon.get()
		if err != nil {
			return false, err
		}
		if lit {
			return true, d.awaitDark(ctx)
		}
	}
	return waited, nil
}
