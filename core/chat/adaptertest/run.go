package adaptertest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/internal/suite"
)

// Run checks adapters against the contract, each case in a parallel subtest with
// the case's ID. open is called afresh for each case, with that case's t, and
// registers on it what is to be cleaned up.
func Run(t *testing.T, open func(t *testing.T) Harness, f Features) {
	t.Helper()
	if !t.Run("Features", func(t *testing.T) { CheckFeatures(t, NewSubject(t, open, f)) }) {
		return
	}
	for _, c := range Cases() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if missing, ok := f.has(c.Needs); !ok {
				t.Skipf("skip: %s", missing)
			}
			if c.Race && !suite.Race {
				t.Log("run this case with -race, too: most data races show under the race detector only")
			}
			c.Check(t, NewSubject(t, open, f))
		})
	}
}
