package state_test

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/chat-adapter/chat-go/core/state"
)

// The backend is chosen by configuration, among those that the program imports.
func ExampleOpen() {
	_, err := state.Open(context.Background(), cmp.Or(os.Getenv("MY_STATE_URL"), "redis://127.0.0.1:6379"))
	fmt.Println(err) // this program has no import
	// Output: invalid configuration: state URL scheme "redis" is not registered: add import _ "github.com/chat-adapter/chat-go/state-redis"
}

// counting is a state that counts calls. Unwrap has the optional roles of the
// state below found.
type counting struct {
	state.Adapter
	gets int
}

func (c *counting) Unwrap() state.Adapter { return c.Adapter }

func (c *counting) Get(ctx context.Context, key string) ([]byte, error) {
	c.gets++
	return c.Adapter.Get(ctx, key)
}

// A role is found through wrappers, as an error is in a chain.
func ExampleAs() {
	var below state.Adapter // such as that of state-redis
	wrapped := &counting{Adapter: below}
	if inbox, ok := state.As[state.Inbox](wrapped); ok {
		fmt.Println(inbox)
	}
}
