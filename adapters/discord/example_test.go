package discord_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot on the gateway needs no public address.
func ExampleNew() {
	adapter, err := discord.New(discord.Config{BotToken: "MTQ1.abc", ApplicationID: "1457469483726668048"})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("Hello, "+ev.Message.Author.FullName))
		return err
	})
	_ = bot.Run(ctx)
}

// A slash command is registered once. The first post of its handler is the answer.
func ExampleAdapter_SetCommands() {
	adapter, err := discord.New(discord.Config{BotToken: "MTQ1.abc", ApplicationID: "1457469483726668048", PublicKey: "0f…", WebhooksOnly: true})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
		given, err := discord.Options(ev)
		if err != nil {
			return err
		}
		_, err = ev.Thread.Post(ctx, chat.Text("We will look at: "+given["subject"]))
		return err
	}, "/ticket")
	http.Handle("/webhooks/", bot)
	_ = adapter.SetCommands(ctx, "", discord.Command{Name: "ticket", Description: "Open a ticket", Options: []discord.CommandOption{
		{Name: "subject", Description: "What it is about", Required: true},
	}})
}

// A scheduled job makes the id of a thread from the ids of the platform. Chat.Thread
// takes it, to post there.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := discord.New(discord.Config{BotToken: "MTQ1.abc", ApplicationID: "1457469483726668048"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "1457468924290662599:1457510428359004343", Thread: "1457536551830421524"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: discord:1457468924290662599:1457510428359004343:1457536551830421524
}
