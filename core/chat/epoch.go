package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"time"
)

// A state that was emptied, or came back without its data, has lost every lock,
// and with them what tells that a handler runs. What shows it is one value that is
// written once and never changed: the state's epoch.

const (
	epochKey = reservedName + ":epoch"
	// epochPatience is how long after a change of the epoch no handler is called:
	// within it every instance has looked at its locks.
	epochPatience = time.Second
)

// epoch is the state's epoch as this instance knows it.
type epoch struct {
	mu      sync.Mutex
	known   string    // empty: not read yet
	changed time.Time // when another value was first read; zero: never
}

// judge takes what was read. It returns for how long handlers may still run under
// locks that are gone, and whether this is news. An empty value is an absent key.
func (e *epoch) judge(value string, now time.Time) (wait time.Duration, news bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == "" || value == e.known {
		e.known, e.changed = value, time.Time{}
		return 0, false
	}
	if news = e.changed.IsZero(); news {
		e.changed = now
	}
	if wait = e.changed.Add(epochPatience).Sub(now); wait > 0 {
		return wait, news
	}
	if value != "" {
		e.known, e.changed = value, time.Time{}
	}
	return 0, news
}

// judgeEpoch takes what was read of the epoch and returns for how long to call no
// handler. When the epoch has changed, every lock of this instance is looked at.
func (c *Chat) judgeEpoch(ctx context.Context, value string) time.Duration {
	wait, news := c.epoch.judge(value, time.Now())
	if news {
		c.log.WarnContext(ctx, "state-emptied")
		c.leases.recheck(func(string) bool { return true })
	}
	if value == "" {
		c.writeEpoch(ctx)
	}
	return wait
}

// writeEpoch gives a state its epoch unless it has one. Whether this succeeds is
// seen when it is next read.
func (c *Chat) writeEpoch(ctx context.Context) {
	value, err := json.Marshal(rand.Text())
	if err != nil {
		return
	}
	_, _ = c.state.SetIfNotExists(ctx, epochKey, value, 0)
}

// openEpoch learns the epoch of a state that has just been connected. Without it
// the first reading later on counts.
func (c *Chat) openEpoch(ctx context.Context) {
	for range 2 {
		value, err := c.read(ctx, epochKey)
		if err != nil {
			return
		}
		if c.judgeEpoch(ctx, string(value)); value != nil {
			return
		}
	}
}

// watchEpoch sees whether the state has been emptied.
func (c *Chat) watchEpoch(ctx context.Context) {
	if c.turns.nearby.Load() {
		return
	}
	if value, err := c.read(ctx, epochKey); err == nil {
		c.judgeEpoch(ctx, string(value))
	}
}
