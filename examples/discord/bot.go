package main

import (
	"context"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// commands are what people are offered after a slash.
var commands = []discord.Command{{
	Name: "ticket", Description: "Ask the support", Options: []discord.CommandOption{
		{Name: "subject", Description: "What it is about", Required: true, Autocomplete: true},
	},
}}

// subjects are offered while somebody types.
var subjects = []string{"I cannot sign in", "I want my money back", "The printer does not print", "Something else"}

// support is the bot.
type support struct {
	*chat.Chat
	discord *discord.Adapter
}

func newBot(adapter *discord.Adapter, st state.Adapter) (*support, error) {
	bot, err := chat.New(chat.Config{UserName: "support", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		return nil, err
	}
	s := &support{bot, adapter}
	bot.OnSlashCommand(s.open, "/ticket")
	bot.OnOptionsLoad(suggest, "/ticket subject")
	bot.OnAction(s.help, "help")
	bot.OnAction(s.close, "close")
	bot.OnMention(s.answer)
	bot.OnSubscribedMessage(s.answer)
	return s, nil
}

// suggest returns the subjects that fit what was typed.
func suggest(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
	var fit []*card.Option
	for _, subject := range subjects {
		if strings.Contains(strings.ToLower(subject), strings.ToLower(ev.Query)) {
			fit = append(fit, card.NewOption(subject, subject))
		}
	}
	return chat.Options{Options: fit}, nil
}

// open answers the command with the ticket.
func (s *support) open(ctx context.Context, ev *chat.SlashCommandEvent) error {
	given, err := discord.Options(ev)
	if err != nil {
		return err
	}
	_, err = ev.Thread.Post(ctx, chat.Card(card.New("Ticket",
		card.NewText(given["subject"]),
		card.NewFields(card.NewField("From", ev.User.FullName), card.NewField("Status", "open")),
		card.NewActions(
			card.NewButton("help", "Help me").WithStyle(card.Primary).WithValue(given["subject"]),
			card.NewButton("close", "Close").WithStyle(card.Danger).WithValue(given["subject"]),
		),
	)))
	return err
}

// help answers in a thread below the ticket, and goes on there.
func (s *support) help(ctx context.Context, ev *chat.ActionEvent) error {
	id, err := s.discord.ThreadBelow(ev.ThreadID, ev.MessageID)
	if err != nil {
		return err
	}
	thread, err := s.Thread(id)
	if err != nil {
		return err
	}
	if err := thread.Subscribe(ctx); err != nil {
		return err
	}
	_, err = thread.Post(ctx, think(ctx, ev.Value))
	return err
}

// close shows the ticket closed, and thanks the one who has closed it.
func (s *support) close(ctx context.Context, ev *chat.ActionEvent) error {
	err := s.discord.EditMessage(ctx, ev.ThreadID, ev.MessageID, chat.Card(card.New("Ticket",
		card.NewText("~~"+ev.Value+"~~"), card.NewFields(card.NewField("Status", "closed by "+ev.User.FullName)),
	)))
	if err != nil {
		return err
	}
	_, err = ev.Thread.PostEphemeral(ctx, ev.User.UserID, chat.Text("Thank you."), chat.NoFallback)
	return err
}

// answer answers who has mentioned the bot, or writes in a thread where it helps. A
// mention in a channel begins a thread.
func (s *support) answer(ctx context.Context, ev *chat.MessageEvent) error {
	if err := ev.Thread.Subscribe(ctx); err != nil {
		return err
	}
	_, err := ev.Thread.Post(ctx, think(ctx, ev.Message.Text))
	return err
}

// think streams an answer, as a language model would.
func think(ctx context.Context, question string) chat.Postable {
	words := strings.SplitAfter("Have you tried to turn it **off and on** again? If that does not help with “"+question+"”, write what you see.", " ")
	return chat.Stream(func(yield func(string, error) bool) {
		for _, word := range words {
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
			if !yield(word, nil) {
				return
			}
		}
	})
}
