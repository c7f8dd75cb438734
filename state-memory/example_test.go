package memorystate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func Example() {
	ctx := context.Background()
	st, err := memorystate.New(memorystate.Config{})
	if err != nil {
		panic(err)
	}
	defer st.Close(ctx)
	if err := st.Connect(ctx); err != nil {
		panic(err)
	}

	lock, err := st.AcquireLock(ctx, "slack:C1:1700000000.000100", 30*time.Second)
	if err != nil {
		panic(err)
	}
	defer st.ReleaseLock(ctx, lock)

	_, err = st.AcquireLock(ctx, "slack:C1:1700000000.000100", 30*time.Second)
	fmt.Println(err)
	// Output: state: locked
}

func Example_byURL() {
	st, err := state.Open(context.Background(), "memory://")
	if err != nil {
		panic(err)
	}
	_, hasInbox := state.As[state.Inbox](st)
	fmt.Println(hasInbox)
	// Output: true
}
