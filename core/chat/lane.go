package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// lane is one lock's work on this instance. A lane exists while it runs, waits
// for a slot, or has a message on its way. Its fields are guarded by lanes.mu.
type lane struct {
	all *lanes
	key string

	coming    int           // messages being stored
	fresh     []*arrival    // messages stored here since the lane last looked
	owes      bool          // some were that the lane let go without having looked
	followed  []*arrival    // messages stored here that the lane let go
	woken     bool          // look again before ending
	recovered bool          // woken by the sweep: what waits may have been tried before
	grants    []grant       // locks taken for it by deliver
	signal    chan struct{} // made by who waits: something of the above has changed
	rested    chan struct{} // made by who waits: closed when the lane ends
	state     laneState
	turn      int           // changes when the goroutine that served it is given up
	failures  int           // of the state backend, in a row
	again     bool          // it looks again later, as another instance holds its lock
	patience  time.Duration // of the last such look
	refused   int           // how often another instance held its lock

	current *lease   // of the running turn
	running *arrival // what it handles
	thread  ThreadID
	started time.Time
	// interruptible says that a message may cancel the turn.
	interruptible bool
}

type laneState int

const (
	laneIdle    laneState = iota
	laneOpening           // a delivery asks for the lock and starts the lane afterwards
	laneQueued
	laneRunning
)

// grant is a lock that a delivery has taken for its lane, with what it saw in the
// queue, if it looked.
type grant struct {
	lease *lease

	looked     bool
	waiting    []state.WaitingEntry
	subscribed subscription
	signs      signs
}

func (l *lane) notify() {
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

// awaited returns the channel that tells of a change. The caller holds mu.
func (l *lane) awaited() <-chan struct{} {
	if l.signal == nil {
		l.signal = make(chan struct{}, 1)
	}
	return l.signal
}

// leave ends what enter began, without a message. Whoever asked for the lock
// says so, and what it got.
func (l *lane) leave(asked bool, g grant) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	l.endArrival(asked, g)
	l.forgetIdle()
	l.notify()
	l.all.checkIdle()
}

// arrive ends what enter began: the message is stored.
func (l *lane) arrive(arr *arrival, asked bool, g grant) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	l.fresh = append(l.fresh, arr)
	// What the delivery has looked at itself is no news.
	l.woken = l.woken || !g.looked
	l.endArrival(asked, g)
	l.all.start(l)
	l.forgetIdle()
	l.notify()
	l.all.checkIdle()
}

// endArrival counts one message less on its way, and goes on with a lane that has
// waited for the lock. The caller holds mu.
func (l *lane) endArrival(asked bool, g grant) {
	ls := l.all
	l.coming--
	ls.coming--
	if g.lease != nil {
		l.grants = append(l.grants, g)
	}
	switch {
	case asked && (len(l.fresh) > 0 || l.woken || g.lease != nil) && ls.goesOn(l):
		ls.serve(l)
	case asked:
		l.letGo()
	case g.lease != nil:
		if ls.start(l); l.state == laneIdle {
			l.giveBack()
		}
	}
}

// letGo ends a lane that has a slot and nothing to do. The caller holds mu.
func (l *lane) letGo() {
	l.owes = l.owes || len(l.fresh) > 0
	l.follow(l.fresh)
	l.fresh = nil
	l.giveBack()
	l.state = laneIdle
	if l.rested != nil {
		close(l.rested)
		l.rested = nil
	}
	l.forgetIdle()
	l.all.free()
}

// giveBack releases the locks that were taken for the lane. The caller holds mu.
func (l *lane) giveBack() {
	for _, g := range l.grants {
		l.all.aside++
		go l.all.giveBack(g.lease)
	}
	l.grants = nil
}

// serve runs the lane until it has nothing to do. turn tells whether this
// goroutine still owns the lane.
func (l *lane) serve(turn int) {
	for l.hold(turn) {
	}
}

// hold takes the lock once and handles what waits. It reports whether to go on.
func (l *lane) hold(turn int) bool {
	c := l.all.chat
	ctx := context.Background()
	g, stop := l.begin()
	if stop {
		return l.finish(turn, false)
	}
	held := g.lease
	if held == nil {
		var err error
		held, err = c.leases.acquire(ctx, l.key)
		if errors.Is(err, state.ErrLocked) {
			// Another instance looks at the queue again after it has released the
			// lock, so it sees every message stored before this refusal. One that is
			// still being stored needs a further attempt once it is.
			l.awaitComing()
			l.clearFailures()
			if l.awaitOther() {
				return true
			}
			l.lookAgain()
			return l.finish(turn, true)
		}
		if err != nil {
			l.backOff(err)
			return l.finish(turn, false)
		}
	}
	held.abandoned = func() { l.abandon(turn, held) }
	c.observeLock(StepLockAcquired, l.key)
	end, err := l.drain(turn, held, g)
	lost := !end.released && held.err() != nil
	if !end.released {
		held.end(ctx)
	}
	if !lost {
		c.observeLock(StepLockReleased, l.key)
	}
	if !l.owns(turn) {
		return false // abandoned: another goroutine has taken over
	}
	if err != nil {
		l.backOff(err)
		return l.finish(turn, false)
	}
	l.paid()
	// What was stored while the lock was held, by an instance that it refused, is
	// seen here: after the release.
	depth := end.depth
	if !end.released {
		if depth, err = c.state.QueueDepth(ctx, l.key); err != nil {
			l.backOff(err)
			return l.finish(turn, false)
		}
	}
	switch {
	case depth > end.deferred:
		l.wakeAgain()
	case end.deferred == 0:
		l.seekLater()
	}
	return l.finish(turn, false)
}

// begin notes that the lane looks now, unless a delivery has looked for it. It
// reports true if it must stop.
func (l *lane) begin() (grant, bool) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	if !l.all.goesOn(l) {
		return grant{}, true
	}
	var g grant
	if len(l.grants) > 0 {
		g = l.grants[0]
		l.grants = slices.Delete(l.grants, 0, 1)
	}
	if !g.looked {
		l.woken = false
	}
	return g, false
}

// awaitComing waits until a message has arrived or none is on its way.
func (l *lane) awaitComing() {
	for {
		l.all.mu.Lock()
		done := l.woken || l.coming == 0 || l.all.stopping
		if done {
			l.all.mu.Unlock()
			return
		}
		signal := l.awaited()
		l.all.mu.Unlock()
		<-signal
	}
}

// finish ends the lane unless it has work. It reports whether it has. A refused lane
// also goes on if a shutdown has begun meanwhile: it then waits for the other
// instance.
func (l *lane) finish(turn int, refused bool) bool {
	ls := l.all
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l.turn != turn {
		return false
	}
	if (l.woken || len(l.grants) > 0 || refused && ls.stopping) && ls.goesOn(l) {
		return true
	}
	l.letGo()
	return false
}

// forgetIdle lets go of a lane that has nothing to do. The caller holds mu.
func (l *lane) forgetIdle() {
	if l.state == laneIdle && l.coming == 0 && l.failures == 0 && !l.again && len(l.followed) == 0 {
		delete(l.all.byKey, l.key)
	}
}

// firstLook is how soon after a refusal a lane looks again.
const firstLook = 250 * time.Millisecond

// lookAgain looks later for what waits: soon first, then after longer and longer
// times, up to a sweep's interval. The instance that holds the lock may shut down
// or die before it looks, and the sweep does not see a thread as left behind
// while messages keep coming to it.
func (l *lane) lookAgain() {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	l.refused++
	l.schedule()
}

// seekLater looks later for messages that the lane has let go, if there are any.
func (l *lane) seekLater() {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	if len(l.followed) > 0 {
		l.schedule()
	}
}

// schedule schedules the next look. The caller holds mu.
func (l *lane) schedule() {
	ls := l.all
	if l.again || ls.stopping {
		return
	}
	l.again = true
	l.patience = min(max(2*l.patience, firstLook), ls.chat.cfg.Lock.SweepInterval)
	time.AfterFunc(l.patience-rand.N(l.patience/8+1), func() {
		ls.mu.Lock()
		if ls.stopping {
			l.again = false
			ls.mu.Unlock()
			return
		}
		ls.aside++
		refused, longest := l.refused, l.patience >= ls.chat.cfg.Lock.SweepInterval
		ls.mu.Unlock()
		empty, err := l.seekFollowed(context.Background())
		if longest && err == nil && !empty { // another program may hold the lock for long
			err = ls.chat.extendQueue(context.Background(), l.key)
		}
		ls.mu.Lock()
		l.again = false
		ls.aside--
		ls.checkIdle()
		if err == nil && empty && l.refused == refused && len(l.followed) == 0 {
			l.owes = false
			l.forgetIdle()
			ls.mu.Unlock()
			return
		}
		ls.mu.Unlock()
		ls.wake(l.key, true)
	})
}

func (l *lane) wakeAgain() {
	l.all.mu.Lock()
	l.woken = true
	l.all.mu.Unlock()
}

// backOff tries the lane again after a failure of the state backend.
func (l *lane) backOff(err error) {
	l.all.mu.Lock()
	l.failures++
	delay := min(100*time.Millisecond<<min(l.failures, 10), 5*time.Second)
	l.all.mu.Unlock()
	l.all.chat.log.Warn("state-failed", "key", l.key, "retry_in", delay, "error", err)
	l.wakeAfter(delay)
}

// clearFailures notes that the state backend works.
func (l *lane) clearFailures() {
	l.all.mu.Lock()
	l.failures = 0
	l.all.mu.Unlock()
}

// wakeAfter wakes the lane again later.
func (l *lane) wakeAfter(delay time.Duration) {
	key := l.key
	time.AfterFunc(delay, func() { l.all.wake(key, false) })
}

// setCurrent notes the running turn, for cancel.
func (l *lane) setCurrent(held *lease, arr *arrival, interruptible bool) {
	l.all.mu.Lock()
	l.current, l.running, l.thread, l.started, l.interruptible = held, arr, arr.msg.ThreadID, time.Now(), interruptible
	l.all.mu.Unlock()
}

// clearCurrent ends what setCurrent began, unless the lane was given up.
func (l *lane) clearCurrent(held *lease) {
	l.all.mu.Lock()
	if l.current == held {
		l.current = nil
	}
	l.all.mu.Unlock()
}

// takeFresh returns what has arrived here since the last look. With again the
// lane looks now; otherwise a delivery has done so, and may not have seen all.
func (l *lane) takeFresh(again bool) (fresh []*arrival, recovered bool) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	fresh, recovered = l.fresh, l.recovered
	l.fresh, l.recovered, l.failures, l.patience = nil, false, 0, 0
	if again {
		l.woken = false
		fresh = append(l.followed, fresh...)
		l.followed = nil
	}
	return fresh, recovered
}

// hasNews reports whether something has arrived since the last look.
func (l *lane) hasNews() bool {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	return l.woken
}

// abandon gives the goroutine of the lane up, whose handler has ignored the end
// of its context until the lock expired, and serves the lane with a new one.
func (l *lane) abandon(turn int, held *lease) {
	ls := l.all
	ls.mu.Lock()
	if l.turn != turn || l.current != held {
		ls.mu.Unlock()
		return
	}
	l.turn++
	l.current = nil
	l.woken = true
	l.recovered = true
	next, running := l.turn, l.running
	ls.mu.Unlock()
	ls.chat.observe(context.Background(), Observation{
		Step: StepAbandoned, Adapter: l.thread.Adapter(), Thread: l.thread, Err: held.err(),
	})
	go func() {
		if running.event == nil { // before it is tried again, which takes the mark away
			ls.chat.markFailed(running.adapter, running.msg)
		}
		l.serve(next)
	}()
}

// begun returns the turn that a goroutine starts to serve.
func (l *lane) begun() int {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	return l.turn
}

// owns reports whether the goroutine still owns the lane.
func (l *lane) owns(turn int) bool {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	return l.turn == turn
}
