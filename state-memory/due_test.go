package memorystate

import (
	"math/rand/v2"
	"testing"
)

// checkHeap fails unless every entry knows its slot and none is due before its
// parent.
func checkHeap[V any](t *testing.T, h *dueHeap[*item[V]]) {
	t.Helper()
	for i, e := range h.entries {
		if int(e.item.slot) != i+1 {
			t.Fatalf("entry %d has slot %d", i, e.item.slot)
		}
		if parent := (i - 1) / 2; i > 0 && h.entries[parent].at > e.at {
			t.Fatalf("entry %d is due before its parent", i)
		}
		if e.item.end < e.at {
			t.Fatalf("entry %d stands at %d, but ends at %d", i, e.at, e.item.end)
		}
	}
}

func TestDueHeapAgainstRandomChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tab := &table[int]{}
	tab.due.of = tab
	// Without the mutex and the timer: only the bookkeeping of ends.
	set := func(it *item[int], end moment) {
		it.end = end
		if it.slot == 0 && end != never {
			tab.due.push(it)
		} else if it.slot != 0 && end < tab.due.at(it.slot) {
			tab.due.hasten(it)
		}
	}
	live := map[*item[int]]bool{}
	pick := func() *item[int] {
		for it := range live {
			return it
		}
		return nil
	}
	now := moment(0)
	for range 20_000 {
		switch it := pick(); {
		case it == nil || r.IntN(3) == 0:
			it := &item[int]{}
			set(it, now+1+moment(r.IntN(1000)))
			live[it] = true
		case r.IntN(4) == 0:
			tab.due.remove(it)
			delete(live, it)
		case r.IntN(2) == 0:
			set(it, now+1+moment(r.IntN(2000)))
		default:
			now += moment(r.IntN(20))
			for it, found := tab.due.next(now); found; it, found = tab.due.next(now) {
				if it.end > now {
					t.Fatalf("next(%d) returned an item that ends at %d", now, it.end)
				}
				tab.due.remove(it)
				delete(live, it)
			}
			for it := range live {
				if it.end <= now {
					t.Fatalf("next(%d) left an item that ends at %d", now, it.end)
				}
			}
		}
		checkHeap(t, &tab.due)
	}
}

func TestDueHeapForgetsWhatNoLongerExpires(t *testing.T) {
	h := &dueHeap[*item[int]]{of: &table[int]{}}
	it := &item[int]{end: 5}
	h.push(it)
	it.end = never
	if _, found := h.next(10); found {
		t.Errorf("next returned an item that never expires")
	}
	if h.len() != 0 || it.slot != 0 {
		t.Errorf("the item is still in the heap")
	}
}
