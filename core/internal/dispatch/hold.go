package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// hold is what one goroutine has that serves a worker: the lock, if it has it, and what
// it knows of the queue under it. Only that goroutine uses it, but for abandon.
type hold struct {
	d     *Dispatcher
	w     *worker
	epoch int   // the worker's, when the goroutine began
	state State // the worker's, as long as the goroutine serves it
	inbox inbox
	grant grant // of the delivery that has taken the lock, until the first look

	// What follows is of one lock.

	lease *Lease
	local []*Item // stored by this instance, so they need no decoding
	fresh int     // how many of local have come since the last look
	queue []entry // what the last look has found
	// queueRoom is of queue, and batchRoom of batches, if there is one.
	queueRoom [1]entry
	batchRoom [1]*Batch
	seen      int // how many entries there were then, unreadable ones included
	looks     int // so far

	retries    retries
	subscribed subscription
	shares     *shares // nil in a program without groups
	suspect    bool    // what waits may have been tried by an instance that died
	alone      bool    // no other instance's handler can be running
	beats      bool    // a predecessor has a heartbeat
	emptied    time.Time
	restored   bool // items were stored again, behind younger ones
	window     window
	handled    bool // batches were made of the queue

	policy  *Policy
	batches []*Batch // to run, the first one now
	slot    *Lease   // of the batch that runs, if its policy bounds how many may
	waited  time.Duration
	rest    int // of the last batch: how many entries are left in the queue
	outcome outcome

	orphan   bool  // the worker has another goroutine
	ending   bool  // the lock was asked to be given back: nothing more may run under it
	released bool  // it was, with the last outcome
	depth    int   // if so: how many entries there were afterwards
	deferred int   // items that are left and wait for their next attempt
	err      error // why the lock is given back early
}

// holds are those that no goroutine has. Nothing but its goroutine keeps one: a lease and
// a batch outlive it, as a handler may keep its context and its event.
var holds = sync.Pool{New: func() any { return &hold{} }}

// recycle gives the hold up, whose goroutine has served its worker.
func (h *hold) recycle() {
	*h = hold{}
	holds.Put(h)
}

// reset prepares for another lock.
func (h *hold) reset(l *Lease) {
	if h.lease != nil {
		*h = hold{d: h.d, w: h.w, epoch: h.epoch, state: h.state, grant: h.grant}
	}
	h.lease, h.inbox = l, h.d.inbox
	if !h.d.cfg.Durable {
		h.inbox = &takenInbox{queueInbox: queueInbox{h.d.state}}
	}
}

// start serves the worker in a goroutine: in a spare one if there is any.
func (h *hold) start() {
	h.d.watchSignals()
	h.w.p.spares.run(h)
}

// serve does what the worker's state says, and enters the state that follows, until the
// worker is idle or another goroutine serves it.
func (h *hold) serve() {
	ctx := context.Background()
	for h.state != Idle {
		switch h.state {
		case Acquire:
			h.state = h.acquire(ctx)
		case Refused:
			h.state = h.awaitHolder()
		case Look:
			h.state = h.look(ctx)
		case Await:
			h.state = h.await(ctx)
		case Run:
			h.state = h.run(ctx)
		case Running:
			h.state = h.callHandlers()
		case Settle:
			h.state = h.settle(ctx)
		case Release:
			h.state = h.release(ctx)
		case Depth:
			h.state = h.compareDepth(ctx)
		default: // another goroutine's
			return
		}
	}
}

// enter changes the state.
func (h *hold) enter(s State) State {
	h.w.shard.mu.Lock()
	defer h.w.shard.mu.Unlock()
	h.w.to(s)
	return s
}

// acquire asks for the lock.
func (h *hold) acquire(ctx context.Context) State {
	lease, err := h.d.leases.acquire(ctx, h.w.key)
	switch {
	case errors.Is(err, state.ErrLocked):
		return h.enter(Refused)
	case err != nil:
		return h.backOff(err)
	}
	h.reset(lease)
	return h.lookNext()
}

// awaitHolder is what a worker does that was refused. Another instance looks at the queue
// again after it has released the lock, so it sees every item stored before this
// refusal. One that is still being stored needs a further attempt once it is.
func (h *hold) awaitHolder() State {
	w := h.w
	w.awaitComing()
	again := w.awaitOther()
	w.shard.mu.Lock()
	w.failures = 0
	if !again {
		w.refused++
		w.schedule()
	}
	w.woken = w.woken || again
	return h.unlockNext(w.next(h, true))
}

// awaitComing waits until an item has arrived or none is on its way.
func (w *worker) awaitComing() {
	for {
		w.shard.mu.Lock()
		if w.woken || w.coming == 0 || w.p.stopping.Load() {
			w.shard.mu.Unlock()
			return
		}
		signal := w.changed()
		w.shard.mu.Unlock()
		<-signal
	}
}

// unlockNext unlocks the worker, and frees the slot of one that has become idle.
func (h *hold) unlockNext(s State) State {
	h.w.shard.mu.Unlock()
	if s == Idle {
		h.w.p.freeSlot()
	}
	return s
}

// lookNext looks (again), unless the hold has to end.
func (h *hold) lookNext() State {
	h.w.shard.mu.Lock()
	defer h.w.shard.mu.Unlock()
	if h.lease.Err() != nil || !h.goesOnLocked() {
		return h.releaseLocked()
	}
	h.take()
	h.w.to(Look)
	return Look
}

// goesOn reports whether to look once more: at a shutdown only for items that
// were stored on this instance.
func (h *hold) goesOn() bool {
	if !h.w.p.stopping.Load() {
		return true
	}
	h.w.shard.mu.Lock()
	defer h.w.shard.mu.Unlock()
	return h.goesOnLocked()
}

func (h *hold) goesOnLocked() bool {
	return h.w.goesOn() || !h.w.p.halted.Load() && len(h.local) > 0
}

// take takes over what has arrived at the worker since the last look. If a delivery has
// looked for it, it may not have seen all. The caller holds the mutex.
func (h *hold) take() {
	w := h.w
	fresh := w.fresh
	h.suspect = h.suspect || w.recovered
	w.fresh, w.recovered, w.failures, w.patience = nil, false, 0, 0
	if !h.grant.looked {
		w.woken = false
		if len(w.followed) > 0 {
			fresh = append(w.followed, fresh...)
			w.followed = nil
		}
	}
	h.fresh = len(fresh)
	if len(h.local) == 0 {
		h.local = fresh
	} else {
		h.local = append(h.local, fresh...)
	}
}

// fail gives the lock back because of an error.
func (h *hold) fail(err error) State {
	h.err = err
	return h.releaseNext()
}

// releaseNext gives the lock back.
func (h *hold) releaseNext() State {
	h.w.shard.mu.Lock()
	defer h.w.shard.mu.Unlock()
	return h.releaseLocked()
}

func (h *hold) releaseLocked() State {
	h.w.follow(h.local)
	h.local = nil
	h.w.to(Release)
	return Release
}

// release gives the lock back.
func (h *hold) release(ctx context.Context) State {
	h.putBack()
	h.freeSlot(ctx)
	lost := h.lease.Err() != nil
	h.lease.end(ctx)
	if !lost {
		h.d.program.Report(ctx, Report{Step: LockReleased, Key: h.w.key})
	}
	if h.err != nil {
		return h.backOff(h.err)
	}
	h.w.shard.mu.Lock()
	defer h.w.shard.mu.Unlock()
	h.w.owes = false
	h.w.to(Depth)
	return Depth
}

// putBack returns what was not handled to the queue, where nothing is durable: in front
// of what has come since, while nobody else takes that out.
func (h *hold) putBack() {
	taken, ok := h.inbox.(*takenInbox)
	if !ok || len(taken.taken) == 0 {
		return
	}
	key := h.w.key.name
	err := h.persist(func(ctx context.Context) error {
		if !errors.Is(h.lease.Err(), state.ErrLockLost) {
			if _, err := taken.Waiting(ctx, key); err != nil {
				return err
			}
		}
		return taken.putBack(ctx, key)
	})
	if err != nil {
		h.d.log.Error("messages-lost", "key", key, "count", len(taken.taken), "error", err)
	}
}

// compareDepth looks whether something was stored while the lock was held, by an instance
// that it refused: that is seen here, after the release.
func (h *hold) compareDepth(ctx context.Context) State {
	depth := h.depth
	if !h.released {
		var err error
		if depth, err = h.d.state.QueueDepth(ctx, h.w.key.name); err != nil {
			return h.backOff(err)
		}
	}
	w := h.w
	w.shard.mu.Lock()
	switch {
	case depth > h.deferred:
		w.woken = true
	case h.deferred == 0 && len(w.followed) > 0:
		w.schedule()
	}
	return h.unlockNext(w.next(h, false))
}

// backOff tries again after a failure of the state backend.
func (h *hold) backOff(err error) State {
	w := h.w
	w.shard.mu.Lock()
	w.failures++
	delay := min(100*time.Millisecond<<min(w.failures, 10), 5*time.Second)
	next := h.unlockNext(w.next(h, false))
	h.d.log.Warn("state-failed", "key", w.key.name, "retry_in", delay, "error", err)
	w.wakeAfter(delay)
	return next
}

// abandon implements abandoner: it gives up the goroutine whose handler has ignored the
// end of its context until the lock has expired, and serves the worker with a new one. If
// the handler has returned, the goroutine may have another lock by now.
func (w *worker) abandon(l *Lease) {
	d := w.p.d
	w.shard.mu.Lock()
	if w.running.lease != l {
		w.shard.mu.Unlock()
		return
	}
	w.epoch++
	item, cause := w.running.item, l.Err()
	w.running = running{}
	w.woken, w.recovered = true, true
	next := w.newHold()
	w.begin(next)
	w.shard.mu.Unlock()
	d.program.Report(context.Background(), Report{Step: Abandoned, Item: item, Err: cause})
	d.program.GivenUp(item) // before it is tried again, which takes the mark away
	next.start()
}

// endOrphan ends a hold whose handler has returned after the worker was given to another
// goroutine.
func (h *hold) endOrphan(ctx context.Context) {
	w := h.w
	w.shard.mu.Lock()
	followed := len(h.local) > 0
	w.follow(h.local)
	h.local = nil
	if followed && len(w.followed) > 0 {
		w.schedule()
	}
	w.shard.mu.Unlock()
	if taken, ok := h.inbox.(*takenInbox); ok && len(taken.taken) > 0 {
		h.putBack()
		w.p.wake(w.key, false)
	}
	h.freeSlot(ctx)
	h.lease.end(ctx)
}
