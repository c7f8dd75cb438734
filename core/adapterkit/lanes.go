package adapterkit

import (
	"hash/maphash"
	"sync"
)

const (
	laneCount  = 16
	laneLength = 64
)

// Lanes run functions concurrently, but functions with the same key one after the other, in
// the order of the calls. It is for the events of a connection, with the conversation as
// the key. The zero value is ready. Do and Close are not safe for concurrent use: the
// goroutine that reads the connection calls Do, and Close at the end.
type Lanes struct {
	once  sync.Once
	queue [laneCount]chan func()
	wait  sync.WaitGroup
}

var laneSeed = maphash.MakeSeed()

// Do runs f after all functions with the same key have returned. It does not wait for f. The
// keys are distributed over 16 lanes, so functions with other keys may come before f, too.
// If 64 functions wait in the lane, Do blocks, so that the connection is not read
// meanwhile. With an empty key f runs at once, in a goroutine of its own.
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

// Close waits until all functions have returned. After that Do must not be called.
func (l *Lanes) Close() {
	l.once.Do(func() {})
	for _, q := range l.queue {
		if q != nil {
			close(q)
		}
	}
	l.wait.Wait()
}
