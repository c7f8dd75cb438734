// Command slack is a support bot for Slack: a mention opens a ticket in a thread,
// with buttons, a form and answers that are streamed. The README beside it tells
// how to create the app.
//
//	SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… go run ./slack
//	SLACK_BOT_TOKEN=xoxb-… SLACK_SIGNING_SECRET=… ADDR=127.0.0.1:8080 go run ./slack
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, slack.FromEnv()); err != nil {
		fmt.Fprintln(os.Stderr, "slack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, config slack.Config) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	bot, err := newBot(config, st)
	if err != nil {
		return err
	}
	if config.SigningSecret == "" {
		fmt.Println("Connecting by Socket Mode. Mention the bot in a channel.")
		return bot.Run(ctx)
	}
	return server.Serve(ctx, bot, bot, "Webhooks are taken at http://%s/webhooks/slack\n")
}
