package linear_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// An agent shows what it is doing, and then posts its answer.
func ExampleNew() {
	adapter, err := linear.New(linear.Config{
		Mode: linear.ModeAgentSessions, WebhookSecret: "…", ClientCredentials: linear.ClientCredentials{ClientID: "…", ClientSecret: "…"},
	})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		issue, err := ev.Thread.Subject(ctx, ev.Message.ID)
		if err != nil {
			return err
		}
		_, err = ev.Thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
			_ = yield(chat.Chunk{Task: &chat.Task{ID: "read", Title: "Read " + issue.Title, Status: chat.TaskComplete}}, nil) &&
				yield(chat.Chunk{Text: "It is **done**."}, nil)
		}))
		return err
	})
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A job posts in a workspace that has installed the app.
func ExampleWithWorkspace() {
	var bot *chat.Chat
	thread, err := bot.Thread("linear:15500000-0000-4000-8000-000000000001")
	if err != nil {
		panic(err)
	}
	_, _ = thread.Post(linear.WithWorkspace(ctx, "0e900000-0000-4000-8000-000000000001"), chat.Text("Still open."))
}

// A scheduled job makes the id of a thread from the ids of the platform. Chat.Thread
// takes it, to post there.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := linear.New(linear.Config{APIKey: "lin_api_example", WebhookSecret: "secret"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9", Thread: "c:a7d0fee5-4a3b-4dde-a6f8-3d2a3c3f5a3b"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: linear:2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9:c:a7d0fee5-4a3b-4dde-a6f8-3d2a3c3f5a3b
}
