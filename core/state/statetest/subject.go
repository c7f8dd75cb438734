package statetest

import (
	"context"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Subject is the adapter under test as one case sees it.
type Subject struct {
	// Features is what is declared of the adapter.
	Features Features

	t      *testing.T
	open   func(t *testing.T) state.Adapter
	ctx    context.Context
	cancel context.CancelFunc

	speed *speed
	// stretch is how much longer than usual lifetimes are, and doubt is why the
	// case could not decide; see lasting.
	stretch time.Duration
	doubt   string
}

// NewSubject returns a subject for one case. What it opens is closed when t ends.
func NewSubject(t *testing.T, open func(t *testing.T) state.Adapter, f Features) *Subject {
	ctx, cancel := context.WithCancel(t.Context())
	return &Subject{Features: f, t: t, open: open, ctx: ctx, cancel: cancel, speed: &speed{}, stretch: 1}
}

// Context is the context for the case's calls. It ends when the case hangs.
func (s *Subject) Context() context.Context { return s.ctx }

// Open returns a new adapter with data of its own, not connected.
func (s *Subject) Open() state.Adapter { return s.closeLater(s.open(s.t)) }

// Connected returns a new adapter with data of its own, connected.
func (s *Subject) Connected(t TB) state.Adapter {
	t.Helper()
	a := s.Open()
	must(t, "Connect", a.Connect(s.ctx))
	return a
}

// Reopen returns a further adapter on the same data, connected.
func (s *Subject) Reopen(t TB, a state.Adapter) state.Adapter {
	t.Helper()
	b := s.closeLater(s.Features.Reopen(s.t, a))
	must(t, "Connect of a further adapter", b.Connect(s.ctx))
	return b
}

// closeLater closes the adapter when the case ends. What Close returns is for the
// cases to judge.
func (s *Subject) closeLater(a state.Adapter) state.Adapter {
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = a.Close(ctx)
	})
	return a
}
