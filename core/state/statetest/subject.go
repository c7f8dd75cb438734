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
}

// NewSubject returns a subject for one case. What it opens is closed when t ends.
func NewSubject(t *testing.T, open func(t *testing.T) state.Adapter, f Features) *Subject {
	ctx, cancel := context.WithCancel(t.Context())
	return &Subject{Features: f, t: t, open: open, ctx: ctx, cancel: cancel}
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

// pace is how a case treats time.
type pace struct {
	// ttl is a lifetime that the case waits for.
	ttl time.Duration
	// early is how much sooner than its lifetime something may end: the
	// resolution of the backend's clock.
	early time.Duration
	// late is how much later than its lifetime something may still be there.
	late time.Duration
	// step is how long to wait between two looks.
	step time.Duration
	// long is how long to wait for something that must not end.
	long time.Duration
	// prompt is how soon a call that must not wait has to return.
	prompt time.Duration
	// watchdog ends a case that hangs.
	watchdog time.Duration
}

var (
	virtualPace = pace{
		ttl: time.Minute, early: 2 * time.Millisecond, late: 2 * time.Millisecond, step: time.Millisecond,
		long: 50 * time.Hour, prompt: time.Second, watchdog: 1000 * time.Hour,
	}
	realPace = pace{
		ttl: 150 * time.Millisecond, early: 5 * time.Millisecond, late: 5 * time.Second, step: 5 * time.Millisecond,
		long: 150 * time.Millisecond, prompt: 5 * time.Second, watchdog: time.Minute,
	}
)

func (s *Subject) pace() pace {
	if s.Features.VirtualTime {
		return virtualPace
	}
	return realPace
}
