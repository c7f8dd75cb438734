package memorystate

// timed has what expires. H names one of it.
type timed[H any] interface {
	// endOf returns when it expires.
	endOf(H) moment
	// slotOf returns where its place in the heap is kept, from 1. 0: it is not there.
	slotOf(H) *int32
	// remove takes it out, and out of the heap.
	remove(H)
}

// dueHeap orders what expires by when it is due: the earliest first. What has its end put
// off stays at its earlier place until next meets it.
type dueHeap[H any] struct {
	of      timed[H]
	entries []dueEntry[H] // a binary heap; entry i has slot i+1
}

type dueEntry[H any] struct {
	at   moment
	item H
}

func (h *dueHeap[H]) len() int { return len(h.entries) }

// first returns the earliest moment at which something may be due.
func (h *dueHeap[H]) first() moment { return h.entries[0].at }

// at returns the present place in time of what is in the slot.
func (h *dueHeap[H]) at(slot int32) moment { return h.entries[slot-1].at }

func (h *dueHeap[H]) push(it H) {
	h.entries = append(h.entries, dueEntry[H]{})
	h.up(len(h.entries)-1, dueEntry[H]{h.of.endOf(it), it})
}

// hasten moves what is in the slot forward to its end, which has become earlier.
func (h *dueHeap[H]) hasten(it H) {
	h.up(int(*h.of.slotOf(it))-1, dueEntry[H]{h.of.endOf(it), it})
}

// next returns what has ended by now, if there is anything. It stays in the heap.
func (h *dueHeap[H]) next(now moment) (it H, found bool) {
	for len(h.entries) > 0 && h.entries[0].at <= now {
		it = h.entries[0].item
		switch end := h.of.endOf(it); {
		case end <= now:
			return it, true
		case end == never:
			h.remove(it)
		default:
			h.down(0, dueEntry[H]{end, it})
		}
	}
	return it, false
}

func (h *dueHeap[H]) remove(it H) {
	slot := h.of.slotOf(it)
	i := int(*slot) - 1
	*slot = 0
	n := len(h.entries) - 1
	last := h.entries[n]
	h.entries[n] = dueEntry[H]{}
	h.entries = h.entries[:n]
	switch {
	case i == n:
	case i > 0 && last.at < h.entries[(i-1)/2].at:
		h.up(i, last)
	default:
		h.down(i, last)
	}
}

func (h *dueHeap[H]) shrink() {
	h.entries = append(make([]dueEntry[H], 0, len(h.entries)), h.entries...)
}

// up places the entry at i or nearer to the root.
func (h *dueHeap[H]) up(i int, e dueEntry[H]) {
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
func (h *dueHeap[H]) down(i int, e dueEntry[H]) {
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

func (h *dueHeap[H]) set(i int, e dueEntry[H]) {
	h.entries[i] = e
	*h.of.slotOf(e.item) = int32(i + 1) //nolint:gosec // a shard has fewer
}
