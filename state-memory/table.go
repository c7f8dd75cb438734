package memorystate

import (
	"maps"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// table is one shard of a map whose items expire. Its zero value, with the
// clock set, is empty.
//
// Methods other than lock, close and expire want the mutex held.
type table[V any] struct {
	mu     sync.Mutex
	clock  clock
	closed bool
	items  map[string]*item[V]
	// peak is the most items since the map was made: maps never shrink, so one
	// that has become much too large is made anew.
	peak int

	due   dueHeap[V]
	timer *time.Timer
	wake  moment // when the timer fires, 0 if it will not

	// removed, if set, is called for each item that leaves the table.
	removed func(*item[V])
	// spare are items that have left the table, to be used again, up to keep.
	spare []*item[V]
	keep  int
}

// item is a named value with its end.
type item[V any] struct {
	name  string
	end   moment
	slot  int // place in the due heap, from 1; 0 if it is not there
	value V
}

const (
	// smallTable is below which a table is not worth shrinking.
	smallTable = 1024
	// slack is how late expired items may be freed, so that many are freed in
	// one go.
	slack = 50 * time.Millisecond
	// batch is how many expired items are freed before callers get their turn.
	batch = 256
)

// lock takes the mutex, or returns ErrClosed without it.
func (t *table[V]) lock() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return state.ErrClosed
	}
	return nil
}

func (t *table[V]) unlock() { t.mu.Unlock() }

// get returns the item of that name, or nil if there is none or it has expired.
func (t *table[V]) get(name string, now moment) *item[V] {
	it := t.items[name]
	if it == nil {
		return nil
	}
	if it.end <= now {
		t.remove(it)
		return nil
	}
	return it
}

// add puts in an item of a name that get has not found.
func (t *table[V]) add(name string, value V, end, now moment) *item[V] {
	var it *item[V]
	if n := len(t.spare); n > 0 {
		it, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		it = &item[V]{}
	}
	it.name, it.value, it.end = name, value, never
	t.insert(it, end, now)
	return it
}

func (t *table[V]) insert(it *item[V], end, now moment) {
	if t.items == nil {
		t.items = make(map[string]*item[V])
	}
	t.items[it.name] = it
	t.peak = max(t.peak, len(t.items))
	t.setEnd(it, end, now)
}

// setEnd changes when the item expires.
func (t *table[V]) setEnd(it *item[V], end, now moment) {
	it.end = end
	switch {
	case it.slot == 0 && end != never:
		t.due.push(it)
	case it.slot != 0 && end < t.due.at(it):
		t.due.hasten(it)
	default:
		// A later end is noticed when the earlier one comes, so that renewing
		// costs nothing.
		return
	}
	t.arm(now)
}

// remove takes the item out.
func (t *table[V]) remove(it *item[V]) {
	delete(t.items, it.name)
	if it.slot != 0 {
		t.due.remove(it)
	}
	if t.peak > smallTable && len(t.items) < t.peak/4 {
		t.shrink()
	}
	if t.removed != nil {
		t.removed(it) // may use the item again: it comes last
	}
	if len(t.spare) < t.keep {
		var none V
		it.name, it.value = "", none
		t.spare = append(t.spare, it)
	}
}

func (t *table[V]) shrink() {
	items := make(map[string]*item[V], len(t.items))
	maps.Copy(items, t.items)
	t.items = items
	t.peak = len(items)
	t.due.shrink()
}

// arm makes the timer fire soon after the first end.
func (t *table[V]) arm(now moment) {
	if t.due.len() == 0 {
		return
	}
	first := t.due.first()
	if t.wake != 0 && t.wake <= first.plus(slack) {
		return
	}
	t.wake = first.plus(slack)
	delay := time.Duration(t.wake - now)
	if t.timer == nil {
		t.timer = time.AfterFunc(delay, t.expire)
	} else {
		t.timer.Reset(delay)
	}
}

// expire frees what has expired. The timer calls it.
func (t *table[V]) expire() {
	for t.expireSome() {
	}
}

// expireSome frees at most a batch and reports whether there is more.
func (t *table[V]) expireSome() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	now := t.clock.now()
	for range batch {
		it := t.due.next(now)
		if it == nil {
			t.wake = 0
			t.arm(now)
			return false
		}
		t.remove(it)
	}
	return true
}

func (t *table[V]) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.items = nil
	t.due = dueHeap[V]{}
	if t.timer != nil {
		t.timer.Stop()
	}
}
