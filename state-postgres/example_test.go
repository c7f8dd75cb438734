package pgstate_test

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"
	_ "github.com/chat-adapter/chat-go/state-postgres"
)

// Opening connects nowhere: Run of the bot does, and tries until Postgres is there.
func Example() {
	st, err := state.Open(context.Background(), "postgres://bot:secret@localhost:5432/chat?prefix=mybot")
	if err != nil {
		panic(err)
	}
	_, hasInbox := state.As[state.Inbox](st)
	fmt.Println(hasInbox)
	// Output: true
}
