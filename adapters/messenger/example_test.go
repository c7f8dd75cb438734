package messenger_test

import (
	"context"
	"errors"
	"fmt"
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

// A job that no event has started finds the thread to post to by its parts on the
// platform. Chat.Thread takes the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := messenger.New(messenger.Config{PageAccessToken: "token", AppSecret: "secret", VerifyToken: "verify"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "7568543226530104", DM: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: messenger:7568543226530104
}
