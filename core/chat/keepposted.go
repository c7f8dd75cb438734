package chat

import (
	"context"
	"slices"
	"sync"
	"time"
)

// keepAfter is how long a turn runs before what it posts is written down. Most end
// before, and write nothing.
const keepAfter = 50 * time.Millisecond

// postKeeper writes down what a running attempt has posted, for the one that follows
// if this instance dies. It is the only one to touch the drain's retries until it has
// ended.
type postKeeper struct {
	drain *drain
	batch *batch
	begun time.Time

	start sync.Once     // makes the channels, with the first post
	news  chan struct{} // holds a value while there may be something to write
	over  chan struct{} // closed by end
	done  chan struct{} // closed when nothing more is written; nil: nothing was
}

// newAttempt returns the attempt that is to be made with the batch.
func (d *drain) newAttempt(b *batch) *attempt {
	a := &attempt{
		of:     dedupeKey(b.last().msg),
		stands: d.chat.cfg.Durability == DurabilityNone || d.chat.cfg.Retry.KeepPosts,
	}
	if b.retry != nil && !a.stands {
		a.earlier = slices.Clone(b.retry.Posted)
	}
	return a
}

// keepPosted begins to write down what the batch's attempt posts; end must follow.
func (d *drain) keepPosted(b *batch) *postKeeper {
	k := &postKeeper{drain: d, batch: b, begun: time.Now()}
	if !b.attempt.stands {
		b.attempt.news = k.look
	}
	return k
}

// look makes the keeper look at what was posted.
func (k *postKeeper) look() {
	k.start.Do(func() {
		k.news, k.over, k.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
		go k.run()
	})
	if k.done == nil {
		return // the turn has ended
	}
	select {
	case k.news <- struct{}{}:
	default:
	}
}

// end ends the writing, so that the drain can go on.
func (k *postKeeper) end() {
	k.start.Do(func() {}) // a goroutine that the handler has left behind starts nothing
	if k.done != nil {
		close(k.over)
		<-k.done
	}
}

func (k *postKeeper) run() {
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

// write writes what was posted so far, while the lock is held.
func (k *postKeeper) write() {
	d := k.drain
	ctx, cancel := context.WithTimeout(d.held.ctx, d.chat.cfg.Lock.TTL/6)
	defer cancel()
	if ctx.Err() != nil {
		return
	}
	d.retries.update(k.batch)
	if err := d.retries.save(ctx, d.chat); err != nil {
		d.chat.log.DebugContext(ctx, "posts-not-kept", "key", d.lane.key, "error", err)
	}
}
