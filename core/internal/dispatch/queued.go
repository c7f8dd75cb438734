package dispatch

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// backlogFactor is how many workers may wait for a slot, as a multiple of their number.
const backlogFactor = 16

// queued are workers that have work and no slot. When all slots are taken this process
// remembers a bounded number of keys. What comes beyond waits in the state alone, and is
// looked up there when most of what is remembered has been handled.
type queued struct {
	count atomic.Int64 // of list
	limit int          // 0: no limit, as the state cannot list what waits

	beyond atomic.Bool // more waits than is remembered

	mu      sync.Mutex
	list    []*worker
	reading bool
}

// add lets the worker wait for a slot. It reports false if it is one too many.
func (q *queued) add(w *worker) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.limit > 0 && len(q.list) >= q.limit {
		q.beyond.Store(true)
		return false
	}
	q.list = append(q.list, w)
	q.count.Add(1)
	return true
}

func (q *queued) next() *worker {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return nil
	}
	w := q.list[0]
	q.list[0] = nil
	q.list = q.list[1:]
	q.count.Add(-1)
	return w
}

// remove takes the worker out. It reports false if it was not there.
func (q *queued) remove(w *worker) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.list, w)
	if i < 0 {
		return false
	}
	q.list = slices.Delete(q.list, i, i+1)
	q.count.Add(-1)
	return true
}

// serveQueued gives free slots to workers that wait for one. The caller holds no mutex.
func (p *pool) serveQueued() {
	for p.queued.count.Load() > 0 && p.takeSlot() {
		w := p.queued.next()
		if w == nil {
			p.slots.Add(1)
			continue
		}
		w.shard.mu.Lock()
		if w.state == Queued {
			w.serve()
		} else { // a shutdown has taken it out meanwhile
			p.slots.Add(1)
		}
		w.shard.mu.Unlock()
		p.endAside()
	}
}

// freeSlot gives the slot of a worker that has ended to the next one. The caller holds no
// mutex.
func (p *pool) freeSlot() {
	p.slots.Add(1)
	p.serving.Add(-1)
	p.serveQueued()
	p.catchUp()
	p.checkIdle()
}

// catchUp looks up what waits in the state if there is room again.
func (p *pool) catchUp() {
	if p.queued.beyond.Load() && p.queued.beginReading(p.stopping.Load()) {
		go p.readBacklog()
	}
}

// beginReading reports whether what waits in the state is to be looked up.
func (q *queued) beginReading(stopping bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reading || stopping || len(q.list) > q.limit/4 {
		return false
	}
	q.reading = true
	// What comes while the state is asked sets it again.
	q.beyond.Store(false)
	return true
}

// endReading notes that what waits was looked up, or has to be looked up again.
func (q *queued) endReading(failed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reading = false
	if failed {
		q.beyond.Store(true)
	}
}

func (p *pool) readBacklog() {
	_, err := p.d.wakeWaiting(context.Background(), time.Now(), 2*p.queued.limit, false)
	p.queued.endReading(err != nil)
	if err == nil {
		p.catchUp()
		return
	}
	p.d.log.Warn("backlog-failed", "error", err)
	time.AfterFunc(time.Second, p.catchUp)
}
