package suite

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// TB is what a case needs of a *testing.T. It is small so that a recorder can
// stand in where a suite itself is tested.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Limits says how long a case may take.
type Limits struct {
	// Case is how long it may run before it is given up.
	Case time.Duration
	// End is how long it may take to end after that.
	End time.Duration
}

// Check runs one case, adds its rule to the first thing that it reports, and
// ends it if it takes longer than the limits: it reports the goroutines and calls
// giveUp, upon which the case should end. A panic, of the case or of a subject that
// it calls, fails the case, and the cases after it run.
func Check(t TB, c *Contract, rule string, limits Limits, giveUp func(), run func(t TB)) {
	t.Helper()
	r := &reporter{TB: t, rule: rule, contract: c}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.recover()
		run(r)
	}()
	watchdog := time.NewTimer(limits.Case)
	defer watchdog.Stop()
	select {
	case <-done:
	case <-watchdog.C:
		stack := make([]byte, 1<<16)
		r.Errorf("the case still runs after %v\n%s", limits.Case, stack[:runtime.Stack(stack, true)])
		giveUp()
		select {
		case <-done:
		case <-time.After(limits.End):
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
	rule     string
	contract *Contract

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
		args = append(args, r.rule, r.contract.Source(r.rule))
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

// recover reports the panic that ends the case's goroutine, if one does.
func (r *reporter) recover() {
	if p := recover(); p != nil {
		r.Errorf("the case panics: %v\n%s", p, debug.Stack())
	}
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
