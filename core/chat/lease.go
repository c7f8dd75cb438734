package chat

import (
	"container/heap"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// leases renews every lock that this instance holds, from one timer and without
// a goroutine per lock, and cancels a lease's context before the lock can have
// passed to anyone else.
type leases struct {
	state   leaseBackend
	ttl     time.Duration
	maxTurn time.Duration
	// margin is how long before the lock's expiry the lease counts as lost. It
	// covers the delay of timers and of the scheduler.
	margin time.Duration

	// extendQueue lets what waits on a lock live on. Each renewal of a lock that has
	// been held for a third of its time calls it. Default: nothing waits.
	extendQueue func(ctx context.Context, key string) error

	// epoch is the zero of lease.deadline.
	epoch time.Time

	mu      sync.Mutex
	held    leaseHeap
	timer   *time.Timer
	timerAt time.Time
}

// leaseBackend is what leases need of the state.
type leaseBackend interface {
	state.Locks
	state.Cache
}

func newLeases(st leaseBackend, ttl, maxTurn time.Duration) *leases {
	margin := min(max(ttl/50, 50*time.Millisecond), time.Second)
	return &leases{state: st, ttl: ttl, maxTurn: maxTurn, margin: margin, epoch: time.Now()}
}

// lease is a held lock. Its context ends, with a cause, when the lock may no
// longer be held or the turn has to stop.
type lease struct {
	all    *leases
	ctx    context.Context
	cancel context.CancelCauseFunc
	own    leaseContext // ctx, of a lock

	// lock belongs to the renewal in flight if there is one, else to end. So does
	// lit: whether the beacon may be.
	lock *state.Lock
	lit  bool
	// extendAt is when the queue's expiry is due to be restored. It belongs to the
	// renewal in flight.
	extendAt time.Time
	// since is when the lock was asked for.
	since time.Time
	// abandoned is called once if the lock has expired and end was not called:
	// the handler ignores its context.
	abandoned func()

	// deadline is loseAt on the monotonic clock, in ns since all.epoch.
	deadline atomic.Int64

	// The fields below are guarded by all.mu.
	renewAt  time.Time     // when to ask for more
	loseAt   time.Time     // when the lock may be someone else's, less the margin
	stopAt   time.Time     // when the turn has taken too long
	toldAt   time.Time     // when the context was ended
	doubted  time.Time     // when it was last doubted that the lock is held
	renewing chan struct{} // closed when the renewal in flight has ended
	running  bool          // a handler was called
	paused   bool          // no renewal begins
	state    leaseState
	next     time.Time // when something is due; the heap's key
	index    int       // in the heap, -1 outside
}

type leaseState int

const (
	leaseHeld      leaseState = iota // renewed
	leaseCancelled                   // the context has ended; the lock runs out
	leaseEnded                       // given back, or run out
)

// leaseContext is a lease's context. Whoever asks it for its error has the clock
// looked at: after the process was stopped, or did not get the processor, the
// timer that ends the lease may be later than the handler.
type leaseContext struct {
	context.Context
	lease *lease
}

// Err implements context.Context.
func (c *leaseContext) Err() error {
	if time.Since(c.lease.all.epoch) >= time.Duration(c.lease.deadline.Load()) {
		c.lease.stop(ErrLockLost)
	}
	return c.Context.Err()
}

// acquire takes the lock of the key, or returns state.ErrLocked.
func (ls *leases) acquire(ctx context.Context, key string) (*lease, error) {
	sent := time.Now()
	lock, err := ls.state.AcquireLock(ctx, key, ls.ttl)
	if err != nil {
		return nil, err
	}
	return ls.hold(lock, sent), nil
}

// hold keeps a lock that was asked for at the time.
func (ls *leases) hold(lock *state.Lock, sent time.Time) *lease {
	l := &lease{all: ls, lock: lock, since: sent, extendAt: sent.Add(ls.ttl / 3), index: -1}
	ctx, cancel := context.WithCancelCause(context.Background())
	l.own = leaseContext{ctx, l}
	l.ctx, l.cancel = &l.own, cancel
	ls.mu.Lock()
	l.noteGrant(sent)
	l.stopAt = sent.Add(ls.maxTurn)
	l.renewAt = earliest(l.renewAt, sent.Add(beaconAfter))
	ls.schedule(l)
	ls.mu.Unlock()
	return l
}

// noteGrant notes that a request sent at the time was granted. The caller holds
// all.mu or is the only one who knows l.
func (l *lease) noteGrant(sent time.Time) {
	expires := sent.Add(l.all.ttl)
	if l.lock.ExpiresAt.Before(expires) {
		expires = l.lock.ExpiresAt
	}
	l.loseAt = expires.Add(-l.all.margin)
	l.deadline.Store(int64(l.loseAt.Sub(l.all.epoch)))
	l.renewAt = sent.Add(l.all.ttl / 3)
}

// beginTurn restarts the time that a turn may take. The beacon is lit with the next
// renewal and stays lit between turns.
func (l *lease) beginTurn() {
	now := time.Now()
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	l.stopAt = now.Add(l.all.maxTurn)
	first := !l.running
	l.running = true
	if light := now.Add(beaconAfter); first && light.Before(l.renewAt) {
		l.renewAt = light
		if l.index >= 0 {
			l.all.schedule(l)
		}
	}
}

// err returns the cause for which the lease's context has ended, or nil.
func (l *lease) err() error {
	if l.ctx.Err() == nil {
		return nil
	}
	return context.Cause(l.ctx)
}

// mayWrite reports whether the lock is still held although the context has ended,
// because the turn was cancelled or took too long.
func (l *lease) mayWrite() bool {
	cause := l.err()
	return (errors.Is(cause, ErrTurnCancelled) || errors.Is(cause, ErrTurnTooLong)) &&
		time.Since(l.all.epoch) < time.Duration(l.deadline.Load())
}

// stop ends the lease's context with the cause. The lock is no longer renewed.
func (l *lease) stop(cause error) {
	l.all.mu.Lock()
	l.stopLocked(cause)
	if l.index >= 0 {
		l.all.schedule(l)
	}
	l.all.mu.Unlock()
}

func (l *lease) stopLocked(cause error) {
	if l.state == leaseHeld {
		l.state = leaseCancelled
		l.toldAt = time.Now()
		l.cancel(cause)
	}
}

// end gives the lock back, unless it has been lost.
func (l *lease) end(ctx context.Context) {
	if l.markReleased() {
		// An error changes nothing: whatever is left of the lock runs out.
		_ = l.all.state.ReleaseLock(ctx, l.lock)
		l.darken()
	}
}

// markReleased notes that the lock is given back. It reports false if the lease had
// ended before.
func (l *lease) markReleased() bool {
	l.all.mu.Lock()
	if l.state == leaseEnded {
		l.all.mu.Unlock()
		return false
	}
	l.state = leaseEnded
	l.all.remove(l)
	renewing := l.renewing
	l.all.mu.Unlock()

	l.cancel(context.Canceled)
	if renewing != nil {
		<-renewing
	}
	return true
}

// pause leaves the lock to the caller: when it returns no renewal is on its way,
// and none begins until resume.
func (l *lease) pause() {
	l.all.mu.Lock()
	l.paused = true
	renewing := l.renewing
	l.all.mu.Unlock()
	if renewing != nil {
		<-renewing
	}
}

// resume ends what pause began.
func (l *lease) resume() {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	l.paused = false
	if l.index >= 0 {
		l.all.schedule(l)
	}
}

// schedule puts the lease where its next event belongs. The caller holds mu.
func (ls *leases) schedule(l *lease) {
	if l.state == leaseHeld {
		l.next = earliest(l.loseAt, l.stopAt)
		if l.renewing == nil && !l.paused {
			l.next = earliest(l.next, l.renewAt)
		}
	} else {
		l.next = ls.abandonAt(l)
	}
	if l.index < 0 {
		heap.Push(&ls.held, l)
	} else {
		heap.Fix(&ls.held, l.index)
	}
	ls.arm()
}

func (ls *leases) remove(l *lease) {
	if l.index >= 0 {
		heap.Remove(&ls.held, l.index)
	}
}

// arm sets the timer to the first event. A timer that fires too early costs
// nothing, so it is only ever moved forward. The caller holds mu.
func (ls *leases) arm() {
	if len(ls.held) == 0 {
		return
	}
	first := ls.held[0].next
	switch {
	case ls.timer == nil:
		ls.timer = time.AfterFunc(time.Until(first), ls.tick)
	case ls.timerAt.IsZero() || first.Before(ls.timerAt):
		ls.timer.Reset(time.Until(first))
	default:
		return
	}
	ls.timerAt = first
}

// tick does what is due.
func (ls *leases) tick() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.timerAt = time.Time{}
	now := time.Now()
	for len(ls.held) > 0 && !ls.held[0].next.After(now) {
		ls.due(ls.held[0], now)
	}
	ls.arm()
}

func (ls *leases) due(l *lease, now time.Time) {
	switch {
	case l.state == leaseCancelled:
		l.state = leaseEnded
		ls.remove(l)
		if l.abandoned != nil {
			go l.abandoned()
		}
		return
	case !l.loseAt.After(now):
		l.stopLocked(ErrLockLost)
	case !l.stopAt.After(now):
		l.stopLocked(ErrTurnTooLong)
	case l.renewing == nil && !l.paused && !l.renewAt.After(now):
		l.renewing = make(chan struct{})
		go l.renew(l.loseAt)
	}
	ls.schedule(l)
}

// abandonAt is when a cancelled handler that has not returned is given up: the
// lock has expired, and the handler has had time to clean up.
func (ls *leases) abandonAt(l *lease) time.Time {
	if l.toldAt.After(l.loseAt) { // the process was stopped meanwhile
		return l.toldAt.Add(ls.margin + ls.ttl/3)
	}
	return l.loseAt.Add(ls.margin + ls.ttl/3)
}

// renew asks for more time until the lease is lost anyway.
func (l *lease) renew(deadline time.Time) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	sent := time.Now()
	extended := l.extendQueue(ctx, sent)
	err := l.all.state.ExtendLock(ctx, l.lock, l.all.ttl)

	l.all.mu.Lock()
	l.noteRenewal(sent, err)
	light, loseAt := err == nil && l.running && l.state == leaseHeld, l.loseAt
	l.lit = l.lit || light
	l.all.mu.Unlock()
	failed := light && !l.light(ctx, loseAt)
	_, missed := extended.get()
	failed = failed || missed != nil
	if errors.Is(err, state.ErrLockLost) {
		l.darken()
	}

	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	if failed {
		l.renewAt = time.Now().Add(l.all.ttl / 20)
	}
	close(l.renewing)
	l.renewing = nil
	if l.state != leaseEnded {
		l.all.schedule(l)
	}
}

// extendQueue restores the expiry of what waits on the lock, if that is due, while the
// caller renews the lock.
func (l *lease) extendQueue(ctx context.Context, now time.Time) pending[struct{}] {
	if l.all.extendQueue == nil || now.Before(l.extendAt) {
		return here(struct{}{}, nil)
	}
	return ask(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, l.all.ttl/6) // as for the beacon
		defer cancel()
		err := l.all.extendQueue(ctx, l.lock.ThreadID)
		if err == nil {
			l.extendAt = now.Add(l.all.ttl / 3)
		}
		return struct{}{}, err
	})
}

// noteRenewal takes the answer to a renewal that was sent at the time. The caller holds
// all.mu.
func (l *lease) noteRenewal(sent time.Time, err error) {
	switch {
	case l.state == leaseEnded:
	case err == nil:
		l.noteGrant(sent)
		if l.doubted.After(sent) {
			l.renewAt = time.Now()
		}
	case errors.Is(err, state.ErrLockLost):
		l.loseAt = time.Now()
		l.stopLocked(ErrLockLost)
	default:
		// The backend may come back before the lock expires.
		l.renewAt = time.Now().Add(l.all.ttl / 20)
	}
}

// recheck renews the locks that match at once, as somebody doubts that they are
// held.
func (ls *leases) recheck(match func(key string) bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	now := time.Now()
	for _, l := range slices.Clone(ls.held) {
		if l.state == leaseHeld && match(l.lock.ThreadID) {
			l.doubted, l.renewAt = now, now
			ls.schedule(l)
		}
	}
}

// cancelAll ends the contexts of all leases with the cause.
func (ls *leases) cancelAll(cause error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.held {
		l.stopLocked(cause)
	}
	for i := range ls.held {
		ls.held[i].next = ls.abandonAt(ls.held[i])
	}
	heap.Init(&ls.held)
	ls.arm()
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// leaseHeap is ordered by the next event.
type leaseHeap []*lease

func (h leaseHeap) Len() int           { return len(h) }
func (h leaseHeap) Less(i, j int) bool { return h[i].next.Before(h[j].next) }
func (h leaseHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *leaseHeap) Push(x any) {
	l := x.(*lease)
	l.index = len(*h)
	*h = append(*h, l)
}

// Pop implements heap.Interface.
func (h *leaseHeap) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	l.index = -1
	*h = old[:len(old)-1]
	return l
}
