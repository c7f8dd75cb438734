package chat

import (
	"context"
	"time"
)

// awaitPredecessor waits until no handler of an instance that had the lock before can
// be running. It reports whether it had to: then the queue may have changed.
//
// A lock that was free may have been taken away from its holder, or lost with all
// that was in the state. A holder that still runs has not settled its message, so
// one that comes from elsewhere is the occasion to look for its beacon.
func (d *drain) awaitPredecessor(ctx context.Context, g grant) (waited bool, err error) {
	if g.epoch.asked() {
		value, err := g.epoch.get()
		if err != nil {
			return false, err
		}
		wait := d.chat.judgeEpoch(ctx, value)
		for end := time.Now().Add(wait); d.held.err() == nil && d.goesOn() && time.Now().Before(end); waited = true {
			sleep(d.held.ctx, min(time.Until(end), 10*beaconPoll))
		}
	}
	if d.lit.asked() {
		lit, err := d.lit.get()
		if err != nil {
			return false, err
		}
		if lit {
			return true, d.awaitDark(ctx)
		}
	}
	return waited, nil
}
