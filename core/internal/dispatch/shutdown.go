package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
)

// What this instance has accepted it handles before it ends, or sees handled by
// another that has the lock: others would find it only when it has waited for as
// long as a lock lives. What others have accepted it leaves to them.

// cancelGrace is how long cancelled handlers may take to return at a shutdown.
const cancelGrace = 2 * time.Second

// errHandlersHang is returned by Shutdown for handlers that ignore their context.
var errHandlersHang = errors.New("chat: handlers ignored the end of their context and were left behind")

// Shutdown handles what this instance has accepted until ctx ends; then it cancels
// running handlers with ErrShutdown and gives the locks back. It is called once.
func (d *Dispatcher) Shutdown(ctx context.Context) error {
	defer d.signals.stop()
	defer d.pool.spares.close()
	d.pool.stop()
	select {
	case <-d.pool.idle:
		return nil
	case <-ctx.Done():
	}
	d.pool.halt()
	d.leases.cancelAll(fault.ErrShutdown)
	timer := time.NewTimer(cancelGrace)
	defer timer.Stop()
	select {
	case <-d.pool.idle:
		return nil
	case <-timer.C:
		return errHandlersHang
	}
}

// stop lets workers end when they have handled what was stored on this instance. idle is
// closed when none is served.
func (p *pool) stop() {
	p.stopping.Store(true)
	p.eachWorker(func(w *worker) {
		if w.owes {
			w.start()
		}
		if !w.goesOn() {
			w.leaveQueue()
		}
		w.notify()
	})
	p.serveQueued()
	p.checkIdle()
}

// halt lets no worker go on. It comes after stop.
func (p *pool) halt() {
	p.halted.Store(true)
	p.eachWorker(func(w *worker) {
		w.leaveQueue()
		w.notify()
	})
	p.checkIdle()
}

// eachWorker calls do for each worker, with its mutex locked.
func (p *pool) eachWorker(do func(*worker)) {
	for i := range p.shards {
		s := &p.shards[i]
		s.mu.Lock()
		for _, w := range s.workers {
			do(w)
		}
		s.mu.Unlock()
	}
}

// leaveQueue takes the worker back if it waits for a slot. The caller holds the mutex.
func (w *worker) leaveQueue() {
	if w.state != Queued {
		return
	}
	w.to(Idle)
	if w.p.queued.remove(w) {
		w.p.aside.Add(-1)
	}
}

// beginServing counts one more worker that is served, which has its slot. It reports
// false if a shutdown is done with its waiting: then the slot is free again.
func (p *pool) beginServing() bool {
	p.serving.Add(1)
	if !p.stopping.Load() {
		return true
	}
	p.ending.Lock()
	defer p.ending.Unlock()
	if p.resolved.Load() {
		p.serving.Add(-1)
		p.slots.Add(1)
		return false
	}
	return true
}

// beginWork counts something that a shutdown waits for as it waits for deliveries. It
// reports false if there is a shutdown.
func (p *pool) beginWork() bool {
	p.coming.Add(1)
	if p.stopping.Load() {
		p.endDelivery()
		return false
	}
	return true
}

// endDelivery counts one delivery less. The caller holds no mutex.
func (p *pool) endDelivery() {
	p.coming.Add(-1)
	p.checkIdle()
}

// endAside counts less of what a shutdown waits for aside from workers.
func (p *pool) endAside() {
	p.aside.Add(-1)
	p.checkIdle()
}

// checkIdle closes idle if it is time. Whatever begins something counts it before it
// looks whether there is a shutdown, so that either sees the other.
func (p *pool) checkIdle() {
	if !p.stopping.Load() {
		return
	}
	p.ending.Lock()
	defer p.ending.Unlock()
	storing := p.coming.Load() > 0 && !p.halted.Load()
	if !p.resolved.Load() && !storing && p.serving.Load() == 0 && p.aside.Load() == 0 {
		p.resolved.Store(true)
		close(p.idle)
	}
}

// otherPause is how long a worker waits at a shutdown for another instance.
const otherPause = 50 * time.Millisecond

// awaitOther waits, at a shutdown, for the instance that has the lock, which may
// be about to end too and leave what was stored here. It reports whether to ask
// for the lock again.
func (w *worker) awaitOther() bool {
	mu := &w.shard.mu
	mu.Lock()
	if !w.p.stopping.Load() || !w.goesOn() {
		mu.Unlock()
		return false
	}
	signal, known := w.changed(), len(w.fresh)
	mu.Unlock()
	timer := time.NewTimer(otherPause)
	select {
	case <-timer.C:
	case <-signal:
		timer.Stop()
	}
	mu.Lock()
	w.follow(w.fresh[:known])
	w.fresh, w.owes = w.fresh[known:], true
	mu.Unlock()
	empty, err := w.seekFollowed(context.Background())
	mu.Lock()
	defer mu.Unlock()
	w.owes = err != nil || !empty
	return w.goesOn()
}
