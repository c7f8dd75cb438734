package memorystate

// dueHeap orders the items of a table by when they are due: the earliest first.
// An item whose end was put off stays at its earlier place until next meets it.
type dueHeap[V any] struct {
	entries []dueEntry[V] // a binary heap; entry i has slot i+1
}

type dueEntry[V any] struct {
	at   moment
	item *item[V]
}

func (h *dueHeap[V]) len() int { return len(h.entries) }

// first returns the earliest moment at which an item may be due.
func (h *dueHeap[V]) first() moment { return h.entries[0].at }

// at returns the item's present place in time.
func (h *dueHeap[V]) at(it *item[V]) moment { return h.entries[it.slot-1].at }

func (h *dueHeap[V]) push(it *item[V]) {
	h.entries = append(h.entries, dueEntry[V]{})
	h.up(len(h.entries)-1, dueEntry[V]{it.end, it})
}

// hasten moves an item forward to its end, which has become earlier.
func (h *dueHeap[V]) hasten(it *item[V]) {
	h.up(it.slot-1, dueEntry[V]{it.end, it})
}

// next returns an item that has ended by now, or nil if there is none. The item
// stays in the heap.
func (h *dueHeap[V]) next(now moment) *item[V] {
	for len(h.entries) > 0 && h.entries[0].at <= now {
		it := h.entries[0].item
		switch {
		case it.end <= now:
			return it
		case it.end == never:
			h.remove(it)
		default:
			h.down(0, dueEntry[V]{it.end, it})
		}
	}
	return nil
}

func (h *dueHeap[V]) remove(it *item[V]) {
	i := it.slot - 1
	it.slot = 0
	n := len(h.entries) - 1
	last := h.entries[n]
	h.entries[n] = dueEntry[V]{}
	h.entries = h.entries[:n]
	switch {
	case i == n:
	case i > 0 && last.at < h.entries[(i-1)/2].at:
		h.up(i, last)
	default:
		h.down(i, last)
	}
}

func (h *dueHeap[V]) shrink() {
	h.entries = append(make([]dueEntry[V], 0, len(h.entries)), h.entries...)
}

// up places the entry at i or nearer to the root.
func (h *dueHeap[V]) up(i int, e dueEntry[V]) {
	for i > 0 {
		parent := (i - 1) / 2
		if h.entries[parent].at <= e.at {
			break
		}
		h.set(i, h.entries[parent])
		i = parent
	}
	h.set(i, e)
}

// down places the entry at i or further from the root.
func (h *dueHeap[V]) down(i int, e dueEntry[V]) {
	for {
		child := 2*i + 1
		if child >= len(h.entries) {
			break
		}
		if right := child + 1; right < len(h.entries) && h.entries[right].at < h.entries[child].at {
			child = right
		}
		if e.at <= h.entries[child].at {
			break
		}
		h.set(i, h.entries[child])
		i = child
	}
	h.set(i, e)
}

func (h *dueHeap[V]) set(i int, e dueEntry[V]) {
	h.entries[i] = e
	e.item.slot = i + 1
}
