package gchat_test

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot answers a mention with a card, and a click on its button with a dialog.
func ExampleNew() {
	key, err := os.ReadFile("service-account.json")
	if err != nil {
		panic(err)
	}
	adapter, err := gchat.New(gchat.Config{Credentials: key, ProjectNumber: "123456789012", Commands: map[int64]string{2: "/order"}})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("Tea?", card.NewActions(card.NewButton("order", "Order").WithModal()))))
		return err
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		return ev.OpenModal(ctx, card.NewModal("tea", "Order tea", card.NewTextInput("kind", "Which one?")))
	}, "order")
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A job that no event has started posts to a space by its resource name. Chat.Channel and
// Chat.Thread take the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := gchat.New(gchat.Config{UseADC: true, ProjectNumber: "123456789012"})
	if err != nil {
		panic(err)
	}
	space, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "spaces/AAAA"})
	if err != nil {
		panic(err)
	}
	thread, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "spaces/AAAA", Thread: "spaces/AAAA/threads/BBBB"})
	if err != nil {
		panic(err)
	}
	fmt.Println(space)
	fmt.Println(thread)
	// Output:
	// gchat:spaces/AAAA
	// gchat:spaces/AAAA:c3BhY2VzL0FBQUEvdGhyZWFkcy9CQkJC
}

// A program lists the members of a space.
func ExampleAdapter_ListMembers() {
	var adapter *gchat.Adapter
	page, err := adapter.ListMembers(ctx, "gchat:spaces/AAAA", chat.PageRequest{Limit: 100})
	if err != nil {
		panic(err)
	}
	for _, user := range page.Items {
		println(user.FullName)
	}
}
