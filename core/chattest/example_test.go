package chattest_test

import (
	"context"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	t  *testing.T
	st state.Adapter // such as that of state-memory
)

// A test sends a message, waits until the handlers have returned, and looks at what
// was posted.
func Example() {
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: st})
	if err != nil {
		t.Fatal(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("Hello "+ev.Message.Author.FullName))
		return err
	})
	thread := fake.Thread("general", "1")
	receipt, err := fake.Send(t.Context(), fake.Message(thread, "@bot hello"))
	if err != nil {
		t.Fatal(err)
	}
	if err := receipt.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fake.Posts(thread)[0].Text; got != "Hello Ada" {
		t.Errorf("posted %q", got)
	}
}
