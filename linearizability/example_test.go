package linearizability_test

import (
	"testing"

	"github.com/chat-adapter/chat-go/linearizability"

	"github.com/chat-adapter/chat-go/core/state"
)

// newAdapter stands for the constructor of the adapter to judge. It has data of its
// own each time.
func newAdapter(t *testing.T) state.Adapter {
	t.Helper()
	a, err := state.Open(t.Context(), "mystate://127.0.0.1?prefix="+t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The whole test file of an adapter, next to its conformance test.
func Example() {
	TestLinearizability := func(t *testing.T) {
		linearizability.Run(t, newAdapter, linearizability.Config{})
	}

	// In a file of its own it is a function, and go test runs it.
	_ = TestLinearizability
}
