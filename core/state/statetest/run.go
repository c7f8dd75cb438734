package statetest

import (
	"testing"
	"testing/synctest"

	"github.com/chat-adapter/chat-go/core/internal/suite"
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
	shared := &speed{}
	subject := func(t *testing.T) *Subject {
		s := NewSubject(t, open, f)
		s.speed = shared
		return s
	}
	ok := t.Run("Features", func(t *testing.T) {
		inTime(t, f, func(t *testing.T) { checkFeatures(t, subject(t)) })
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
			inTime(t, f, func(t *testing.T) { c.Check(t, subject(t)) })
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

// Check runs the case, adds its rule to the first thing that it reports, and ends
// it if it hangs.
func (c Case) Check(t TB, s *Subject) {
	t.Helper()
	limits := suite.Limits{Case: s.pace().watchdog, End: s.pace().prompt}
	suite.Check(t, contract, c.Rule, limits, s.cancel, func(t suite.TB) { c.Run(t, s) })
}
