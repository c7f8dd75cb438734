// Command slack is a support bot for Slack: a mention opens a ticket in a thread,
// with buttons, a form and answers that are streamed. The README next to it tells
// how to create the app.
//
//	SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… make run/slack
//	SLACK_BOT_TOKEN=xoxb-… SLACK_SIGNING_SECRET=… ADDR=127.0.0.1:8080 make run/slack
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() {
	server.Program("slack", func(ctx context.Context) error { return run(ctx, slack.FromEnv()) })
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
