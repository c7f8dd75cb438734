package chat

import (
	"context"
	"time"
)

// A lock can be free although its holder still runs a handler: somebody has deleted
// it. So a handler that runs for a while lights a beacon, a key that lives as long as
// the lock would, until the lock is given back. Who gets the lock and finds a beacon
// asks all instances to look at that lock, and calls no handler before the beacon is
// out: its holder has seen that the lock is gone and has ended its handler's context,
// or it has died, and the lock would be over.

const (
	// beaconAfter is how long a handler runs in the dark. Most end before.
	beaconAfter = 50 * time.Millisecond
	// beaconPatience is how long a beacon may stay lit before its holder is asked.
	// One that has just given the lock back puts it out in that time.
	beaconPatience = 10 * time.Millisecond
	beaconPoll     = 20 * time.Millisecond
)

// light lights the beacon of a held lock, for as long as the lock is held without
// another renewal. It reports false if that failed.
func (l *lease) light(ctx context.Context, loseAt time.Time) bool {
	ttl := time.Until(loseAt)
	if ttl < time.Millisecond {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, l.all.ttl/6) // the next renewal is due at twice that time
	defer cancel()
	return l.all.state.Set(ctx, runningKey(l.lock.ThreadID), signValue, ttl) == nil
}

// darken puts the beacon out, if it was lit. If that fails it goes out by itself. When
// the lock has run out the beacon is out as well, or is another's. It is called by the
// renewal in flight, or by who ended the lease when there is none.
func (l *lease) darken() {
	if !l.lit || time.Since(l.all.epoch) >= time.Duration(l.deadline.Load()) {
		return
	}
	l.lit = false
	ctx, cancel := context.WithTimeout(context.Background(), l.all.ttl/6)
	defer cancel()
	_ = l.all.state.Delete(ctx, runningKey(l.lock.ThreadID))
}

// awaitDark waits until the beacon of the instance that had the lock before is out,
// or the drain has to end.
func (d *drain) awaitDark(ctx context.Context) error {
	for polls := 0; d.held.err() == nil && d.goesOn(); polls++ {
		if polls == 1 {
			if err := d.chat.publishDoubt(ctx, d.lane.key); err != nil {
				return err
			}
		}
		sleep(d.held.ctx, min(beaconPatience<<polls, beaconPoll))
		if lit, err := d.chat.isThere(ctx, runningKey(d.lane.key)); err != nil || !lit {
			return err
		}
	}
	return nil
}
