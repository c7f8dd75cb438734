package history_test

import (
	"context"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// free is a backend whose locks are always free.
type free struct{ state.Locks }

func (free) AcquireLock(_ context.Context, thread string, _ time.Duration) (*state.Lock, error) {
	return &state.Lock{ThreadID: thread, Token: "t"}, nil
}

// Two clients get a lock that only one should get: a checker finds it in the events.
func ExampleRecorder() {
	r := history.NewRecorder()
	for client := range 2 {
		if _, err := r.Locks(client, free{}).AcquireLock(context.Background(), "thread", time.Second); err != nil {
			fmt.Println(err)
		}
	}
	for _, e := range r.Events() {
		fmt.Println(e.Client, e.Kind, e.Thread, e.Err)
	}
	// Output:
	// 0 acquire thread <nil>
	// 1 acquire thread <nil>
}
