package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// ticket is what the bot remembers of a thread.
type ticket struct {
	Owner   string `json:"owner,omitempty"`
	Urgency string `json:"urgency,omitempty"`
	Closed  bool   `json:"closed,omitempty"`
}

func newBot(config slack.Config, st state.Adapter) (*chat.Chat, error) {
	adapter, err := slack.New(config)
	if err != nil {
		return nil, err
	}
	bot, err := chat.New(chat.Config{UserName: "support", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		return nil, err
	}
	bot.OnMention(open)
	bot.OnSubscribedMessage(answer)
	bot.OnAction(take, "take")
	bot.OnAction(details, "details")
	bot.OnAction(closeTicket, "close")
	bot.OnModalSubmit(describe, "ticket")
	return bot, nil
}

// open makes a ticket of the message that mentions the bot. From then on the bot
// hears the whole thread.
func open(ctx context.Context, ev *chat.MessageEvent) error {
	if err := ev.Thread.Subscribe(ctx); err != nil {
		return err
	}
	_, err := ev.Thread.Post(ctx, chat.Card(card.New("A new ticket",
		card.NewText("Thank you, "+ev.Thread.Mention(ev.Message.Author.UserID)+". Ask on in this thread, or tell us more:"),
		card.NewActions(
			card.NewButton("details", "Tell more").WithStyle(card.Primary).WithModal(),
			card.NewButton("take", "I take it"),
			card.NewButton("close", "Close").WithStyle(card.Danger),
		),
	)))
	return err
}

// answer streams what it knows about the question.
func answer(ctx context.Context, ev *chat.MessageEvent) error {
	if err := ev.Thread.StartTyping(ctx, "is looking it up…"); err != nil {
		return err
	}
	t, err := chat.ThreadData[ticket](ev.Thread).Get(ctx)
	if err != nil || t.Closed {
		return err
	}
	_, err = ev.Thread.Post(ctx, research(ctx, ev.Message.Text))
	return err
}

// research yields an answer as a language model would, with the steps that lead
// to it.
func research(ctx context.Context, question string) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) {
		step := chat.Task{ID: "search", Title: "Search the handbook", Status: chat.TaskInProgress}
		if !yield(chat.Chunk{Task: &step}, nil) || !pause(ctx, yield) {
			return
		}
		found := step
		found.Status, found.Output = chat.TaskComplete, "1 page"
		if !yield(chat.Chunk{Task: &found}, nil) {
			return
		}
		text := "You asked: _" + strings.Join(strings.Fields(question), " ") + "_\n\n" + handbook
		for word := range strings.SplitAfterSeq(text, " ") {
			if !yield(chat.Chunk{Text: word}, nil) || !pause(ctx, yield) {
				return
			}
		}
	}
}

func pause(ctx context.Context, yield func(chat.Chunk, error) bool) bool {
	select {
	case <-ctx.Done():
		yield(chat.Chunk{}, context.Cause(ctx))
		return false
	case <-time.After(20 * time.Millisecond):
		return true
	}
}

const handbook = `Have you tried to turn it **off and on** again?

| Light | Meaning |
|---|---|
| green | all is well |
| red | call us: ` + "`555-0100`" + ` |`

// take notes who cares for the ticket.
func take(ctx context.Context, ev *chat.ActionEvent) error {
	if _, err := chat.ThreadData[ticket](ev.Thread).Update(ctx, func(t ticket) (ticket, error) {
		t.Owner = string(ev.User.UserID)
		return t, nil
	}); err != nil {
		return err
	}
	_, err := ev.Thread.Post(ctx, chat.Markdown(ev.Thread.Mention(ev.User.UserID)+" takes care of it."))
	return err
}

// details opens a form.
func details(ctx context.Context, ev *chat.ActionEvent) error {
	what := card.NewTextInput("what", "What happened?")
	what.Multiline = true
	return ev.OpenModal(ctx, card.NewModal("ticket", "Tell us more", what,
		card.NewRadioSelect("urgency", "How urgent is it?",
			card.NewOption("I cannot work", "high"), card.NewOption("It is a nuisance", "low")),
	))
}

// describe takes the form. Its answer must come within three seconds.
func describe(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
	if len(ev.Values["what"]) < 5 {
		return chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"what": "A few words more, please."}}, nil
	}
	thread := ev.Opened.Thread
	if thread == nil {
		return chat.ModalAnswer{}, nil
	}
	if _, err := chat.ThreadData[ticket](thread).Update(ctx, func(t ticket) (ticket, error) {
		t.Urgency = ev.Values["urgency"]
		return t, nil
	}); err != nil {
		return chat.ModalAnswer{}, err
	}
	_, err := thread.Post(ctx, chat.Card(card.New("", card.NewFields(
		card.NewField("What happened", ev.Values["what"]), card.NewField("Urgency", ev.Values["urgency"])))))
	return chat.ModalAnswer{}, err
}

// closeTicket ends the bot's part in the thread.
func closeTicket(ctx context.Context, ev *chat.ActionEvent) error {
	t, err := chat.ThreadData[ticket](ev.Thread).Update(ctx, func(t ticket) (ticket, error) {
		t.Closed = true
		return t, nil
	})
	if err != nil {
		return err
	}
	if err := ev.Thread.Unsubscribe(ctx); err != nil {
		return err
	}
	text := "The ticket is closed."
	if t.Owner != "" {
		text += fmt.Sprintf(" Thank you, %s!", ev.Thread.Mention(chat.UserID(t.Owner)))
	}
	_, err = ev.Thread.Post(ctx, chat.Markdown(text))
	return err
}
