// Package fakeapi has what the servers of fake platforms share.
package fakeapi

import "sync"

// Script is what calls of a fake server are answered with instead of their own answers,
// for a server to embed. F is a refusal as the platform writes it. It is safe for
// concurrent use.
type Script[F any] struct {
	mu     sync.Mutex
	fail   map[string][]F
	broken bool
}

// Fail has the next calls with this name answered so, one each.
func (s *Script[F]) Fail(call string, failures ...F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.fail = map[string][]F{}
	}
	s.fail[call] = append(s.fail[call], failures...)
}

// Break has every call fail from now on.
func (s *Script[F]) Break() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
}

// Take returns what a call is answered with, if that is not its own answer: away after
// Break, and else the next failure that waits for it.
func (s *Script[F]) Take(call string, away F) (failure F, failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return away, true
	}
	waiting := s.fail[call]
	if len(waiting) == 0 {
		return failure, false
	}
	s.fail[call] = waiting[1:]
	return waiting[0], true
}
