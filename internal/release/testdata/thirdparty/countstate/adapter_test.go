package countstate

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
)

func TestConformance(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Adapter {
		a, err := New()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}, statetest.Features{Inbox: true, Turns: true, Swaps: true, Fences: true, InProcess: true, VirtualTime: true})
}
