package github_test

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// An App answers mentions in all repositories in which it is installed.
func ExampleNew() {
	adapter, err := github.New(github.Config{
		AppID: 4711, PrivateKey: os.Getenv("GITHUB_PRIVATE_KEY"), WebhookSecret: os.Getenv("GITHUB_WEBHOOK_SECRET"),
	})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Markdown("I am **on it**."))
		return err
	})
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A bot that is mentioned in a pull request reads which files it changes.
func ExampleReadPullRequest() {
	var bot *chat.Chat
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		subject, err := ev.Thread.Subject(ctx, ev.Message.ID)
		if err != nil {
			return err
		}
		if subject.Type != github.SubjectPullRequest {
			return nil
		}
		pr, err := github.ReadPullRequest(subject)
		if err != nil {
			return err
		}
		_, err = ev.Thread.Post(ctx, chat.Text(fmt.Sprintf("%d files: +%d −%d", pr.ChangedFiles, pr.Additions, pr.Deletions)))
		return err
	})
}

// A scheduled job makes the id of a thread from the ids of the platform. Chat.Thread
// takes it, to post there.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := github.New(github.Config{Token: "ghp_example", WebhookSecret: "secret"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "acme/shop", Thread: "issue:42"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: github:acme/shop:issue:42
}
