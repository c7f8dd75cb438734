package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/state"
)

// tab is what the bot remembers of a chat.
type tab struct {
	Cups map[string]int `json:"cups,omitempty"`
}

// newBot takes the adapter and the state, so that a test can give it others.
func newBot(adapter chat.Adapter, st state.Adapter) (*chat.Chat, error) {
	bot, err := chat.New(chat.Config{UserName: "teahouse", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		return nil, err
	}
	bot.OnSlashCommand(welcome, "/start", "/menu")
	bot.OnAction(order, "green", "black", "mint")
	bot.OnMessage(regexp.MustCompile(`(?i)\btea\b`), tell)
	bot.OnMention(tell)
	return bot, nil
}

// welcome shows the menu.
func welcome(ctx context.Context, ev *chat.SlashCommandEvent) error {
	_, err := ev.Thread.Post(ctx, chat.Card(card.New("The tea house",
		card.NewText("Welcome, **"+ev.User.FullName+"**. What may it be?"),
		card.NewActions(
			card.NewButton("green", "Green"),
			card.NewButton("black", "Black"),
			card.NewButton("mint", "Mint"),
		),
	)))
	return err
}

// order counts a cup and says how many there are.
func order(ctx context.Context, ev *chat.ActionEvent) error {
	now, err := chat.ThreadData[tab](ev.Thread).Update(ctx, func(t tab) (tab, error) {
		cups := maps.Clone(t.Cups)
		if cups == nil {
			cups = map[string]int{}
		}
		cups[ev.ActionID]++
		return tab{cups}, nil
	})
	if err != nil {
		return err
	}
	_, err = ev.Thread.Post(ctx, chat.Markdown(fmt.Sprintf("%s *%s* tea, cup number %d in this chat.", emoji.Coffee, ev.ActionID, now.Cups[ev.ActionID])))
	return err
}

// tell streams an answer, as a language model would.
func tell(ctx context.Context, ev *chat.MessageEvent) error {
	words := strings.SplitAfter("There is **green**, **black** and *mint* tea. Send /menu to order one.", " ")
	_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
		for _, word := range words {
			select {
			case <-time.After(80 * time.Millisecond):
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
			if !yield(word, nil) {
				return
			}
		}
	}))
	return err
}
