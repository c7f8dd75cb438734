package main

import (
	"strings"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	_ "github.com/chat-adapter/chat-go/state-memory"
)

// The menu is shown, its buttons take orders, and a question is answered.
func TestTheTeaHouse(t *testing.T) {
	st, err := state.Open(t.Context(), "memory://")
	if err != nil {
		t.Fatal(err)
	}
	fake := chattest.NewFake(chattest.Config{})
	bot, err := newBot(fake.Adapter(), st)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bot.Shutdown(t.Context()) })
	thread := fake.Thread("dm-ada", "1")
	handled := func(receipt *chat.Receipt, err error) {
		t.Helper()
		if err == nil {
			err = receipt.Wait(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	handled(fake.Host().Deliver(t.Context(), &chat.SlashCommandEvent{
		EventBase: chat.EventBase{ThreadID: thread, User: chattest.Ada()}, Command: "/start",
	}))
	handled(fake.Click(t.Context(), chattest.Ada(), fake.Posts(thread)[0], "mint"))
	handled(fake.Send(t.Context(), fake.Message(thread, "what is there?")))
	posts := fake.Posts(thread)
	if len(posts) != 3 || !strings.Contains(posts[1].Text, "*mint* tea, cup number 1") || !strings.Contains(posts[2].Text, "**green**") {
		t.Errorf("posted %+v", posts)
	}
}
