package telegram_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot that uses long polling needs nothing but a token.
func ExampleNew() {
	adapter, err := telegram.New(telegram.Config{BotToken: "123456:ABC-DEF", Polling: true})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("Hello, "+ev.User.FullName))
		return err
	}, "/start")
	_ = bot.Run(ctx)
}

// A bot with a public address receives webhooks after it has called SetWebhook once.
func ExampleAdapter_SetWebhook() {
	adapter, err := telegram.New(telegram.Config{BotToken: "123456:ABC-DEF", WebhookSecret: "a-secret-of-your-own"})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	http.Handle("/webhooks/", bot)
	_ = adapter.SetWebhook(ctx, "https://bot.example.com/webhooks/telegram")
}

// A scheduled job makes the id of a thread from the ids of the platform. Chat.Thread
// takes it, to post there.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := telegram.New(telegram.Config{BotToken: "123456:ABC-DEF", Polling: true})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "-1001234567890", Thread: "7"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: telegram:-1001234567890:7
}
