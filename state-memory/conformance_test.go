package memorystate_test

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func TestConformance(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Adapter {
		a, err := memorystate.New(memorystate.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}, statetest.Features{Inbox: true, Turns: true, Swaps: true, Fences: true, InProcess: true, VirtualTime: true})
}

// TestConformanceInRealTime runs the same cases on the real clock.
func TestConformanceInRealTime(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Adapter {
		a, err := memorystate.New(memorystate.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}, statetest.Features{Inbox: true, Turns: true, Swaps: true, Fences: true, InProcess: true})
}

func BenchmarkConformance(b *testing.B) {
	statetest.Bench(b, func(b *testing.B) state.Adapter {
		a, err := memorystate.New(memorystate.Config{})
		if err != nil {
			b.Fatal(err)
		}
		return a
	})
}

func TestOpener(t *testing.T) { statetest.RunOpener(t, "memory", "memory://") }
