package gchat_test

import (
	"context"
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

// A bot that answers with a card, and opens a dialog.
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

// The members of a space.
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
