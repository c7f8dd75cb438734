package dispatch

import "sync/atomic"

// maxSpares is how many goroutines wait for a worker.
const maxSpares = 64

// spares are goroutines that have served a worker and wait for another one: one whose
// stack has grown is worth keeping.
type spares struct {
	next    chan *hold
	waiting atomic.Int64
	closed  chan struct{}
}

func (s *spares) init() { s.next, s.closed = make(chan *hold), make(chan struct{}) }

// run has a goroutine serve the hold's worker.
func (s *spares) run(h *hold) {
	if s.waiting.Load() > 0 {
		select {
		case s.next <- h:
			return
		default: // none has come to wait yet
		}
	}
	go s.serve(h)
}

// serve serves worker after worker until it is one spare goroutine too many, or close is
// called.
func (s *spares) serve(h *hold) {
	for {
		h.serve()
		h.recycle()
		h = nil
		if s.waiting.Add(1) > maxSpares {
			s.waiting.Add(-1)
			return
		}
		select {
		case h = <-s.next:
			s.waiting.Add(-1)
		case <-s.closed:
			return
		}
	}
}

// close ends the goroutines that wait.
func (s *spares) close() { close(s.closed) }
