package statetest_test

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
)

// The whole test file of an adapter. Its backend is a server that outlives the
// adapters, so that the suite may close and reopen them and run two at once.
func Example() {
	TestConformance := func(t *testing.T) {
		statetest.Run(t, func(t *testing.T) state.Adapter {
			return newReference(newStore()) // not connected, on data of its own
		}, statetest.Features{
			Inbox: true, Swaps: true, // checked: what is there must be declared
			Persistent: true, Shared: true,
			Reopen: func(t *testing.T, a state.Adapter) state.Adapter {
				return newReference(a.(*reference).store) // another one on the same data
			},
			VirtualTime: true, // its time is package time's: an hour takes no time
		})
	}
	BenchmarkConformance := func(b *testing.B) {
		statetest.Bench(b, func(b *testing.B) state.Adapter { return newReference(newStore()) })
	}

	// In a file of their own the two are functions, and go test runs them.
	_, _ = TestConformance, BenchmarkConformance
}
