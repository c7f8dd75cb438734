package redisstate_test

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// Opening connects nowhere: Run of the bot does, and tries until Redis is there.
func Example() {
	st, err := state.Open(context.Background(), "redis+sentinel://h1:26379,h2:26379/mymaster/0?prefix=mybot&min_replicas=1")
	if err != nil {
		panic(err)
	}
	_, hasInbox := state.As[state.Inbox](st)
	fmt.Println(hasInbox)
	// Output: true
}

// Locks are given by a majority of three independent servers. The first one stores
// everything.
func ExampleConfig() {
	st, err := redisstate.New(redisstate.Config{
		URL:        "redis://a:6379",
		MasterURLs: []string{"redis://b:6379", "redis://c:6379"},
	})
	fmt.Println(st != nil, err)
	// Output: true <nil>
}
