// Command discord is a support bot for Discord: a slash command opens a ticket with
// buttons, and answers stream into a thread. The README next to it tells how to create
// the app.
//
//	DISCORD_BOT_TOKEN=… DISCORD_APPLICATION_ID=… make run/discord
package main

import (
	"cmp"
	"context"
	"os"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() {
	server.Program("discord", func(ctx context.Context) error { return run(ctx, discord.FromEnv()) })
}

func run(ctx context.Context, config discord.Config) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	adapter, err := discord.New(config)
	if err != nil {
		return err
	}
	bot, err := newBot(adapter, st)
	if err != nil {
		return err
	}
	if err := adapter.SetCommands(ctx, "", commands...); err != nil {
		return err
	}
	return server.Serve(ctx, bot.Chat, bot, "Write to the bot in Discord. Webhooks would come to http://%s\n")
}
