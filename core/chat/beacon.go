package chat

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A lock can be free although its holder still runs a handler: somebody has deleted
// it. So a handler that runs for a while lights a beacon, a key that lives as long
// as the lock would. Who gets the lock and finds the beacon of another asks all
// instances to look at that lock, and calls no handler before the beacon is out: the
// holder has seen that the lock is gone and has ended its handler's context, or has
// died, and the lock would be over.

const (
	// beaconAfter is how long a handler runs in the dark. Most end before.
	beaconAfter = 50 * time.Millisecond
	beaconPoll  = 20 * time.Millisecond
	// beaconPatience is after what time the instances are asked again.
	beaconPatience = time.Second
)

func beaconKey(lock string) string { return reservedName + ":running:" + lock }

var beaconValue = []byte("true")

// light lights the beacon of a held lock, for as long as the lock is held without
// another renewal. It reports false if that failed.
func (l *lease) light(ctx context.Context, loseAt time.Time) bool {
	ttl := time.Until(loseAt)
	if ttl < time.Millisecond {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, l.all.ttl/6) // the next renewal is due at twice that time
	defer cancel()
	return l.all.state.Set(ctx, beaconKey(l.lock.ThreadID), beaconValue, ttl) == nil
}

// darken puts the beacon out. If that fails it goes out by itself.
func (l *lease) darken() {
	ctx, cancel := context.WithTimeout(context.Background(), l.all.ttl/6)
	defer cancel()
	_ = l.all.state.Delete(ctx, beaconKey(l.lock.ThreadID))
}

// beaconLit reports whether some handler says that it runs under the lock.
func (c *Chat) beaconLit(ctx context.Context, lock string) (bool, error) {
	_, err := c.state.Get(ctx, beaconKey(lock))
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// awaitDark waits until the beacon of the instance that had the lock before is out,
// or the drain has to end.
func (d *drain) awaitDark(ctx context.Context) error {
	var asked time.Time
	for lit := true; lit && d.held.err() == nil && d.goesOn(); {
		if time.Since(asked) > beaconPatience {
			if err := d.chat.publishDoubt(ctx, d.lane.key); err != nil {
				return err
			}
			asked = time.Now()
		}
		sleep(d.held.ctx, beaconPoll)
		var err error
		if lit, err = d.chat.beaconLit(ctx, d.lane.key); err != nil {
			return err
		}
	}
	return nil
}
