package otelchat_test

import (
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/otelchat"
)

var (
	adapter chat.Adapter
	st      state.Adapter
)

// The metrics are counted by the observer, the spans are made by the middleware. Both
// go to the providers that the program has set with package otel.
func Example() {
	telemetry, err := otelchat.New(otelchat.Config{})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st, Observer: telemetry})
	if err != nil {
		panic(err)
	}
	bot.Use(telemetry.Middleware())
}
