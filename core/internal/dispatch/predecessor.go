package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/timing"
	"github.com/chat-adapter/chat-go/core/state"
)

// signs are what tells, when a lock was just taken, that an instance which had it
// before may run a handler still: the lock was taken away from it, or lost with all
// that was in the state.
type signs struct {
	beats  bool // there is a heartbeat
	sought bool // the canary was looked for
	there  bool // the canary is there
}

// askSigns looks for the keys, while the caller does something else if they are far.
func (d *Dispatcher) askSigns(ctx context.Context, lock Key) answer[signs] {
	if d.inProcess {
		beats, err := d.isThere(ctx, lock.heartbeat())
		return known(signs{beats: beats}, err)
	}
	return ask(func() (signs, error) {
		canary := ask(func() (bool, error) { return d.isThere(ctx, canaryName) })
		beats, err := d.isThere(ctx, lock.heartbeat())
		there, missed := canary.get()
		return signs{beats: beats, sought: true, there: there}, errors.Join(err, missed)
	})
}

// isThere reports whether the state has the key.
func (d *Dispatcher) isThere(ctx context.Context, key string) (bool, error) {
	_, err := d.state.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// mayPrecede reports whether a handler of an instance that had the lock before may still
// run, and until when it may because the state was emptied.
func (h *hold) mayPrecede(ctx context.Context, s signs) bool {
	if s.sought {
		h.emptied = time.Now().Add(h.d.seeCanary(ctx, s.there))
	}
	h.beats = s.beats
	return s.beats || s.sought && time.Now().Before(h.emptied)
}

// await waits until no handler of an instance that had the lock before can be running,
// and looks again.
func (h *hold) await(ctx context.Context) State {
	if err := h.awaitPredecessor(ctx); err != nil {
		return h.fail(err)
	}
	h.alone = true
	return h.lookNext()
}

// awaitPredecessor waits until no handler of an instance that had the lock before can be
// running: then the queue may have changed.
func (h *hold) awaitPredecessor(ctx context.Context) error {
	for h.lease.Err() == nil && h.goesOn() && time.Now().Before(h.emptied) {
		timing.Sleep(h.lease.Context(), min(time.Until(h.emptied), 10*heartbeatPoll))
	}
	if h.beats {
		return h.awaitHeartbeat(ctx)
	}
	return nil
}
