package memorystate

import "maps"

// table is one shard of a map whose items expire. Its zero value, with the
// clock set, is empty.
//
// Methods other than lock, close and expire want the mutex held.
type table[V any] struct {
	expiry[*item[V]]
	items map[string]*item[V]
	// peak is the most items since the map was made: maps never shrink, so one
	// that has become much too large is made anew.
	peak int
}

// item is a named value with its end.
type item[V any] struct {
	name  string
	end   moment
	slot  int32 // place in the due heap, from 1; 0 if it is not there
	value V
}

// smallTable is below which a table is not worth shrinking.
const smallTable = 1024

func (*table[V]) endOf(it *item[V]) moment  { return it.end }
func (*table[V]) slotOf(it *item[V]) *int32 { return &it.slot }

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
	it := &item[V]{name: name, value: value}
	if t.items == nil {
		t.items, t.due.of = make(map[string]*item[V]), t
	}
	t.items[name] = it
	t.peak = max(t.peak, len(t.items))
	t.setEnd(it, end, now)
	return it
}

// setEnd changes when the item expires.
func (t *table[V]) setEnd(it *item[V], end, now moment) {
	it.end = end
	t.setDue(it, now)
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
}

func (t *table[V]) shrink() {
	items := make(map[string]*item[V], len(t.items))
	maps.Copy(items, t.items)
	t.items = items
	t.peak = len(items)
	t.due.shrink()
}

func (t *table[V]) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items = nil
	t.end()
}
