package main

import (
	"testing"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/state"
)

func TestBotIsBuilt(t *testing.T) {
	st, err := state.Open(t.Context(), "memory://")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newBot(slack.Config{BotToken: "xoxb-1", SigningSecret: "s"}, st); err != nil {
		t.Fatal(err)
	}
	if _, err := newBot(slack.Config{}, st); err == nil {
		t.Fatal("a bot without tokens was built")
	}
}

func TestResearchEndsWithItsContext(t *testing.T) {
	n := 0
	for chunk, err := range research(t.Context(), "why <@U1>?") {
		if err != nil {
			t.Fatal(err)
		}
		if chunk.Text != "" {
			n++
		}
	}
	if n < 10 {
		t.Fatalf("the answer came in %d pieces", n)
	}
}
