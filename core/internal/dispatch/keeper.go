package dispatch

import (
	"context"
	"sync"
	"time"
)

// keepAfter is how long an attempt runs before what it leaves is written down. Most end
// before, and write nothing.
const keepAfter = 50 * time.Millisecond

// keeper writes down what a running attempt leaves, for the one that follows
// if this instance dies. It is the only one to touch the hold's retries until it has
// ended.
type keeper struct {
	batch  *Batch
	begun  time.Time
	leaver Leaver // nil: nothing is left

	start sync.Once     // makes the channels, when there is something first
	news  chan struct{} // holds a value while there may be something to write
	over  chan struct{} // closed by end
	done  chan struct{} // closed when nothing more is written; nil: nothing was
}

// begin begins to write down what the batch's attempt leaves; end must follow.
func (k *keeper) begin(b *Batch, now time.Time) { k.batch, k.begun = b, now }

// look makes the keeper look at what is left.
func (k *keeper) look() {
	k.start.Do(func() {
		k.news, k.over, k.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
		go k.run()
	})
	if k.done == nil {
		return // the attempt has ended
	}
	select {
	case k.news <- struct{}{}:
	default:
	}
}

// end ends the writing, so that the hold can go on.
func (k *keeper) end() {
	k.start.Do(func() {}) // a goroutine that the handler has left behind starts nothing
	if k.done != nil {
		close(k.over)
		<-k.done
	}
}

func (k *keeper) run() {
	defer close(k.done)
	timer := time.NewTimer(time.Until(k.begun.Add(keepAfter)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-k.over:
		return
	}
	for {
		select {
		case <-k.news:
			k.write()
		case <-k.over:
			return
		}
	}
}

// write writes what is left so far, while the lock is held.
func (k *keeper) write() {
	h := k.batch.hold
	ctx, cancel := context.WithTimeout(h.lease.Context(), h.d.cfg.LockTTL/6)
	defer cancel()
	if ctx.Err() != nil {
		return
	}
	h.retries.update(k.batch)
	if err := h.retries.save(ctx, h.d, h.w.key); err != nil {
		h.d.log.DebugContext(ctx, "posts-not-kept", "key", h.w.key.name, "error", err)
	}
}
