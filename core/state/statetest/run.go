package statetest

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Run checks adapters against the contract, each case in a parallel subtest
// with the case's ID.
//
// open returns a new adapter that is not connected, on data that no other
// adapter sees. It is called afresh for each case, with that case's t, and
// registers on it what is to be cleaned up; Run closes the adapter itself. With
// Features.VirtualTime it is called inside the case's bubble.
func Run(t *testing.T, open func(t *testing.T) state.Adapter, f Features) {
	t.Helper()
	ok := t.Run("Features", func(t *testing.T) {
		inTime(t, f, func(t *testing.T) { checkFeatures(t, NewSubject(t, open, f)) })
	})
	if !ok {
		return
	}
	for _, c := range Cases() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if missing, ok := f.has(c.Needs); !ok {
				t.Skipf("skip: Features.%s is not declared", missing)
			}
			inTime(t, f, func(t *testing.T) { c.Check(t, NewSubject(t, open, f)) })
		})
	}
}

// inTime runs the function in virtual or real time.
func inTime(t *testing.T, f Features, run func(t *testing.T)) {
	if f.VirtualTime {
		synctest.Test(t, run)
	} else {
		run(t)
	}
}

// Check runs the case, adds its rule to whatever it reports, and ends it if it
// hangs.
func (c Case) Check(t TB, s *Subject) {
	t.Helper()
	r := &reporter{TB: t, rule: c.Rule}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(r, s)
	}()
	watchdog := time.NewTimer(s.pace().watchdog)
	defer watchdog.Stop()
	select {
	case <-done:
	case <-watchdog.C:
		stack := make([]byte, 1<<16)
		r.Errorf("the case still runs after %v\n%s", s.pace().watchdog, stack[:runtime.Stack(stack, true)])
		s.cancel()
		select {
		case <-done:
		case <-time.After(s.pace().prompt):
			r.mute() // a call that ignores its context is left behind
		}
	}
	if r.isFatal() {
		t.FailNow()
	}
}

// reporter adds the rule to the first failure of a case. FailNow ends the case's
// goroutine only; Check passes it on.
type reporter struct {
	TB
	rule string

	mu    sync.Mutex
	said  bool
	muted bool
	fatal bool
}

// Errorf implements TB.
func (r *reporter) Errorf(format string, args ...any) {
	r.TB.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.muted {
		return
	}
	if !r.said {
		r.said = true
		format += "\n    rule: %s\n    stands in: %s"
		args = append(args, r.rule, RuleSource(r.rule))
	}
	r.TB.Errorf(format, args...)
}

// FailNow implements TB.
func (r *reporter) FailNow() {
	r.mu.Lock()
	r.fatal = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *reporter) isFatal() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fatal
}

// mute drops further reports: those of a case that has been given up.
func (r *reporter) mute() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.muted = true
}
