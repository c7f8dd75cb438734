package memorystate

import (
	"slices"
	"testing"
)

func TestFifoKeepsOrderAndStaysSmall(t *testing.T) {
	var f fifo[*int]
	next, first := 0, 0
	for range 1000 {
		for range 7 {
			v := next
			f.push(&v)
			next++
		}
		for f.len() > 5 {
			if got := *f.pop(); got != first {
				t.Fatalf("pop returned %d, want %d", got, first)
			}
			first++
		}
		var got []int
		for _, p := range f.all() {
			got = append(got, *p)
		}
		if want := []int{next - 5, next - 4, next - 3, next - 2, next - 1}; !slices.Equal(got, want) {
			t.Fatalf("it holds %v, want %v", got, want)
		}
	}
	if cap(f.items) > 64 {
		t.Errorf("it has room for %d items and never held more than 12", cap(f.items))
	}
	for i, p := range f.items[:cap(f.items)] {
		if gone := i < f.head || i >= len(f.items); gone && p != nil {
			t.Errorf("place %d still refers to what is gone", i)
		}
	}
}
