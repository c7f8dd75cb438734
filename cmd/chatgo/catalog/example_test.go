package catalog_test

import (
	"fmt"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
)

// A program lists what an adapter is configured with.
func ExampleFindAdapter() {
	a, err := catalog.FindAdapter("telegram")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(a.Import())
	fmt.Println(a.Variables[0].Name)
	// Output:
	// github.com/chat-adapter/chat-go/adapters/telegram
	// TELEGRAM_BOT_TOKEN
}
