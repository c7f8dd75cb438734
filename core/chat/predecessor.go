package chat

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A lock that was free may have been taken away from an instance whose handler still
// runs, or lost with all that was in the state. Two signs tell: the beacon of the
// handler and the epoch of the state.

// signs are the keys to look at when the lock was just taken.
func (c *Chat) signs(lock string) []string {
	if c.turns.nearby.Load() {
		return []string{beaconKey(lock)} // nobody else can empty a state in this process
	}
	return []string{beaconKey(lock), epochKey}
}

// askSigns asks what they hold.
func (c *Chat) askSigns(ctx context.Context, lock string) pending[[][]byte] {
	if c.turns.nearby.Load() {
		return here(c.readSigns(ctx, lock))
	}
	return ask(func() ([][]byte, error) { return c.readSigns(ctx, lock) })
}

// readSigns returns what they hold.
func (c *Chat) readSigns(ctx context.Context, lock string) ([][]byte, error) {
	keys := c.signs(lock)
	values := make([][]byte, len(keys))
	var epoch pending[[]byte]
	if len(keys) > 1 {
		epoch = ask(func() ([]byte, error) { return c.read(ctx, keys[1]) })
	}
	var err error
	if values[0], err = c.read(ctx, keys[0]); epoch.asked() {
		value, failed := epoch.get()
		values[1], err = value, errors.Join(err, failed)
	}
	return values, err
}

// read returns a value of the state, or nil if it is absent.
func (c *Chat) read(ctx context.Context, key string) ([]byte, error) {
	value, err := c.state.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// awaitPredecessor waits until no handler of an instance that had the lock before can
// be running. It reports whether it had to: then the queue may have changed.
func (d *drain) awaitPredecessor(ctx context.Context, signs pending[[][]byte]) (waited bool, err error) {
	values, err := signs.get()
	if err != nil {
		return false, err
	}
	if len(values) > 1 {
		end := time.Now().Add(d.chat.judgeEpoch(ctx, string(values[1])))
		for ; d.held.err() == nil && d.goesOn() && time.Now().Before(end); waited = true {
			sleep(d.held.ctx, min(time.Until(end), 10*beaconPoll))
		}
	}
	if values[0] != nil {
		return true, d.awaitDark(ctx)
	}
	return waited, nil
}
