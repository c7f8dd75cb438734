package dispatch

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/timing"
)

// A lock can be free although its holder still runs a handler: somebody has deleted it.
// So there is a heartbeat while a handler runs for long: a key that lives as long as the
// lock would, until the lock is given back. An instance that gets the lock and finds a
// heartbeat asks all instances to look at that lock, and calls no handler before the
// heartbeat is gone: its holder has seen that the lock is gone and has ended its
// handler's context, or it has died, and the lock would be over.

const (
	// heartbeatAfter is how long a handler runs without. Most end before.
	heartbeatAfter = 50 * time.Millisecond
	// heartbeatPatience is how long a heartbeat may be there before its holder is asked.
	// One that has just given the lock back takes it away in that time.
	heartbeatPatience = 10 * time.Millisecond
	heartbeatPoll     = 20 * time.Millisecond
)

// signValue is what a heartbeat and the canary hold: that they are there is what counts.
var signValue = []byte("true")

// beat writes the heartbeat of a held lock, for as long as the lock is held without
// another renewal. It reports false if that failed.
func (l *Lease) beat(ctx context.Context, loseAt moment) bool {
	all := l.shard.all
	ttl := all.until(loseAt)
	if ttl < time.Millisecond {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, all.ttl/6) // the next renewal is due at twice that time
	defer cancel()
	return all.state.Set(ctx, ParseKey(l.lock.ThreadID).heartbeat(), signValue, ttl) == nil
}

// endHeartbeat takes the heartbeat away, if there may be one. If that fails it ends by
// itself. When the lock has run out the heartbeat has ended as well, or is another's. It
// is called by the renewal in flight, or by whoever ended the lease when there is none.
func (l *Lease) endHeartbeat() {
	if !l.beats || l.isPastDeadline() {
		return
	}
	l.beats = false
	all := l.shard.all
	ctx, cancel := context.WithTimeout(context.Background(), all.ttl/6)
	defer cancel()
	_ = all.state.Delete(ctx, ParseKey(l.lock.ThreadID).heartbeat())
}

// awaitHeartbeat waits until the heartbeat of the instance that had the lock before is
// gone, or the hold has to end.
func (h *hold) awaitHeartbeat(ctx context.Context) error {
	for polls := 0; h.lease.Err() == nil && h.goesOn(); polls++ {
		if polls == 1 {
			if err := h.d.publishDoubt(ctx, h.w.key); err != nil {
				return err
			}
		}
		timing.Sleep(h.lease.Context(), min(heartbeatPatience<<polls, heartbeatPoll))
		if beats, err := h.d.isThere(ctx, h.w.key.heartbeat()); err != nil || !beats {
			return err
		}
	}
	return nil
}
