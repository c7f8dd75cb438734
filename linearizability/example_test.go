package linearizability_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/linearizability"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
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

// What a program has recorded itself can be judged, too. Here two callers got the lock of
// one thread at the same time, which no order of the calls explains.
func ExampleJudgeEvents() {
	err := linearizability.JudgeEvents(linearizability.Locks, linearizability.Config{}, []history.Event{
		{Client: 1, Kind: history.Acquire, Thread: "t", Token: "a", TTL: time.Minute, Call: 0, Return: time.Second},
		{Client: 2, Kind: history.Acquire, Thread: "t", Token: "b", TTL: time.Minute, Call: 2 * time.Second, Return: 3 * time.Second},
	})
	var violation *linearizability.Violation
	fmt.Println(errors.As(err, &violation))
	// Output: true
}
