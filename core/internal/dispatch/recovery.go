package dispatch

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// sweepLimit is how many keys one sweep looks after. Further ones wait for the
// next, on this instance or another.
const sweepLimit = 1000

// Sweep wakes workers for items that other instances left behind, and returns their
// keys.
func (d *Dispatcher) Sweep(ctx context.Context) []Key {
	keys, err := d.wakeWaiting(ctx, time.Now().Add(-d.cfg.LockTTL), sweepLimit, true)
	if err != nil && ctx.Err() == nil {
		d.log.WarnContext(ctx, "sweep-failed", "error", err)
	}
	return keys
}

// wakeWaiting wakes workers for what has been waiting since before the time, and returns
// their keys.
func (d *Dispatcher) wakeWaiting(ctx context.Context, before time.Time, limit int, recovered bool) ([]Key, error) {
	names, err := d.inbox.WaitingThreads(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	if recovered { // other instances look as well
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	}
	keys := make([]Key, 0, len(names))
	for _, name := range names {
		keys = append(keys, ParseKey(name))
	}
	keys = slices.DeleteFunc(keys, d.pool.isServed)
	for _, key := range keys {
		d.pool.wake(key, recovered)
	}
	return keys, nil
}
