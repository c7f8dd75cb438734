// Command showcase is a bot that shows everything a bot can say: cards, tables,
// charts, forms, plans, approvals and files, one demonstration each.
//
//	go run ./showcase
//	STATE_URL=redis://127.0.0.1:6379 ADDR=127.0.0.1:8081 go run ./showcase
package main

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() { server.Main("showcase", newBot) }

// showcase is the bot with its demonstrations.
type showcase struct {
	*chat.Chat
	demos []demo
}

// demo is one demonstration: a word that people write, and what it shows.
type demo struct {
	name, label string
	show        func(ctx context.Context, t *chat.Thread, user chat.Author) error
}

func newBot(st state.Adapter) (*chat.Chat, error) {
	page, err := web.New(web.Config{Title: "Showcase", Greeting: "I show what a bot can say. Write anything to begin."})
	if err != nil {
		return nil, err
	}
	bot, err := chat.New(chat.Config{UserName: "showcase", Adapters: []chat.Adapter{page}, State: st})
	if err != nil {
		return nil, err
	}
	s := &showcase{Chat: bot}
	s.demos = []demo{
		{"card", "A card", showCard},
		{"choices", "Buttons and menus", showChoices},
		{"table", "A table", showTable},
		{"charts", "Charts", showCharts},
		{"form", "A form", showForm},
		{"stream", "A streamed answer", showStream},
		{"plan", "A plan", showPlan},
		{"approval", "An approval", s.showApproval},
		{"ephemeral", "Only for you", showEphemeral},
		{"edit", "Edit and delete", showEdit},
		{"files", "Files and emoji", showFiles},
	}
	bot.OnDirectMessage(s.answer)
	bot.OnAction(s.choose, "demo")
	bot.OnAction(chosen, "round", "size", "way")
	bot.OnAction(openForm, "open-form")
	bot.OnOptionsLoad(findCity, "city")
	bot.OnModalSubmit(submitTrip, "trip")
	bot.OnModalSubmit(confirmTrip, "confirm")
	bot.OnModalClosed(tripClosed, "trip")
	bot.OnAction(changeCard, "change", "remove")
	bot.OnApproval(approvalAnswered)
	return bot, nil
}

// answer shows the demonstration that the message names, or else the menu.
func (s *showcase) answer(ctx context.Context, ev *chat.MessageEvent) error {
	for _, d := range s.demos {
		if strings.EqualFold(strings.TrimSpace(ev.Message.Text), d.name) {
			return d.show(ctx, ev.Thread, ev.Message.Author)
		}
	}
	_, err := ev.Thread.Post(ctx, chat.Card(s.menu()))
	return err
}

// choose shows the demonstration whose button was clicked.
func (s *showcase) choose(ctx context.Context, ev *chat.ActionEvent) error {
	for _, d := range s.demos {
		if d.name == ev.Value {
			return d.show(ctx, ev.Thread, ev.User)
		}
	}
	return nil
}

// menu has a menu of all demonstrations. Ids are unique in a card, so the choice
// among them is the value of one element.
func (s *showcase) menu() *card.Card {
	words := make([]string, len(s.demos))
	options := make([]*card.Option, len(s.demos))
	for i, d := range s.demos {
		words[i] = "`" + d.name + "`"
		options[i] = card.NewOption(d.label, d.name)
	}
	menu := card.NewSelect("demo", "What shall I show?", options...)
	menu.Placeholder = "Choose one"
	return card.New("Hello {{emoji:wave}}",
		card.NewText("Choose below, or write one of "+strings.Join(words, ", ")+"."),
		card.NewActions(menu))
}
