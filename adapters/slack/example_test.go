package slack_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	bot     *chat.Chat
	adapter *slack.Adapter
	model   func(ctx context.Context, question string) iter.Seq2[string, error]
)

// An assistant suggests what can be asked, names the thread by the question, says
// what it is doing, and asks for an opinion of its answer.
func Example_assistant() {
	bot.OnPlatformEvent(func(ctx context.Context, ev *chat.PlatformEvent) error {
		return adapter.SetSuggestedPrompts(ctx, ev.ThreadID, "What can I do for you?",
			slack.SuggestedPrompt{Title: "Sum up a channel", Message: "Sum up what happened in #general today."},
			slack.SuggestedPrompt{Title: "Help"})
	}, slack.EventAssistantThreadStarted)

	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := adapter.SetThreadTitle(ctx, ev.Thread.ID(), ev.Message.Text); err != nil {
			return err
		}
		status := slack.Status{Text: "is looking it up…", LoadingMessages: []string{"Reading the manual…", "Asking a colleague…"}}
		if err := adapter.SetStatus(ctx, ev.Thread.ID(), status); err != nil {
			return err
		}
		answer := chat.Stream(model(ctx, ev.Message.Text))
		feedback := slack.FeedbackButtons{ActionID: "opinion"}
		sent, err := ev.Thread.Post(ctx, answer.With(chat.StreamOptions{End: card.New("", feedback.Element())}))
		if err == nil && sent.ID() == "" { // no message takes the status away
			err = adapter.SetStatus(ctx, ev.Thread.ID(), slack.Status{})
		}
		return err
	})

	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		slog.InfoContext(ctx, "opinion", "message", ev.MessageID, "value", ev.Value) // "positive" or "negative"
		return nil
	}, "opinion")
}

// A token that changes comes from a function, and webhooks that a gateway has
// checked from one that knows the gateway.
func ExampleConfig() {
	adapter, err := slack.New(slack.Config{
		BotTokenSource: func(context.Context) (string, error) {
			token, err := os.ReadFile("/run/secrets/slack-bot-token")
			return strings.TrimSpace(string(token)), err
		},
		VerifyRequest: func(r *http.Request, _ []byte) error {
			if r.Header.Get("Gateway-Checked") != "slack" {
				return errors.New("the request did not come through the gateway")
			}
			return nil
		},
		DisableNativeStreaming: true, // streams are posted and edited
	})
	if err != nil {
		slog.Error("no adapter", "error", err)
		return
	}
	slog.Info("ready", "adapter", adapter.Name())
}

// One instance holds the connection of Socket Mode, and others take what it
// receives as webhooks.
func ExampleConfig_forward() {
	receiver, err := slack.New(slack.Config{
		AppToken: os.Getenv("SLACK_APP_TOKEN"), BotToken: os.Getenv("SLACK_BOT_TOKEN"), SigningSecret: os.Getenv("SLACK_SIGNING_SECRET"),
		ForwardURLs: []string{"http://bot-1.internal/webhooks/slack", "http://bot-2.internal/webhooks/slack"},
	})
	if err != nil {
		slog.Error("no adapter", "error", err)
		return
	}
	slog.Info("ready", "adapter", receiver.Name())
}

// A job that no event has started finds the thread to post to by its parts on the
// platform. Chat.Thread takes the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := slack.New(slack.Config{BotToken: "xoxb-example", SigningSecret: "secret"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "C0123ABCD", Thread: "1700000000.000100"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: slack:C0123ABCD:1700000000.000100
}
