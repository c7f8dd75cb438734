package redisstate

import (
	"context"
	"sync"
	"time"
)

// Of callers who ask several masters at once, each may win some and none the
// majority. So the masters are asked in order: the first that answers decides
// who may ask the others. A master that does not answer soon is passed over, and
// not waited for at all for a while.

// ballot is what one master answered.
type ballot struct {
	done chan struct{}
	won  bool
	err  error
}

// cast fills the ballot in. It is called once.
func (b *ballot) cast(won bool, err error) {
	b.won, b.err = won, err
	close(b.done)
}

// ballots are those of all AcquireLock calls that some master has not answered
// yet, by token. A call returns with the majority, so its lock can be released
// while a slow master, or one that is asked again, has still to give it: that
// master must hear of the release afterwards.
type ballots struct {
	mu   sync.Mutex
	open map[string][]ballot
}

// begin makes the ballots of a call and keeps them until all are cast.
func (bs *ballots) begin(token string, masters int) []ballot {
	all := make([]ballot, masters)
	for i := range all {
		all[i].done = make(chan struct{})
	}
	bs.mu.Lock()
	if bs.open == nil {
		bs.open = map[string][]ballot{}
	}
	bs.open[token] = all
	bs.mu.Unlock()
	go func() {
		for i := range all {
			<-all[i].done
		}
		bs.mu.Lock()
		delete(bs.open, token)
		bs.mu.Unlock()
	}()
	return all
}

// wait waits until the master has answered the call that took the lock, if it
// has not.
func (bs *ballots) wait(ctx context.Context, token string, master int) error {
	bs.mu.Lock()
	all := bs.open[token]
	bs.mu.Unlock()
	if all == nil {
		return nil
	}
	select {
	case <-all[master].done:
		return nil
	case <-ctx.Done():
		return &unsentError{ctx.Err()}
	}
}

const (
	// ballotPatience is how long the next master waits for the one before.
	// It is far above what a busy machine takes: a master that is passed over
	// although it lives can split the vote.
	ballotPatience = 500 * time.Millisecond
	// silentFor is how long a master that kept the others waiting is passed over,
	// unless it answers.
	silentFor = 10 * time.Second
)

// turn waits until it is clear whether this master is to be asked: not if one
// before it has refused.
func (c *voterConn) turn() bool {
	timer := time.NewTimer(ballotPatience)
	defer timer.Stop()
	for i := range c.index {
		b, n := &c.ballots[i], c.voters.op.a.locks[i]
		if time.Now().UnixNano() < n.silent.Load() {
			select {
			case <-b.done:
			default:
				continue
			}
		}
		select {
		case <-b.done:
			if b.err == nil {
				return b.won
			}
		case <-timer.C:
			n.silent.Store(time.Now().Add(silentFor).UnixNano())
			timer.Reset(ballotPatience)
		}
	}
	return true
}

// awaitRelease waits, after a majority has released the lock, until the other
// masters have, too, unless they are silent. If one of them still held the lock
// when the call returns, and is the one that decides, the next who asks would be
// refused a free lock.
func (v *voters) awaitRelease() {
	if v.released == nil {
		return
	}
	timer := time.NewTimer(ballotPatience)
	defer timer.Stop()
	for i, released := range v.released {
		n := v.op.a.locks[i]
		if time.Now().UnixNano() < n.silent.Load() {
			continue
		}
		select {
		case <-released:
		case <-timer.C:
			n.silent.Store(time.Now().Add(silentFor).UnixNano())
			timer.Reset(0)
		case <-v.op.ctx.Done():
			return
		}
	}
}
