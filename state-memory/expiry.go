package memorystate

import (
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// expiry frees what has expired in one shard, without its being read. It has the shard's
// mutex, which methods other than lock, close and expire want held.
type expiry[H any] struct {
	mu     sync.Mutex
	clock  clock
	closed bool

	due   dueHeap[H]
	timer *time.Timer
	wake  moment // when the timer fires, 0 if it will not
}

const (
	// slack is how late expired items may be freed, so that many are freed in
	// one go.
	slack = 50 * time.Millisecond
	// batch is how many expired items are freed before callers get their turn.
	batch = 256
)

// lock takes the mutex, or returns ErrClosed without it.
func (x *expiry[H]) lock() error {
	x.mu.Lock()
	if x.closed {
		x.mu.Unlock()
		return state.ErrClosed
	}
	return nil
}

func (x *expiry[H]) unlock() { x.mu.Unlock() }

// setDue notes that the end of the item has changed.
func (x *expiry[H]) setDue(it H, now moment) {
	end, slot := x.due.of.endOf(it), *x.due.of.slotOf(it)
	switch {
	case slot == 0 && end != never:
		x.due.push(it)
	case slot != 0 && end < x.due.at(slot):
		x.due.hasten(it)
	default:
		// A later end is noticed when the earlier one comes, so that renewing
		// costs nothing.
		return
	}
	x.arm(now)
}

// arm makes the timer fire soon after the first end.
func (x *expiry[H]) arm(now moment) {
	if x.due.len() == 0 {
		return
	}
	first := x.due.first()
	if x.wake != 0 && x.wake <= first.plus(slack) {
		return
	}
	x.wake = first.plus(slack)
	delay := time.Duration(x.wake - now)
	if x.timer == nil {
		x.timer = time.AfterFunc(delay, x.expire)
	} else {
		x.timer.Reset(delay)
	}
}

// expire frees what has expired. The timer calls it.
func (x *expiry[H]) expire() {
	for x.expireSome() {
	}
}

// expireSome frees at most a batch and reports whether there is more.
func (x *expiry[H]) expireSome() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return false
	}
	now := x.clock.now()
	for range batch {
		it, found := x.due.next(now)
		if !found {
			x.wake = 0
			x.arm(now)
			return false
		}
		x.due.of.remove(it)
	}
	return true
}

// end frees the heap and stops the timer. Nothing locks the mutex afterwards.
func (x *expiry[H]) end() {
	x.closed = true
	x.due = dueHeap[H]{}
	if x.timer != nil {
		x.timer.Stop()
	}
}
