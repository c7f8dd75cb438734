package dispatch

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// pool has the workers of this instance, one for each key that has work, and serves no
// more than a number of them at a time. Workers and their keys are in shards; what all
// of them share are counters.
type pool struct {
	d      *Dispatcher
	shards [shardCount]shard

	slots   atomic.Int64 // workers that may still be served
	serving atomic.Int64 // workers that are served or opening
	coming  atomic.Int64 // deliveries, and what Begin has announced
	// aside counts what else a shutdown waits for: workers that wait for a slot, and what
	// is asked of the state aside from any worker's service.
	aside atomic.Int64

	stopping atomic.Bool // only workers with items that were stored here go on
	halted   atomic.Bool // none does
	resolved atomic.Bool // idle is closed

	queued queued
	spares spares
	idle   chan struct{} // closed when stopping and nothing goes on
	ending sync.Mutex    // decides between a worker that starts and idle
}

// shard has some of the workers.
type shard struct {
	mu      sync.Mutex
	workers map[string]*worker
}

const shardCount = 64

var seed = maphash.MakeSeed()

// shardOf returns the number of the shard that has the key.
func shardOf(name string) int { return int(maphash.String(seed, name) % shardCount) }

func (p *pool) init(d *Dispatcher) {
	p.d = d
	p.slots.Store(int64(d.cfg.MaxHandlers))
	p.idle = make(chan struct{})
	p.spares.init()
	for i := range p.shards {
		p.shards[i].workers = map[string]*worker{}
	}
	if d.cfg.Durable {
		p.queued.limit = backlogFactor * d.cfg.MaxHandlers
	}
}

// lock returns the key's worker with its shard locked. Without create there may be none,
// and nothing is locked then.
func (p *pool) lock(key Key, create bool) *worker {
	s := &p.shards[shardOf(key.name)]
	s.mu.Lock()
	w := s.workers[key.name]
	if w == nil {
		if !create {
			s.mu.Unlock()
			return nil
		}
		w = &worker{p: p, shard: s, key: key}
		s.workers[key.name] = w
	}
	return w
}

// enter announces an item that is about to be stored; leave or arrive must
// follow. It reports whether the caller is to ask for the lock: then the worker
// starts with one of these calls, and not before.
func (p *pool) enter(key Key, willing bool) (w *worker, opens bool) {
	p.coming.Add(1)
	w = p.lock(key, true)
	defer w.shard.mu.Unlock()
	w.coming++
	if willing && w.state == Idle && !p.stopping.Load() && p.takeSlot() {
		p.serving.Add(1)
		w.to(Opening)
		return w, true
	}
	return w, false
}

// wake has the key's worker look at what waits.
func (p *pool) wake(key Key, recovered bool) {
	w := p.lock(key, true)
	w.woken = true
	w.recovered = w.recovered || recovered
	w.start()
	w.notify()
	w.forgetIdle()
	w.shard.mu.Unlock()
	p.serveQueued()
}

// isServed reports whether this instance serves the key.
func (p *pool) isServed(key Key) bool {
	w := p.lock(key, false)
	if w == nil {
		return false
	}
	defer w.shard.mu.Unlock()
	return w.state != Idle
}

// awaitIdle returns when this instance does not serve the key, or ctx has ended.
func (p *pool) awaitIdle(ctx context.Context, key Key) {
	w := p.lock(key, false)
	if w == nil {
		return
	}
	if w.state == Idle {
		w.shard.mu.Unlock()
		return
	}
	if w.idle == nil {
		w.idle = make(chan struct{})
	}
	idle := w.idle
	w.shard.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// isIdle reports whether no worker is served.
func (p *pool) isIdle() bool { return p.serving.Load() == 0 }

// cancel stops the topic's running attempts that began before the time, with the
// cause. With interrupt it stops only those that an item may interrupt.
func (p *pool) cancel(topic string, before time.Time, cause error, interrupt bool) {
	for i := range p.shards {
		s := &p.shards[i]
		s.mu.Lock()
		for _, w := range s.workers {
			r := &w.running
			if r.lease != nil && r.item.Topic == topic && !r.since.After(before) && (r.interruptible || !interrupt) {
				r.lease.stop(cause)
			}
		}
		s.mu.Unlock()
	}
}

// takeSlot takes one of the slots, if any is free.
func (p *pool) takeSlot() bool {
	for {
		n := p.slots.Load()
		if n <= 0 {
			return false
		}
		if p.slots.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// giveBack releases a lock that was taken for nothing.
func (p *pool) giveBack(l *Lease) {
	p.aside.Add(1)
	go func() {
		l.end(context.Background())
		p.endAside()
	}()
}
