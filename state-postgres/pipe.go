package pgstate

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A pipe carries the calls of one method to the server. While a trip is under way, calls
// wait; then all of them are the next trip: one transaction, and the statements of one
// call with an array for each argument. A caller that is alone is sent at once.
//
// A trip of several calls waits for no lock for longer than lockPatience. If the server
// refuses it, each of its calls is made alone, so that none fails for another's sake. If
// its fate is unknown, it is unknown for each of its calls.
type pipe[T shareable] struct {
	a *Adapter
	// fill adds the statements of one call or of several.
	fill func(b *batch, calls []T)

	mu      sync.Mutex
	waiting []*waiter[T] // in the order in which they came
	trips   int          // under way, but for the slow ones
}

// shareable is a call that can be sent with others.
type shareable interface {
	// changes names what the call changes. Calls with a name in common do not travel
	// together: a statement cannot change a row twice.
	changes() []string
	// size is about how many bytes the call sends.
	size() int
}

const (
	maxCalls = 64      // in a trip
	maxBytes = 1 << 20 // in a trip, unless one call has more
	// maxTrips is how many trips of a pipe are under way at a time, but for the slow
	// ones. The second sets out when so many wait that it is not just half of one.
	maxTrips  = 2
	fullCalls = 32
	// slowTrip is how long a trip keeps others from setting out: it may wait for a lock,
	// or its connection may be dead.
	slowTrip = 100 * time.Millisecond
)

// waiter is a call in a pipe.
type waiter[T shareable] struct {
	call     T
	deadline time.Time
	trip     *trip         // nil until it sets out
	done     chan struct{} // closed when the trip has ended
	err      error         // of the trip
}

// trip is what the calls that travel together share.
type trip struct {
	ctx     context.Context
	cancel  context.CancelFunc
	callers int // that have not left
}

// togetherError says that the server has undone a trip. Each of its calls is made alone.
type togetherError struct{ error }

// send makes one attempt at a call. A caller whose context ends leaves; the trip goes on
// unless all have left.
func (p *pipe[T]) send(o *op, call T) error {
	w := &waiter[T]{call: call, done: make(chan struct{})}
	w.deadline, _ = o.ctx.Deadline()
	if p.enter(w) {
		return p.sendAlone(o, call)
	}
	select {
	case <-w.done:
	case <-o.ctx.Done():
		if !p.leave(w) {
			return &unsentError{o.ctx.Err()}
		}
		o.left = w.done
		return o.ctx.Err()
	}
	if _, ok := errors.AsType[*togetherError](w.err); ok {
		return o.try(func(b *batch) { p.fill(b, []T{call}) })
	}
	return w.err
}

// enter has the pipe send a call, unless the caller is alone: then it reports true, and
// the caller sends it.
func (p *pipe[T]) enter(w *waiter[T]) (alone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = append(p.waiting, w)
	if p.trips > 0 {
		p.setOut()
		return false
	}
	p.trips++
	p.mu.Unlock()
	// Those who were just woken call again: with this, in the same trip.
	runtime.Gosched()
	p.mu.Lock()
	if len(p.waiting) == 1 && p.waiting[0] == w {
		p.waiting = nil
		return true
	}
	p.trips--
	p.setOut()
	return false
}

// sendAlone is the trip of a caller that is alone.
func (p *pipe[T]) sendAlone(o *op, call T) error {
	slow := time.AfterFunc(slowTrip, p.giveWay)
	err := o.try(func(b *batch) { p.fill(b, []T{call}) })
	if slow.Stop() {
		p.giveWay()
	}
	return err
}

// leave has the pipe forget a caller, and reports whether its call has set out already.
func (p *pipe[T]) leave(w *waiter[T]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.trip == nil {
		p.waiting = slices.DeleteFunc(p.waiting, func(other *waiter[T]) bool { return other == w })
		return false
	}
	if w.trip.callers--; w.trip.callers == 0 {
		w.trip.cancel()
	}
	return true
}

// setOut starts a trip if there is reason for it. p.mu is held.
func (p *pipe[T]) setOut() {
	if p.trips == 0 && len(p.waiting) > 0 || p.trips < maxTrips && len(p.waiting) >= fullCalls {
		if p.a.start(p.travel) {
			p.trips++
		}
	}
}

// giveWay comes when a trip has ended or is slow.
func (p *pipe[T]) giveWay() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trips--
	p.setOut()
}

// travel makes a trip.
func (p *pipe[T]) travel() {
	runtime.Gosched() // as in enter
	t, all := p.take()
	slow := time.AfterFunc(slowTrip, p.giveWay)
	err := p.run(t, all)
	t.cancel()
	for _, w := range all {
		w.err = err
		close(w.done)
	}
	if slow.Stop() {
		p.giveWay()
	}
}

// take returns the next trip and who is on it: those who wait longest, but of those with a
// name in common the first only. Nobody is on it if all have left.
func (p *pipe[T]) take() (*trip, []*waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var (
		t      = &trip{}
		all    []*waiter[T]
		rest   []*waiter[T]
		names  = map[string]bool{}
		size   int
		latest time.Time
	)
	for i, w := range p.waiting {
		if len(all) == maxCalls {
			rest = append(rest, p.waiting[i:]...)
			break
		}
		free := len(all) == 0 || size+w.call.size() <= maxBytes
		for _, name := range w.call.changes() {
			free = free && !names[name]
			names[name] = true
		}
		if !free {
			rest = append(rest, w)
			continue
		}
		w.trip = t
		all = append(all, w)
		size += w.call.size()
		if w.deadline.After(latest) {
			latest = w.deadline
		}
	}
	p.waiting, t.callers = rest, len(all)
	t.ctx, t.cancel = context.WithDeadline(p.a.closing, latest)
	return t, all
}

// run sends the calls of a trip. Its error is a togetherError if each is to be made alone.
func (p *pipe[T]) run(t *trip, all []*waiter[T]) error {
	if len(all) == 0 {
		return nil
	}
	calls := make([]T, len(all))
	for i, w := range all {
		calls[i] = w.call
	}
	o := op{a: p.a, ctx: t.ctx}
	err := o.try(func(b *batch) { p.fill(b, calls) })
	_, unsent := errors.AsType[*unsentError](err)
	_, answer := errors.AsType[*pgconn.PgError](err)
	if len(all) > 1 && answer && !unsent && fateOf(err) != unknown {
		return &togetherError{err}
	}
	return err
}
