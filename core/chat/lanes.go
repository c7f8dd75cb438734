package chat

import (
	"context"
	"sync"
	"time"
)

// lanes runs the handlers of this instance: one lane per lock that has work, and
// no more than a number of them at a time.
type lanes struct {
	chat *Chat

	mu      sync.Mutex
	byKey   map[string]*lane
	slots   int     // free
	queued  []*lane // ready, without a slot
	backlog backlog
	running int
	coming  int // messages being stored, of all lanes
	// aside counts what is asked of the state aside from any lane's turn: to give back
	// a lock that was not used, or what became of messages.
	aside    int
	stopping bool          // only lanes with messages that were stored here go on
	halted   bool          // none does
	resolved bool          // idle is closed
	idle     chan struct{} // closed when stopping and nothing goes on

	// spare goroutines wait here for a lane, because a goroutine whose stack has
	// grown is worth keeping.
	spare  chan *lane
	spares int
}

// maxSpares is how many goroutines wait for a lane.
const maxSpares = 64

func newLanes(c *Chat, slots int) *lanes {
	ls := &lanes{chat: c, byKey: map[string]*lane{}, slots: slots, idle: make(chan struct{}), spare: make(chan *lane, maxSpares)}
	if c.cfg.Durability == DurabilityInbox {
		ls.backlog.limit = backlogFactor * slots
	}
	return ls
}

// enter announces a message that is about to be stored; leave or arrive must
// follow. It reports whether the caller is to ask for the lock: then the lane
// starts with one of these calls, and not before.
func (ls *lanes) enter(key string, willing bool) (l *lane, asks bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l = ls.get(key)
	l.coming++
	ls.coming++
	if willing && l.state == laneIdle && ls.slots > 0 && !ls.stopping {
		ls.slots--
		ls.running++
		l.state = laneOpening
		return l, true
	}
	return l, false
}

// wake starts the lane to look for waiting messages.
func (ls *lanes) wake(key string, recovered bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.get(key)
	l.woken = true
	l.recovered = l.recovered || recovered
	ls.start(l)
	l.notify()
	l.forgetIdle()
}

// active reports whether this instance serves the key.
func (ls *lanes) active(key string) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.byKey[key]
	return l != nil && l.state != laneIdle
}

// awaitRest returns when this instance does not serve the key, or ctx has ended.
func (ls *lanes) awaitRest(ctx context.Context, key string) {
	ls.mu.Lock()
	l := ls.byKey[key]
	if l == nil || l.state == laneIdle {
		ls.mu.Unlock()
		return
	}
	if l.rested == nil {
		l.rested = make(chan struct{})
	}
	rested := l.rested
	ls.mu.Unlock()
	select {
	case <-rested:
	case <-ctx.Done():
	}
}

func (ls *lanes) get(key string) *lane {
	l := ls.byKey[key]
	if l == nil {
		l = &lane{all: ls, key: key}
		ls.byKey[key] = l
	}
	return l
}

func (ls *lanes) start(l *lane) {
	switch {
	case l.state != laneIdle || !ls.goesOn(l):
	case ls.slots > 0:
		ls.slots--
		ls.run(l)
	case !ls.remember():
		l.fresh, l.followed, l.woken, l.recovered = nil, nil, false, false
	default:
		l.state = laneQueued
		ls.queued = append(ls.queued, l)
	}
}

func (ls *lanes) run(l *lane) {
	ls.running++
	ls.serve(l)
}

// serve hands the lane, which has its slot, to a goroutine. The caller holds mu.
func (ls *lanes) serve(l *lane) {
	l.state = laneRunning
	ls.chat.watchCancels()
	if ls.spares > 0 {
		ls.spares--
		ls.spare <- l
		return
	}
	go ls.work(l)
}

// work serves lane after lane until it is one spare goroutine too many.
func (ls *lanes) work(l *lane) {
	for l != nil {
		l.serve(l.begun())
		l = ls.rest()
	}
}

// rest waits for a lane, unless enough others do or the bot stops.
func (ls *lanes) rest() *lane {
	ls.mu.Lock()
	if ls.stopping || ls.spares >= maxSpares {
		ls.mu.Unlock()
		return nil
	}
	ls.spares++
	ls.mu.Unlock()
	return <-ls.spare
}

// free gives a slot to the next lane. The caller holds mu.
func (ls *lanes) free() {
	ls.running--
	ls.catchUp()
	if len(ls.queued) == 0 {
		ls.slots++
		ls.checkIdle()
		return
	}
	next := ls.queued[0]
	ls.queued[0] = nil
	ls.queued = ls.queued[1:]
	ls.run(next)
}

// giveBack releases a lock that was taken for nothing.
func (ls *lanes) giveBack(held *lease) {
	held.end(context.Background())
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.aside--
	ls.checkIdle()
}

// resting reports whether no lane runs.
func (ls *lanes) resting() bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.running == 0
}

// cancel stops the thread's running turns that began before the time, with the
// cause. With interrupt it stops those only that a message may interrupt.
func (ls *lanes) cancel(id ThreadID, before time.Time, cause error, interrupt bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.byKey {
		if l.current != nil && l.thread == id && !l.started.After(before) && (l.interruptible || !interrupt) {
			l.current.stop(cause)
		}
	}
}
