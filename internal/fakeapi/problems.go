package fakeapi

import (
	"sync"
	"testing"
)

// Problems are what was wrong with the calls of an adapter, for a server to embed. Each
// fails the test. It is safe for concurrent use.
type Problems struct {
	tb     testing.TB
	server string

	mu       sync.Mutex
	expected bool
	all      []string
}

// NewProblems returns an empty list. The server is its name in failures.
func NewProblems(tb testing.TB, server string) *Problems { return &Problems{tb: tb, server: server} }

// Expect has wrong calls be refused without failing the test, for tests of the server
// itself. The function returns what was wrong since it was called last.
func (p *Problems) Expect() (problems func() []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = true
	return func() []string {
		p.mu.Lock()
		defer p.mu.Unlock()
		got := p.all
		p.all = nil
		return got
	}
}

// Report notes what is wrong with a call.
func (p *Problems) Report(problems ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, problems...)
	if p.expected {
		return
	}
	for _, problem := range problems {
		p.tb.Errorf("%s: %s", p.server, problem)
	}
}
