package statetest

import (
	"fmt"
	"sync"
	"time"
)

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
	// patience and impatience are how long adapters wait for a silent backend:
	// much longer than a call may take, and as short as it goes.
	patience, impatience time.Duration
}

var (
	virtualPace = pace{
		ttl: time.Minute, early: 2 * time.Millisecond, late: 2 * time.Millisecond, step: time.Millisecond,
		long: 50 * time.Hour, prompt: time.Second, watchdog: 1000 * time.Hour,
		patience: time.Hour, impatience: 5 * time.Second,
	}
	realPace = pace{
		ttl: 150 * time.Millisecond, early: 5 * time.Millisecond, late: 300 * time.Millisecond, step: 5 * time.Millisecond,
		long: 150 * time.Millisecond, prompt: 5 * time.Second, watchdog: 3 * time.Minute,
		patience: time.Minute, impatience: 300 * time.Millisecond,
	}
)

// pace returns how the case treats time. What it waits for is long against what a
// call of the subject takes.
func (s *Subject) pace() pace {
	if s.Features.VirtualTime {
		return virtualPace
	}
	p, call := realPace, s.speed.of(s)
	p.ttl = max(p.ttl, 12*call) * s.stretch
	p.long = p.ttl
	p.prompt = max(p.prompt, 50*call)
	p.watchdog = max(p.watchdog, 3000*call)
	p.patience = max(p.patience, 10*p.prompt)
	p.impatience = max(p.impatience, 20*call)
	return p
}

// speed is how long a call of the subject takes. Cases of one run share it.
type speed struct {
	once sync.Once
	call time.Duration
}

// of measures the speed when it is first asked for.
func (v *speed) of(s *Subject) time.Duration {
	v.once.Do(func() {
		a := s.Open()
		if a.Connect(s.ctx) != nil {
			return // the cases find out why
		}
		for range 3 {
			took := timed(func() { _, _ = a.IsSubscribed(s.ctx, "speed") })
			v.call = max(v.call, took.length())
		}
		_ = a.Close(s.ctx)
	})
	return v.call
}

// lasting makes a case of lifetimes that says when it could not decide: it is run
// again with longer ones, and in the end it fails.
func lasting(run func(t TB, s *Subject)) func(t TB, s *Subject) {
	return func(t TB, s *Subject) {
		for s.stretch = 1; s.stretch <= 64; s.stretch *= 4 {
			s.doubt = ""
			if run(t, s); s.doubt == "" {
				return
			}
		}
		t.Errorf("undecided: %s", s.doubt)
	}
}

// undecided notes that the subject was too slow for the case to decide something.
func (s *Subject) undecided(what string, took, ttl time.Duration) {
	s.doubt = fmt.Sprintf("%s\n    seen: answers came too late to see whether a lifetime of %[3]v is kept; a call took up to %[2]v\n    want: a faster backend or a less busy machine", what, took, ttl)
}
