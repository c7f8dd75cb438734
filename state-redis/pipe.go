package redisstate

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// pipe carries the commands of many callers to one server. A flusher takes all
// that wait, sends them in one write on one connection, and wakes their callers
// when all replies are there; what comes meanwhile is its next batch. A second
// flusher joins when enough waits: then server and callers work at the same time.
//
// go-redis's own automatic pipelining takes up to twice the CPU time for a
// command, and on a Cluster a master that does not answer holds up what its
// batch has for others.
type pipe struct {
	client   *redis.Client
	flushers int // at most
	maxBatch int

	mu      sync.Mutex
	queue   []*parcel
	waiting int       // commands in queue
	flying  []*flight // one for each flusher that runs
	watched *deadline // the last whose end was asked for; nil if it has ended
	closed  bool
	flights sync.WaitGroup
}

const (
	// pipeFlushers is how many batches are on their way at once, unless order
	// matters.
	pipeFlushers = 2
	// fullBatch is how many commands wait before a second flusher joins: sooner,
	// it would only make two small batches of one.
	fullBatch = 16
)

// parcel is what one caller sends: one command, or several that stay together
// and in order.
type parcel struct {
	cmds []redis.Cmder
	one  [1]redis.Cmder // room for cmds
	done chan struct{}  // gets a value when all replies are there, or the bound ends
	fate atomic.Int32
	// bound is the shared deadline of the call, or nil. The pipe watches it for all its
	// callers: a channel that each of them waits on would be locked twice by each.
	bound *deadline
}

// The states of a parcel.
const (
	parcelWaits int32 = iota
	parcelSent
	parcelAnswered
	parcelAbandoned // before it was sent
	parcelLate      // given up by the pipe after it was sent
)

// flight is what a flusher has sent and has no replies to.
type flight struct{ batch []*parcel }

var parcels = sync.Pool{New: func() any { return &parcel{done: make(chan struct{}, 1)} }}

func newParcel(cmd redis.Cmder) *parcel {
	w := parcels.Get().(*parcel)
	w.one[0] = cmd
	w.cmds = w.one[:]
	return w
}

func newParcelOf(cmds []redis.Cmder) *parcel {
	w := parcels.Get().(*parcel)
	w.cmds = cmds
	return w
}

// recycle makes a parcel whose replies are there ready for another caller.
func (w *parcel) recycle() {
	w.cmds, w.one[0], w.bound = nil, nil, nil
	w.fate.Store(parcelWaits)
	parcels.Put(w)
}

// post hands a parcel in, for a call with the context.
func (p *pipe) post(ctx context.Context, w *parcel) error {
	w.bound = boundOf(ctx)
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return redis.ErrClosed
	}
	p.queue = append(p.queue, w)
	p.waiting += len(w.cmds)
	var start *flight
	if len(p.flying) == 0 || len(p.flying) < p.flushers && p.waiting >= fullBatch {
		start = &flight{}
		p.flying = append(p.flying, start)
		p.flights.Add(1)
	}
	watch := w.bound != nil && w.bound != p.watched
	if watch {
		p.watched = w.bound
	}
	p.mu.Unlock()
	if watch {
		context.AfterFunc(w.bound, p.expire)
	}
	if start != nil {
		go p.flush(start)
	}
	return nil
}

// expire ends the waits whose bound has ended.
func (p *pipe) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watched != nil && p.watched.Err() != nil {
		p.watched = nil // a later caller asks again, and is heard at once
	}
	end := func(parcels []*parcel, from, to int32) {
		for _, w := range parcels {
			if w.bound != nil && w.bound.Err() != nil && w.fate.CompareAndSwap(from, to) {
				w.done <- struct{}{}
			}
		}
	}
	end(p.queue, parcelWaits, parcelAbandoned)
	for _, f := range p.flying {
		end(f.batch, parcelSent, parcelLate)
	}
}

// wait returns when the replies are there: each command has its own error then.
// It returns an error if the context ended first. Then the commands must not be
// touched again, unless the error is an unsentError.
func (w *parcel) wait(ctx context.Context) error {
	var caller <-chan struct{}
	if w.bound != ctx {
		caller, _ = ends(ctx)
	}
	if caller == nil { // a plain receive is half the price
		<-w.done
	} else {
		select {
		case <-w.done:
		case <-caller:
			w.fate.CompareAndSwap(parcelWaits, parcelAbandoned)
			if w.fate.Load() != parcelAbandoned {
				return ctx.Err()
			}
		}
	}
	switch w.fate.Load() {
	case parcelAnswered:
		return nil
	case parcelAbandoned:
		return &unsentError{ctx.Err()}
	}
	return ctx.Err()
}

// unsentError says that a command was given up before it was sent.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return "not sent: " + e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// send executes a command and returns its error.
func (p *pipe) send(ctx context.Context, cmd redis.Cmder) error {
	if err := p.sendParcel(ctx, newParcel(cmd)); err != nil {
		return err
	}
	return cmd.Err()
}

// sendParcel hands a parcel in and waits for its replies.
func (p *pipe) sendParcel(ctx context.Context, w *parcel) error {
	if err := p.post(ctx, w); err != nil {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	w.recycle()
	return nil
}

// flush sends batch after batch until nothing waits.
func (p *pipe) flush(f *flight) {
	defer p.flights.Done()
	var batch []*parcel
	var cmds []redis.Cmder
	for {
		// Whoever was just woken sends again: with this, in the same batch.
		runtime.Gosched()
		batch = p.take(f, batch)
		if len(batch) == 0 {
			return
		}
		for _, w := range batch {
			cmds = append(cmds, w.cmds...)
		}
		pl := p.client.Pipeline()
		_ = pl.BatchProcess(background, cmds...)
		execAll(background, pl, cmds)
		clear(cmds)
		cmds = cmds[:0]
		p.mu.Lock()
		f.batch = nil
		p.mu.Unlock()
		for i, w := range batch {
			batch[i] = nil
			if w.fate.CompareAndSwap(parcelSent, parcelAnswered) {
				w.done <- struct{}{}
			}
		}
	}
}

// take moves what waits, up to maxBatch commands, into the batch, which flies then. When
// there is nothing, the flusher that asks is no longer counted.
func (p *pipe) take(f *flight, batch []*parcel) []*parcel {
	batch = batch[:0]
	p.mu.Lock()
	defer p.mu.Unlock()
	size, taken := 0, 0
	for ; taken < len(p.queue); taken++ {
		w := p.queue[taken]
		if size > 0 && size+len(w.cmds) > p.maxBatch {
			break
		}
		p.waiting -= len(w.cmds)
		if w.fate.CompareAndSwap(parcelWaits, parcelSent) {
			batch = append(batch, w)
			size += len(w.cmds)
		}
	}
	rest := copy(p.queue, p.queue[taken:])
	clear(p.queue[rest:])
	p.queue = p.queue[:rest]
	f.batch = batch
	if len(batch) == 0 {
		p.flying = slices.DeleteFunc(p.flying, func(other *flight) bool { return other == f })
	}
	return batch
}

// idle reports whether nothing is on its way.
func (p *pipe) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.flying) == 0
}

// close refuses further parcels and waits for those that were handed in.
func (p *pipe) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.flights.Wait()
}
