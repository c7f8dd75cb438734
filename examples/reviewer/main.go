// Command reviewer is a bot for GitHub: a pull request that mentions it is reviewed by a
// language model, and approved when somebody says so on Telegram. The README next to it
// tells how to create it.
//
//	GITHUB_TOKEN=… GITHUB_WEBHOOK_SECRET=… OPENAI_API_KEY=… make run/reviewer
package main

import (
	"cmp"
	"context"
	"os"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() { server.Program("reviewer", run) }

func run(ctx context.Context) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	hub, err := github.New(github.FromEnv())
	if err != nil {
		return err
	}
	adapters := []chat.Adapter{hub}
	if os.Getenv("TELEGRAM_BOT_TOKEN") != "" {
		phone, err := telegram.New(telegram.FromEnv())
		if err != nil {
			return err
		}
		adapters = append(adapters, phone)
	}
	bot, err := chat.New(chat.Config{UserName: "reviewer", Adapters: adapters, State: st})
	if err != nil {
		return err
	}
	r := &reviewer{
		github: hub, bot: bot, approvals: chat.ThreadID(os.Getenv("REVIEWER_APPROVALS")),
		model: newModel(cmp.Or(os.Getenv("OPENAI_BASE_URL"), "https://api.openai.com/v1"), os.Getenv("OPENAI_API_KEY"), cmp.Or(os.Getenv("OPENAI_MODEL"), "gpt-4.1-mini")),
	}
	bot.OnMention(r.mentioned)
	bot.OnApproval(r.decided, approval)
	return server.Serve(ctx, bot, bot, "Webhooks are taken at http://%s/webhooks/github\n")
}
