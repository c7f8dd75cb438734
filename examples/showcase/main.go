// Command showcase is a bot that shows everything a bot can say: cards, tables,
// charts, forms, plans, approvals and files, one demonstration each.
//
//	make run/showcase
//	STATE_URL=redis://127.0.0.1:6379 ADDR=127.0.0.1:8081 make run/showcase
package main

import (
	"context"
	"slices"
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
	page, err := web.New(web.Config{Title: "Showcase", Greeting: "I show what a bot can say. Write anything to begin.", UserFiles: true})
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
	bot.OnAction(s.choose, s.names()...)
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
	word := strings.ToLower(strings.TrimSpace(ev.Message.Text))
	if i := slices.Index(s.names(), word); i >= 0 {
		return s.demos[i].show(ctx, ev.Thread, ev.Message.Author)
	}
	_, err := ev.Thread.Post(ctx, chat.Card(s.menu()))
	return err
}

// choose shows the demonstration whose button was clicked.
func (s *showcase) choose(ctx context.Context, ev *chat.ActionEvent) error {
	i := slices.Index(s.names(), ev.ActionID)
	return s.demos[i].show(ctx, ev.Thread, ev.User)
}

// names are the words for the demonstrations, which are also the ids of their
// buttons.
func (s *showcase) names() []string {
	names := make([]string, len(s.demos))
	for i, d := range s.demos {
		names[i] = d.name
	}
	return names
}

// menu has a button for each demonstration.
func (s *showcase) menu() *card.Card {
	buttons := card.NewActions()
	for _, d := range s.demos {
		buttons.Children = append(buttons.Children, card.NewButton(d.name, d.label))
	}
	return card.New("Hello {{emoji:wave}}",
		card.NewText("What shall I show? Choose below, or write `"+strings.Join(s.names(), "`, `")+"`."), buttons)
}
