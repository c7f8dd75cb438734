package adapterkit

import (
	"hash/maphash"
	"sync"
)

const (
	laneCount  = 16
	laneLength = 64
)

// Lanes run what comes over one connection at the same time, but what belongs
// together, such as to one conversation, in its order. The zero value is ready. One
// goroutine, the connection's reader, calls Do and, after that, Close.
type Lanes struct {
	once  sync.Once
	queue [laneCount]chan func()
	wait  sync.WaitGroup
}

var laneSeed = maphash.MakeSeed()

// Do runs f after all that was given with the same key, and at the same time as
// all others if the key is empty. Where 64 wait for their turn it waits, too: the
// connection is no longer read.
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

// Close waits for all that was given.
func (l *Lanes) Close() {
	l.once.Do(func() {})
	for _, q := range l.queue {
		if q != nil {
			close(q)
		}
	}
	l.wait.Wait()
}
