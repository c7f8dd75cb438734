package dispatch

import (
	"container/heap"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// leases renews every lock that this instance holds, from one timer for each shard and
// without a goroutine for each lock, and ends a lease's context before the lock can
// have passed to anyone else.
type leases struct {
	state   leaseState
	fences  state.Fences // nil: the state has none
	ttl     time.Duration
	maxTurn time.Duration
	// margin is how long before the lock's expiry the lease counts as lost. It
	// covers the delay of timers and of the scheduler.
	margin time.Duration
	// extendQueue lets what waits on a lock live on. Each renewal of a lock that has
	// been held for a third of its time calls it. Nil: nothing waits.
	extendQueue func(ctx context.Context, key string) error
	// start is the moment 0.
	start time.Time

	shards [shardCount]leaseShard
}

// moment is a time on the monotonic clock, in ns since leases.start.
type moment int64

// plus returns the moment later, or the last one there is.
func (m moment) plus(d time.Duration) moment {
	if moment(d) > math.MaxInt64-max(m, 0) {
		return math.MaxInt64
	}
	return m + moment(d)
}

func (ls *leases) now() moment { return moment(time.Since(ls.start)) }

func (ls *leases) moment(t time.Time) moment { return moment(t.Sub(ls.start)) }

// until returns how long it is until the moment.
func (ls *leases) until(m moment) time.Duration { return time.Duration(m - ls.now()) }

// leaseShard has the leases of some keys.
type leaseShard struct {
	all *leases

	mu      sync.Mutex
	held    leaseHeap
	timer   *time.Timer
	timerAt moment // 0: it is not set
}

// leaseState is what leases need of the state.
type leaseState interface {
	state.Locks
	state.Cache
}

func (ls *leases) init(st leaseState, ttl, maxTurn time.Duration, extendQueue func(context.Context, string) error) {
	ls.state, ls.ttl, ls.maxTurn, ls.extendQueue = st, ttl, maxTurn, extendQueue
	ls.margin = min(max(ttl/50, 50*time.Millisecond), time.Second)
	ls.start = time.Now()
	for i := range ls.shards {
		ls.shards[i].all = ls
	}
}

// acquire takes the lock of the key, or returns state.ErrLocked.
func (ls *leases) acquire(ctx context.Context, key Key) (*Lease, error) {
	sent := time.Now()
	lock, err := ls.state.AcquireLock(ctx, key.name, ls.ttl)
	if err != nil {
		return nil, err
	}
	return ls.hold(lock, sent, &Lease{}), nil
}

// hold keeps a lock that was asked for at the time, in an empty lease, which it returns.
func (ls *leases) hold(lock *state.Lock, sent time.Time, l *Lease) *Lease {
	s := &ls.shards[shardOf(lock.ThreadID)]
	asked := ls.moment(sent)
	l.shard, l.lock, l.since, l.extendAt, l.index = s, lock, sent, asked.plus(ls.ttl/3), -1
	l.own.lease = l
	s.mu.Lock()
	defer s.mu.Unlock()
	l.noteGrant(sent)
	l.stopAt = asked.plus(ls.maxTurn)
	s.schedule(l)
	return l
}

// recheck renews the locks that match at once, as somebody doubts that they are held.
func (ls *leases) recheck(match func(key string) bool) {
	for i := range ls.shards {
		ls.shards[i].recheck(match)
	}
}

func (s *leaseShard) recheck(match func(key string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.all.now()
	for _, l := range slices.Clone(s.held) {
		if l.state == leaseHeld && match(l.lock.ThreadID) {
			l.doubted, l.renewAt = now, now
			s.schedule(l)
		}
	}
}

// cancelAll ends the contexts of all leases with the cause.
func (ls *leases) cancelAll(cause error) {
	for i := range ls.shards {
		ls.shards[i].cancelAll(cause)
	}
}

func (s *leaseShard) cancelAll(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.held {
		l.stopLocked(cause)
	}
	for i := range s.held {
		s.held[i].next = s.held[i].abandonAt()
	}
	heap.Init(&s.held)
	s.arm()
}

// schedule puts the lease where its next event belongs. The caller holds mu.
func (s *leaseShard) schedule(l *Lease) {
	if l.state == leaseHeld {
		l.next = min(l.loseAt, l.stopAt)
		if l.renewing == nil && !l.paused {
			l.next = min(l.next, l.renewAt)
		}
	} else {
		l.next = l.abandonAt()
	}
	if l.index < 0 {
		heap.Push(&s.held, l)
	} else {
		heap.Fix(&s.held, l.index)
	}
	s.arm()
}

func (s *leaseShard) remove(l *Lease) {
	if l.index >= 0 {
		heap.Remove(&s.held, l.index)
	}
}

// arm sets the timer to the first event. A timer that fires too early costs
// nothing, so it is only ever moved forward. The caller holds mu.
func (s *leaseShard) arm() {
	if len(s.held) == 0 {
		return
	}
	first := s.held[0].next
	switch {
	case s.timer == nil:
		s.timer = time.AfterFunc(s.all.until(first), s.tick)
	case s.timerAt == 0 || first < s.timerAt:
		s.timer.Reset(s.all.until(first))
	default:
		return
	}
	s.timerAt = first
}

// tick does what is due.
func (s *leaseShard) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timerAt = 0
	now := s.all.now()
	for len(s.held) > 0 && s.held[0].next <= now {
		s.handleDue(s.held[0], now)
	}
	s.arm()
}

func (s *leaseShard) handleDue(l *Lease, now moment) {
	switch {
	case l.state == leaseCancelled:
		l.state = leaseEnded
		s.remove(l)
		if l.holder != nil {
			go l.holder.abandon(l)
		}
		return
	case l.loseAt <= now:
		l.stopLocked(fault.ErrLockLost)
	case l.stopAt <= now:
		l.stopLocked(fault.ErrTurnTooLong)
	case l.renewing == nil && !l.paused && l.renewAt <= now:
		l.renewing = make(chan struct{})
		go l.renew(l.loseAt)
	}
	s.schedule(l)
}

// renew asks for more time until the lease is lost anyway.
func (l *Lease) renew(deadline moment) {
	all, mu := l.shard.all, &l.shard.mu
	ctx, cancel := context.WithTimeout(context.Background(), all.until(deadline))
	defer cancel()
	sent := time.Now()
	extended := l.extendQueue(ctx, sent)
	err := all.state.ExtendLock(ctx, l.lock, all.ttl)

	mu.Lock()
	l.noteRenewal(sent, err)
	beat, loseAt := err == nil && l.running && l.state == leaseHeld, l.loseAt
	l.beats = l.beats || beat
	mu.Unlock()
	failed := beat && !l.beat(ctx, loseAt)
	_, missed := extended.get()
	failed = failed || missed != nil
	if errors.Is(err, fault.ErrLockLost) {
		l.endHeartbeat()
	}

	mu.Lock()
	defer mu.Unlock()
	if failed {
		l.renewAt = all.now().plus(all.ttl / 20)
	}
	close(l.renewing)
	l.renewing = nil
	if l.state != leaseEnded {
		l.shard.schedule(l)
	}
}

// extendQueue restores the expiry of what waits on the lock, if that is due, while the
// caller renews the lock.
func (l *Lease) extendQueue(ctx context.Context, now time.Time) answer[struct{}] {
	all := l.shard.all
	if all.extendQueue == nil || all.moment(now) < l.extendAt {
		return known(struct{}{}, nil)
	}
	return ask(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, all.ttl/6) // as for the heartbeat
		defer cancel()
		err := all.extendQueue(ctx, l.lock.ThreadID)
		if err == nil {
			l.extendAt = all.moment(now).plus(all.ttl / 3)
		}
		return struct{}{}, err
	})
}

// noteRenewal takes the answer to a renewal that was sent at the time. The caller holds
// the shard's mutex.
func (l *Lease) noteRenewal(sent time.Time, err error) {
	all := l.shard.all
	switch {
	case l.state == leaseEnded:
	case err == nil:
		l.noteGrant(sent)
		if l.doubted > all.moment(sent) {
			l.renewAt = all.now()
		}
	case errors.Is(err, fault.ErrLockLost):
		l.loseAt = all.now()
		l.stopLocked(fault.ErrLockLost)
	default:
		// The backend may come back before the lock expires.
		l.renewAt = all.now().plus(all.ttl / 20)
	}
}

// leaseHeap is ordered by the next event.
type leaseHeap []*Lease

func (h leaseHeap) Len() int           { return len(h) }
func (h leaseHeap) Less(i, j int) bool { return h[i].next < h[j].next }
func (h leaseHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *leaseHeap) Push(x any) {
	l := x.(*Lease)
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
