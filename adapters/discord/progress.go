package discord

import "sync"

// progress is how far the events of a session are stored. They may be stored in
// another order than they came in; what counts is up to where all of them are.
type progress struct {
	mu      sync.Mutex
	open    map[int64]bool // received and not stored
	last    int64          // received
	now     session        // as the reader knows it
	stopped bool
}

// start begins with what a session before has stored.
func (p *progress) start(s session) { p.now, p.last = s, s.Seq }

// begin is called with a new session.
func (p *progress) begin(s session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now, p.last, p.open = s, 0, nil
}

// receive notes that an event has come. It reports false for one that came before.
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

// fail notes that an event could not be stored: none is taken any more.
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

// stored is the number up to which all events are stored.
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
