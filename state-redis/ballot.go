package redisstate

import "time"

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

func newBallots(n int) []ballot {
	b := make([]ballot, n)
	for i := range b {
		b[i].done = make(chan struct{})
	}
	return b
}

// cast fills the ballot in. It is called once.
func (b *ballot) cast(won bool, err error) {
	b.won, b.err = won, err
	close(b.done)
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
