package dispatch

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// Lease is a held lock. Its context ends, with a cause, when the lock may no longer be
// held or the attempt has to end. It is safe for concurrent use.
type Lease struct {
	shard *leaseShard
	own   leaseContext
	free  context.Context // of a lease without a lock

	// lock belongs to the renewal in flight if there is one, else to End. So does
	// beats: whether there may be a heartbeat.
	lock  *state.Lock
	beats bool
	// extendAt is when the queue's expiry is due to be restored. It belongs to the
	// renewal in flight.
	extendAt moment
	// since is when the lock was asked for.
	since time.Time
	// holder is told if the lock has expired and the lease was not ended: the handler
	// ignores its context. It is set before the handler is called.
	holder abandoner

	// deadline is the loseAt of the last grant.
	deadline atomic.Int64
	// fence is the number of the grant. 0: nobody has asked for it.
	fence atomic.Int64
	// cause is why the context has ended. Nil: it has not.
	cause atomic.Pointer[error]

	// The fields below are guarded by shard.mu.
	ctx      context.Context // behind own; made when somebody wants more than its error
	cancel   context.CancelCauseFunc
	renewAt  moment        // when to ask for more
	loseAt   moment        // when the lock may be someone else's, less the margin
	stopAt   moment        // when the attempt has taken too long
	toldAt   moment        // when the context was ended
	doubted  moment        // when it was last doubted that the lock is held
	renewing chan struct{} // closed when the renewal in flight has ended
	running  bool          // a handler was called
	paused   bool          // no renewal begins
	state    leaseStage
	next     moment // when something is due; the heap's key
	index    int    // in the heap, -1 outside

	batch   Batch // the first one under the lock, whose goroutine uses it
	batched bool
}

type leaseStage int

const (
	leaseHeld      leaseStage = iota // renewed
	leaseCancelled                   // the context has ended; the lock runs out
	leaseEnded                       // given back, or run out
)

// abandoner gives up the goroutine of a handler that ignores the end of the lease. It may
// be told when the handler has returned after all.
type abandoner interface{ abandon(l *Lease) }

// NewLease returns a lease of an attempt that needs no lock: it ends with the context.
func NewLease(ctx context.Context) *Lease { return &Lease{free: ctx} }

// leaseContext is a lease's context. Whoever asks it for its error has the clock
// looked at: after the process was stopped, or did not get the processor, the
// timer that ends the lease may be later than the handler. Most handlers ask it for
// nothing else, so what else a context has is made when it is wanted.
type leaseContext struct{ lease *Lease }

// Deadline implements context.Context.
func (*leaseContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (c *leaseContext) Done() <-chan struct{} { return c.lease.context().Done() }

// Value implements context.Context.
func (c *leaseContext) Value(key any) any { return c.lease.context().Value(key) }

// Err implements context.Context.
func (c *leaseContext) Err() error {
	if c.lease.Err() == nil {
		return nil
	}
	return context.Canceled
}

// context returns the context behind own.
func (l *Lease) context() context.Context {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	if l.ctx == nil {
		l.ctx, l.cancel = context.WithCancelCause(context.Background())
		if cause := l.cause.Load(); cause != nil {
			l.cancel(*cause)
		}
	}
	return l.ctx
}

// Context returns the context that ends with the lease.
func (l *Lease) Context() context.Context {
	if l.free != nil {
		return l.free
	}
	return &l.own
}

// Err returns the cause for which the lease's context has ended, or nil.
func (l *Lease) Err() error {
	if l.free != nil {
		return context.Cause(l.free)
	}
	if l.cause.Load() == nil && l.isPastDeadline() {
		l.stop(fault.ErrLockLost)
	}
	if cause := l.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

// isPastDeadline reports whether the lock may be someone else's.
func (l *Lease) isPastDeadline() bool {
	return l.shard.all.now() >= moment(l.deadline.Load())
}

// noteGrant notes that a request sent at the time was granted. The caller holds
// the shard's mutex.
func (l *Lease) noteGrant(sent time.Time) {
	all := l.shard.all
	expires := sent.Add(all.ttl)
	if l.lock.ExpiresAt.Before(expires) {
		expires = l.lock.ExpiresAt
	}
	l.loseAt = all.moment(expires).plus(-all.margin)
	l.deadline.Store(int64(l.loseAt))
	l.renewAt = all.moment(sent).plus(all.ttl / 3)
}

// beginAttempt restarts the time that an attempt may take. The first heartbeat comes
// with the next renewal, and they go on between attempts.
func (l *Lease) beginAttempt(now time.Time, holder abandoner) {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	l.holder = holder
	begun := l.shard.all.moment(now)
	l.stopAt = begun.plus(l.shard.all.maxTurn)
	first := !l.running
	l.running = true
	if beat := begun.plus(heartbeatAfter); first && beat < l.renewAt {
		l.renewAt = beat
		if l.index >= 0 {
			l.shard.schedule(l)
		}
	}
}

// mayWrite reports whether the lock is still held although the context has ended,
// because the attempt was cancelled or took too long.
func (l *Lease) mayWrite() bool {
	cause := l.Err()
	return (errors.Is(cause, fault.ErrTurnCancelled) || errors.Is(cause, fault.ErrTurnTooLong)) && !l.isPastDeadline()
}

// stop ends the lease's context with the cause. The lock is no longer renewed.
func (l *Lease) stop(cause error) {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	l.stopLocked(cause)
	if l.index >= 0 {
		l.shard.schedule(l)
	}
}

func (l *Lease) stopLocked(cause error) {
	if l.state == leaseHeld {
		l.state = leaseCancelled
		l.toldAt = l.shard.all.now()
		l.endContext(&cause)
	}
}

// endContext ends the context. The caller holds the shard's mutex.
func (l *Lease) endContext(cause *error) {
	if l.cause.CompareAndSwap(nil, cause) && l.cancel != nil {
		l.cancel(*cause)
	}
}

// end gives the lock back, unless it has been lost.
func (l *Lease) end(ctx context.Context) {
	if l.markReleased() {
		// An error changes nothing: whatever is left of the lock runs out.
		_ = l.shard.all.state.ReleaseLock(ctx, l.lock)
		l.endHeartbeat()
	}
}

// given is the cause for which the context of a lock that was given back has ended.
var given = context.Canceled

// markReleased notes that the lock is given back. It reports false if the lease had
// ended before.
func (l *Lease) markReleased() bool {
	l.shard.mu.Lock()
	if l.state == leaseEnded {
		l.shard.mu.Unlock()
		return false
	}
	l.state = leaseEnded
	l.shard.remove(l)
	l.endContext(&given)
	renewing := l.renewing
	l.shard.mu.Unlock()
	if renewing != nil {
		<-renewing
	}
	return true
}

// pause leaves the lock to the caller: when it returns no renewal is on its way,
// and none begins until resume.
func (l *Lease) pause() {
	l.shard.mu.Lock()
	l.paused = true
	renewing := l.renewing
	l.shard.mu.Unlock()
	if renewing != nil {
		<-renewing
	}
}

// resume ends what pause began.
func (l *Lease) resume() {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	l.paused = false
	if l.index >= 0 {
		l.shard.schedule(l)
	}
}

// abandonAt is when a cancelled handler that has not returned is given up: the
// lock has expired, and the handler has had time to clean up. The caller holds the
// shard's mutex.
func (l *Lease) abandonAt() moment {
	all := l.shard.all
	return max(l.toldAt, l.loseAt).plus(all.margin + all.ttl/3) // told later: the process was stopped meanwhile
}
