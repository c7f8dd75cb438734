package adapterkit

import (
	"hash/maphash"
	"sync"
)

const (
	laneCount  = 16
	laneLength = 64
)

// Lanes run functions at the same time, but those with one key one after the other, in
// their order: what comes over a connection, with its conversation as the key. The zero
// value is ready. One goroutine, the connection's reader, calls Do and, after that,
// Close.
type Lanes struct {
	once  sync.Once
	queue [laneCount]chan func()
	wait  sync.WaitGroup
}

var laneSeed = maphash.MakeSeed()

// Do runs f after all functions that were given with the same key. With an empty key it
// waits for none. If 64 functions wait for their turn, Do waits too, so that the
// connection is not read meanwhile.
func (l *Lanes) Do(key string, f func()) {
	if key == "" {
		l.wait.Go(f)
		return
	}
	l.once.Do(func() {
		for i := range l.queue {
			l.queue[i] = make(chan func(), laneLength)
			l.wait.Go(func() {
				for f := range l.queue[i] {
					f()
				}
			})
		}
	})
	l.queue[maphash.String(laneSeed, key)%laneCount] <- f
}

// Close waits until all functions have returned.
func (l *Lanes) Close() {
	l.once.Do(func() {})
	for _, q := range l.queue {
		if q != nil {
			close(q)
		}
	}
	l.wait.Wait()
}
