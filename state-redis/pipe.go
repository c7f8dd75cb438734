package redisstate

import (
	"context"
	"runtime"
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
	waiting int // commands in queue
	running int // flushers
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
	done chan struct{}  // gets a value when all replies are there
	fate atomic.Int32
}

// The states of a parcel.
const (
	parcelWaits int32 = iota
	parcelSent
	parcelAbandoned // before it was sent
)

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
	w.cmds, w.one[0] = nil, nil
	w.fate.Store(parcelWaits)
	parcels.Put(w)
}

// post hands a parcel in.
func (p *pipe) post(w *parcel) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return redis.ErrClosed
	}
	p.queue = append(p.queue, w)
	p.waiting += len(w.cmds)
	start := p.running == 0 || p.running < p.flushers && p.waiting >= fullBatch
	if start {
		p.running++
		p.flights.Add(1)
	}
	p.mu.Unlock()
	if start {
		go p.flush()
	}
	return nil
}

// wait returns when the replies are there: each command has its own error then.
// It returns an error if the context ended first. Then the commands must not be
// touched again, unless the error is an unsentError.
func (w *parcel) wait(ctx context.Context) error {
	caller, bound := ends(ctx)
	select {
	case <-w.done:
		return nil
	case <-caller:
	case <-bound:
	}
	if w.fate.CompareAndSwap(parcelWaits, parcelAbandoned) {
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
	if err := p.post(w); err != nil {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	w.recycle()
	return nil
}

// flush sends batch after batch until nothing waits.
func (p *pipe) flush() {
	defer p.flights.Done()
	var batch []*parcel
	var cmds []redis.Cmder
	for {
		// Whoever was just woken sends again: with this, in the same batch.
		runtime.Gosched()
		batch = p.take(batch)
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
		for i, w := range batch {
			batch[i] = nil
			w.done <- struct{}{}
		}
	}
}

// take moves what waits, up to maxBatch commands, into the batch. When there is
// nothing, the flusher that asks is no longer counted.
func (p *pipe) take(batch []*parcel) []*parcel {
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
	if len(batch) == 0 {
		p.running--
	}
	return batch
}

// idle reports whether nothing is on its way.
func (p *pipe) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running == 0
}

// close refuses further parcels and waits for those that were handed in.
func (p *pipe) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.flights.Wait()
}
