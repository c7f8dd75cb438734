package discord

import "sync"

// progress tracks which events of a session are stored. They may be stored in another
// order than they were received. It is safe for concurrent use after start.
type progress struct {
	mu      sync.Mutex
	open    map[int64]bool // the numbers of events that are received and not stored
	last    int64          // the number of the last event that was received
	now     session        // the current session
	stopped bool           // whether an event could not be stored
}

// start begins after the last stored event of a session.
func (p *progress) start(s session) { p.now, p.last = s, s.Seq }

// begin replaces the session with a new one.
func (p *progress) begin(s session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now, p.last, p.open = s, 0, nil
}

// receive records that an event was received. It returns false for an event that was
// received before.
func (p *progress) receive(seq int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seq <= p.last {
		return false
	}
	p.last = seq
	if p.open == nil {
		p.open = map[int64]bool{}
	}
	p.open[seq] = true
	return true
}

func (p *progress) finish(seq int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, seq)
}

// fail records that an event could not be stored. After that no event is handled.
func (p *progress) fail() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}

func (p *progress) failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

// stored returns the highest number up to which all events are stored.
func (p *progress) stored() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	seq := p.last
	for open := range p.open {
		seq = min(seq, open-1)
	}
	return seq
}

func (p *progress) session() session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}
