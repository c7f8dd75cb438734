package dispatch

import (
	"math/rand/v2"
	"slices"
	"time"
)

// worker does one key's work on this instance. A worker exists while it is served,
// waits for a slot, has an item on its way, or follows one. Its fields are guarded by
// the mutex of its shard; each transition takes it once.
type worker struct {
	p     *pool
	shard *shard
	key   Key

	state State
	epoch int // changes when the goroutine that served it is abandoned

	coming    int     // items being stored
	fresh     []*Item // items stored here since the worker last looked
	owes      bool    // some were that the worker let go of without having looked
	followed  []*Item // items stored here that the worker let go of
	woken     bool    // look again before ending
	recovered bool    // woken by the sweep: what waits may have been tried before
	grants    []grant // locks taken for it by deliveries
	failures  int     // of the state backend, in a row
	scheduled bool    // it looks again later, as another instance has its lock
	patience  time.Duration
	refused   int // how often another instance had its lock

	signal chan struct{} // made by the goroutine that waits: something of the above has changed
	idle   chan struct{} // made by the goroutine that waits: closed when the worker is idle

	running running

	// Each of these is used once. They spare a worker with one item its allocations.
	room   [1]*Item
	lease  Lease
	roomed bool
	leased bool
}

// running is the attempt that runs, for cancel. Without one its lease is nil.
type running struct {
	lease *Lease
	item  *Item
	since time.Time
	// interruptible says that an item may cancel it.
	interruptible bool
}

// to changes the state. The caller holds the mutex.
func (w *worker) to(s State) {
	if !s.canFollow(w.state) {
		w.p.d.log.Error("worker-state-unexpected", "key", w.key.name, "from", w.state.String(), "to", s.String())
	}
	w.state = s
}

// notify tells the goroutines that wait that something has changed. The caller holds the mutex.
func (w *worker) notify() {
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// changed returns the channel that tells of a change. The caller holds the mutex.
func (w *worker) changed() <-chan struct{} {
	if w.signal == nil {
		w.signal = make(chan struct{}, 1)
	}
	return w.signal
}

// leave ends what enter began, without an item.
func (w *worker) leave(x *delivery) {
	w.shard.mu.Lock()
	freed := w.endDelivery(x)
	w.endEntrance(freed)
}

// arrive ends what enter began: the item is stored.
func (w *worker) arrive(x *delivery) {
	w.shard.mu.Lock()
	w.addFresh(x.Item)
	// What the delivery has looked at itself is no news.
	w.woken = w.woken || !x.grant.looked
	freed := w.endDelivery(x)
	w.start()
	w.endEntrance(freed)
}

// endEntrance unlocks the mutex and ends what enter began for the pool.
func (w *worker) endEntrance(freed bool) {
	w.forgetIdle()
	w.notify()
	w.shard.mu.Unlock()
	if freed {
		w.p.freeSlot()
	}
	w.p.serveQueued()
	w.p.endDelivery()
}

func (w *worker) addFresh(it *Item) {
	if w.fresh == nil && !w.roomed {
		w.roomed = true
		w.fresh = w.room[:0]
	}
	w.fresh = append(w.fresh, it)
}

// endDelivery counts one item less on its way, and goes on with a worker that has waited
// for the lock. It reports whether its slot is to be freed. The caller holds the mutex.
func (w *worker) endDelivery(x *delivery) (freed bool) {
	w.coming--
	locked := x.grant.lease != nil
	switch {
	case x.opens && (len(w.fresh) > 0 || w.woken || locked) && w.goesOn():
		h := w.newHold()
		h.grant = x.grant
		w.begin(h)
		h.start()
	case x.opens:
		if locked {
			w.p.giveBack(x.grant.lease)
		}
		w.letGo()
		return true
	case locked:
		w.grants = append(w.grants, x.grant)
		if w.start(); w.state == Idle {
			w.giveBackGrants()
		}
	}
	return false
}

// start serves the worker, or lets it wait for a slot, if it is idle and may go on. The
// caller holds the mutex and calls serveQueued afterwards.
func (w *worker) start() {
	switch p := w.p; {
	case w.state != Idle || !w.goesOn():
	case p.takeSlot():
		w.serve()
	case p.queued.add(w):
		p.aside.Add(1)
		w.to(Queued)
	default: // it is found again in the state
		w.fresh, w.followed, w.woken, w.recovered = nil, nil, false, false
	}
}

// serve hands the worker, which has its slot, to a goroutine. The caller holds the mutex.
func (w *worker) serve() {
	if !w.p.beginServing() {
		if w.state == Queued {
			w.to(Idle)
		}
		return
	}
	h := w.newHold()
	w.begin(h)
	h.start()
}

// newHold returns what the next goroutine has. The caller holds the mutex.
func (w *worker) newHold() *hold {
	h := holds.Get().(*hold)
	h.w, h.d, h.epoch = w, w.p.d, w.epoch
	return h
}

// takeLease returns an empty lease, to the delivery that has opened the worker.
func (w *worker) takeLease() *Lease {
	if w.leased {
		return &Lease{}
	}
	w.leased = true
	return &w.lease
}

// begin enters the first state of a hold: with a lock that a delivery has taken the
// worker looks, else it asks for it. The caller holds the mutex.
func (w *worker) begin(h *hold) {
	if h.grant.lease == nil && len(w.grants) > 0 {
		h.grant = w.grants[0]
		w.grants = slices.Delete(w.grants, 0, 1)
	}
	if h.grant.lease == nil {
		w.woken = false
		w.to(Acquire)
	} else {
		h.reset(h.grant.lease)
		h.take()
		w.to(Look)
	}
	h.state = w.state
}

// letGo makes the worker idle. Its slot is freed by the caller, who holds the mutex.
func (w *worker) letGo() {
	w.owes = w.owes || len(w.fresh) > 0
	w.follow(w.fresh)
	w.fresh = nil
	w.giveBackGrants()
	w.to(Idle)
	if w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
	w.forgetIdle()
}

// giveBackGrants releases the locks that were taken for the worker. The caller holds the
// mutex.
func (w *worker) giveBackGrants() {
	for _, g := range w.grants {
		w.p.giveBack(g.lease)
	}
	w.grants = nil
}

// forgetIdle forgets a worker that has nothing to do. The caller holds the mutex.
func (w *worker) forgetIdle() {
	// One that an abandoned goroutine still has may have a successor.
	if w.state == Idle && w.coming == 0 && w.failures == 0 && !w.scheduled && len(w.followed) == 0 && w.shard.workers[w.key.name] == w {
		delete(w.shard.workers, w.key.name)
	}
}

// goesOn reports whether the worker may look for work. The caller holds the mutex.
func (w *worker) goesOn() bool {
	p := w.p
	return !p.stopping.Load() || (w.owes || len(w.fresh) > 0) && !p.halted.Load() && !p.resolved.Load()
}

// next enters the state after the worker has given its lock back, or was refused it. One
// that was refused also goes on if a shutdown has begun meanwhile: it then waits for the
// other instance. The caller holds the mutex, and frees the slot of an idle worker.
func (w *worker) next(h *hold, refused bool) State {
	if (w.woken || len(w.grants) > 0 || refused && w.p.stopping.Load()) && w.goesOn() {
		h.grant = grant{}
		w.begin(h)
		return h.state
	}
	w.letGo()
	return Idle
}

// find returns the item with the id if this instance has stored it and has let it
// go, or has not looked at it yet.
func (w *worker) find(id string) *Item {
	w.shard.mu.Lock()
	defer w.shard.mu.Unlock()
	for _, list := range [...][]*Item{w.followed, w.fresh} {
		for _, it := range list {
			if it.ID == id {
				return it
			}
		}
	}
	return nil
}

// wakeAfter wakes the worker again later.
func (w *worker) wakeAfter(delay time.Duration) {
	p, key := w.p, w.key
	time.AfterFunc(delay, func() { p.wake(key, false) })
}

// firstLook is how soon after a refusal a worker looks again.
const firstLook = 250 * time.Millisecond

// schedule has the worker look later for what waits: soon first, then after longer and
// longer times, up to a sweep's interval. The instance that has the lock may shut down
// or die before it looks, and the sweep does not see a key as left behind while items
// keep coming to it. The caller holds the mutex.
func (w *worker) schedule() {
	if w.scheduled || w.p.stopping.Load() {
		return
	}
	w.scheduled = true
	w.patience = min(max(2*w.patience, firstLook), w.p.d.cfg.SweepInterval)
	time.AfterFunc(w.patience-rand.N(w.patience/8+1), w.lookLater)
}
