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

// A bot that polls needs a token and nothing else.
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

// A bot with a public address is sent webhooks, once Telegram knows it.
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

// A job that no event has started finds the thread to post to by its parts on the
// platform. Chat.Thread takes the id.
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
