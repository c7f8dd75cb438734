package messenger_test

import (
	"context"
	"errors"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
	bot *chat.Chat
)

// A shop asks what the customer wants.
func ExampleNew() {
	adapter, err := messenger.New(messenger.FromEnv())
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("What may it be?", card.NewActions(
			card.NewButton("order", "Order a tea"), card.NewButton("person", "Ask a person"),
		))))
		return err
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("It is on its way."))
		return err
	}, "order")
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A person answers on the next day.
func ExampleWithTag() {
	thread, err := bot.Thread("messenger:200000000000001")
	if err != nil {
		panic(err)
	}
	answer := chat.Text("We have found your parcel.")
	_, err = thread.Post(ctx, answer)
	if errors.Is(err, messenger.ErrWindowClosed) {
		_, err = thread.Post(messenger.WithTag(ctx, messenger.TagHumanAgent), answer)
	}
	if err != nil {
		panic(err)
	}
}
