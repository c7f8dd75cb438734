package discord

import "sync"

// waiters are the interactions of this process that have no response yet. The zero
// value is ready.
type waiters struct {
	mu   sync.Mutex
	open map[string]*waiter
}

// waiter is one of them. One response counts.
type waiter struct {
	mu       sync.Mutex // held while a response is sent
	closed   bool
	answered chan struct{} // closed with the response of a handler
	ended    chan struct{} // closed when it has a response, or will have none
}

// begin returns nil for an interaction that waits already: it has come twice.
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

// find returns the interaction, or nil if it does not wait in this process.
func (s *waiters) find(id string) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[id]
}

// answer sends a response, if there was none yet. It reports whether it has tried.
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

// close ends the waiting with the last response, unless there was one.
func (w *waiter) close(send func() error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.closed = true
	if send != nil {
		_ = send() // which logs
	}
	return true
}
