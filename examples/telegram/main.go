// Command telegram is a bot for Telegram: it takes orders for tea with buttons, and
// streams what it has to say. The README next to it tells how to create the bot.
//
//	TELEGRAM_BOT_TOKEN=… make run/telegram
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() {
	server.Program("telegram", func(ctx context.Context) error { return run(ctx, telegram.FromEnv()) })
}

func run(ctx context.Context, config telegram.Config) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	adapter, err := telegram.New(config)
	if err != nil {
		return err
	}
	bot, err := newBot(adapter, st)
	if err != nil {
		return err
	}
	if config.Polling {
		fmt.Println("Polling. Write to the bot in Telegram.")
		return bot.Run(ctx)
	}
	return server.Serve(ctx, bot, bot, "Webhooks are taken at http://%s/webhooks/telegram\n")
}
