package chat

import (
	"context"
	"slices"
	"time"
)

// What this instance has accepted it handles before it ends, or sees handled by
// another that has the lock: others would find it only when it has waited for as
// long as a lock lives. What others have accepted it leaves to them.

// stop lets lanes end when they have handled what was stored on this instance.
// The channel is closed when none runs.
func (ls *lanes) stop() <-chan struct{} {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if !ls.stopping {
		ls.stopping = true
		ls.spares = 0
		close(ls.spare)
		for _, l := range ls.byKey {
			if l.owes {
				ls.start(l)
			}
		}
		ls.dropQueued(func(l *lane) bool { return !ls.goesOn(l) })
	}
	return ls.idle
}

// halt lets no lane go on. It comes after stop.
func (ls *lanes) halt() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.halted = true
	ls.dropQueued(func(*lane) bool { return true })
}

// dropQueued takes lanes back that wait for a slot, and has all who wait see
// whether to go on. The caller holds mu.
func (ls *lanes) dropQueued(which func(*lane) bool) {
	ls.queued = slices.DeleteFunc(ls.queued, func(l *lane) bool {
		if !which(l) {
			return false
		}
		l.state = laneIdle
		return true
	})
	for _, l := range ls.byKey {
		l.notify()
	}
	ls.checkIdle()
}

// goesOn reports whether the lane may look for work. The caller holds mu.
func (ls *lanes) goesOn(l *lane) bool {
	return !ls.stopping || (l.owes || len(l.fresh) > 0) && !ls.halted && !ls.resolved
}

// otherPause is how long a lane waits at a shutdown for another instance.
const otherPause = 50 * time.Millisecond

// awaitOther waits, at a shutdown, for the instance that has the lock, which may
// be about to end too and leave what was stored here. It reports whether to ask
// for the lock again.
func (l *lane) awaitOther() bool {
	ls := l.all
	ls.mu.Lock()
	if !ls.stopping || !ls.goesOn(l) {
		ls.mu.Unlock()
		return false
	}
	signal, known := l.awaited(), len(l.fresh)
	ls.mu.Unlock()
	timer := time.NewTimer(otherPause)
	select {
	case <-timer.C:
	case <-signal:
		timer.Stop()
	}
	ls.mu.Lock()
	l.follow(l.fresh[:known])
	l.fresh, l.owes = l.fresh[known:], true
	ls.mu.Unlock()
	empty, err := l.seekFollowed(context.Background())
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l.owes = err != nil || !empty
	return ls.goesOn(l)
}

// paid notes that what was stored here before has been looked at under the lock.
func (l *lane) paid() {
	l.all.mu.Lock()
	l.owes = false
	l.all.mu.Unlock()
}

// checkIdle closes idle if it is time. The caller holds mu.
func (ls *lanes) checkIdle() {
	storing := ls.coming > 0 && !ls.halted
	if ls.stopping && !ls.resolved && !storing && ls.running == 0 && ls.aside == 0 && len(ls.queued) == 0 {
		ls.resolved = true
		close(ls.idle)
	}
}

// goesOn reports whether to look once more: at a shutdown only for messages that
// were stored on this instance.
func (d *drain) goesOn() bool {
	ls := d.lane.all
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.goesOn(d.lane) || !ls.halted && len(d.local) > 0
}
