package instagram_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/instagram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
	bot *chat.Chat
)

// A shop answers those who answer its stories.
func ExampleNew() {
	adapter, err := instagram.New(instagram.FromEnv())
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		answer := "Hello! What may it be?"
		if to := ev.Message.ReplyTo; to != nil && strings.HasPrefix(string(to.ID), "story:") {
			answer = "Yes, it is available."
		}
		_, err := ev.Thread.Post(ctx, chat.Text(answer))
		return err
	})
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A person answers on the next day.
func ExampleWithTag() {
	thread, err := bot.Thread("instagram:17841400000000000:200000000000001")
	if err != nil {
		panic(err)
	}
	answer := chat.Text("We have found your parcel.")
	_, err = thread.Post(ctx, answer)
	if errors.Is(err, instagram.ErrWindowClosed) {
		_, err = thread.Post(instagram.WithTag(ctx, instagram.TagHumanAgent), answer)
	}
	if err != nil {
		panic(err)
	}
}

// A job that no event has started finds the thread to post to by its parts on the
// platform. Chat.Thread takes the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := instagram.New(instagram.Config{AccountID: "17841405822304914", AccessToken: "token", AppSecret: "secret", VerifyToken: "verify"})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "17841405822304914:5318425084849000", DM: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: instagram:17841405822304914:5318425084849000
}
