package memorystate

// fifo is a slice that grows at its end and is trimmed at its front, each in
// constant time on average.
type fifo[T any] struct {
	items []T
	head  int // items before it are gone
}

// all returns what is in it, oldest first. The slice is valid until the next
// change.
func (f *fifo[T]) all() []T { return f.items[f.head:] }

func (f *fifo[T]) len() int { return len(f.items) - f.head }

func (f *fifo[T]) push(v T) {
	if len(f.items) == cap(f.items) && f.head > len(f.items)/2 {
		n := copy(f.items, f.items[f.head:])
		clear(f.items[n:])
		f.items, f.head = f.items[:n], 0
	}
	f.items = append(f.items, v)
}

// pop removes and returns the oldest item. There must be one.
func (f *fifo[T]) pop() T {
	var zero T
	v := f.items[f.head]
	f.items[f.head] = zero
	f.head++
	if f.head == len(f.items) {
		f.items, f.head = f.items[:0], 0
	}
	return v
}
