package discord

import "sync"

// waiters has the interactions in this process that have no response yet. The zero value
// is ready. It is safe for concurrent use.
type waiters struct {
	mu   sync.Mutex
	open map[string]*waiter
}

// waiter is an interaction that has no response yet. It gets one response.
type waiter struct {
	mu       sync.Mutex // held while a response is sent
	closed   bool
	answered chan struct{} // closed when a handler has responded
	ended    chan struct{} // closed when nobody waits for a response any more
}

// begin adds an interaction. It returns nil for one that is already waiting, because it
// has come twice.
func (s *waiters) begin(id string) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*waiter{}
	}
	if s.open[id] != nil {
		return nil
	}
	w := &waiter{answered: make(chan struct{}), ended: make(chan struct{})}
	s.open[id] = w
	return w
}

func (s *waiters) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.open[id].ended)
	delete(s.open, id)
}

// find returns the waiter of an interaction, or nil if it is not waiting in this process.
func (s *waiters) find(id string) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[id]
}

// answer sends a response, if there was none yet. tried reports whether send was called.
func (w *waiter) answer(send func() error) (tried bool, err error) {
	if w == nil {
		return false, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false, nil
	}
	if err := send(); err != nil {
		return true, err
	}
	w.closed = true
	close(w.answered)
	return true, nil
}

// close ends the waiting. If there was no response, it calls send, which may be nil, and
// returns true.
func (w *waiter) close(send func() error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.closed = true
	if send != nil {
		_ = send() // it logs its error
	}
	return true
}
