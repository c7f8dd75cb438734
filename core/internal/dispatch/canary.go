package dispatch

import (
	"context"
	"sync"
	"time"
)

// A state that was emptied, or came back without its data, has lost every lock, and
// with them what tells that a handler runs. What shows it is a key that is always
// there, the canary: when it is gone, so is everything else. It is put back only
// when all instances must have missed it.

// canaryPatience is how long after the canary was missed no handler is called.
// Within it every instance that runs handlers has missed it, too, and has looked
// at its locks.
const canaryPatience = time.Second

// canary is what this instance has seen of the key.
type canary struct {
	mu     sync.Mutex
	missed time.Time // zero: it was there when it was last looked for
}

// look takes whether the key was there. It returns for how long handlers may still
// run under locks that are gone, and whether this is news.
func (k *canary) look(there bool, now time.Time) (wait time.Duration, news bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if there {
		k.missed = time.Time{}
		return 0, false
	}
	if news = k.missed.IsZero(); news {
		k.missed = now
	}
	return max(0, k.missed.Add(canaryPatience).Sub(now)), news
}

// seeCanary takes whether the canary was there and returns for how long to call no
// handler. When it is missed, every lock of this instance is looked at.
func (d *Dispatcher) seeCanary(ctx context.Context, there bool) time.Duration {
	wait, news := d.canary.look(there, time.Now())
	switch {
	case there:
	case news:
		d.log.WarnContext(ctx, "state-emptied")
		d.leases.recheck(func(string) bool { return true })
	case wait == 0:
		d.putCanary(ctx)
	}
	return wait
}

// putCanary puts the canary into the state. Whether that succeeds is seen when it is
// next looked for.
func (d *Dispatcher) putCanary(ctx context.Context) {
	_, _ = d.state.SetIfNotExists(ctx, canaryName, signValue, 0)
}

// watchCanary sees whether the state has been emptied.
func (d *Dispatcher) watchCanary(ctx context.Context) {
	if !d.inProcess {
		if there, err := d.isThere(ctx, canaryName); err == nil {
			d.seeCanary(ctx, there)
		}
	}
}
