package chat

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// signs are what tells, when a lock was just taken, that an instance which had it
// before may run a handler still: the lock was taken away from it, or lost with all
// that was in the state.
type signs struct {
	lit    bool // there is a beacon
	sought bool // the canary was looked for
	there  bool // the canary is there
}

// signValue is what a beacon and the canary hold: that they are there is what counts.
var signValue = []byte("true")

// signKeys puts the keys to look for into the place and returns them.
func (c *Chat) signKeys(place *[2]string, lock string) []string {
	place[0], place[1] = runningKey(lock), canaryKey
	if c.inProcess {
		return place[:1]
	}
	return place[:]
}

// newSigns returns what was found of the keys.
func newSigns(keys, found []string) signs {
	return signs{lit: slices.Contains(found, keys[0]), sought: len(keys) > 1, there: slices.Contains(found, canaryKey)}
}

// askSigns looks for the keys, while the caller does something else if they are far.
func (c *Chat) askSigns(ctx context.Context, lock string) pending[signs] {
	if c.inProcess {
		lit, err := c.isThere(ctx, runningKey(lock))
		return here(signs{lit: lit}, err)
	}
	return ask(func() (signs, error) {
		canary := ask(func() (bool, error) { return c.isThere(ctx, canaryKey) })
		lit, err := c.isThere(ctx, runningKey(lock))
		there, missed := canary.get()
		return signs{lit: lit, sought: true, there: there}, errors.Join(err, missed)
	})
}

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
func (d *drain) awaitPredecessor(ctx context.Context, asked pending[signs]) (waited bool, err error) {
	s, err := asked.get()
	if err != nil {
		return false, err
	}
	if s.sought {
		end := time.Now().Add(d.chat.seeCanary(ctx, s.there))
		for ; d.held.err() == nil && d.goesOn() && time.Now().Before(end); waited = true {
			sleep(d.held.ctx, min(time.Until(end), 10*beaconPoll))
		}
	}
	if s.lit {
		return true, d.awaitDark(ctx)
	}
	return waited, nil
}
