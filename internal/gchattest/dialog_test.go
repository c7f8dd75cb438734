package gchattest

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// forms are the forms in which Chat sends events, each with its token.
var forms = map[string]struct {
	form  fakegchat.Form
	token func() string
}{
	"chat":   {fakegchat.ChatForm, fakegchat.ChatToken},
	"add-on": {fakegchat.AddOnForm, func() string { return idToken(endpoint, fakegchat.AddOnAccount) }},
}

func wholeForm() *card.Modal {
	number := card.NewNumberInput("amount", "How many?")
	number.InitialValue, number.Min = new(2.0), new(1.0)
	day := card.NewDateInput("day", "When?")
	day.InitialValue = "2026-01-02"
	note := card.NewTextInput("note", "Anything else?")
	note.Multiline, note.Optional, note.Placeholder, note.MaxLength = true, true, "no sugar", 200
	return &card.Modal{
		CallbackID: "order", Title: "Order & pay", SubmitLabel: "Send", PrivateMetadata: "{\"n\":1}\n<x>", NotifyOnClose: true,
		Children: []card.Input{
			card.NewText("**What** would you like?"), card.NewTextInput("name", "Name"), number, day, note,
			card.NewSelect("kind", "Kind", card.NewOption("Green <tea>", "green"), card.NewOption("Black", "black")),
			card.NewRadioSelect("size", "Size", card.NewOption("Small", "s"), card.NewOption("Large", "l")),
		},
	}
}

// opened posts a card, clicks its button, and returns the dialog that a handler has
// opened.
func (r *rig) opened(t *testing.T, form fakegchat.Form, token string, modal *card.Modal) fakegchat.Dialog {
	t.Helper()
	registered := r.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error { return ev.OpenModal(ctx, modal) }, "open")
	defer registered.Remove()
	id, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: card.New("Tea", card.NewActions(card.NewButton("open", "Order").WithModal()))})
	require.NoError(t, err)
	event, dialog, err := r.google.Click(form, id, ada, "Order")
	require.NoError(t, err)
	require.True(t, dialog)
	w := r.deliver(t, event, token)
	require.Equal(t, http.StatusOK, w.Code, "%s\n%s", w.Body, r.log)
	require.NoError(t, r.google.Answer(form, room, ada, w.Body.Bytes()))
	all := r.google.Dialogs()
	require.Len(t, all, 1, "%s", w.Body)
	return all[0]
}

func TestDialog(t *testing.T) {
	t.Parallel()
	for name, in := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			submitted := make(chan *chat.ModalSubmitEvent, 1)
			r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
				submitted <- ev
				return chat.ModalAnswer{}, nil
			}, "order")
			d := r.opened(t, in.form, in.token(), wholeForm())
			day := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
			w := r.deliver(t, r.google.Finish(d, "SUBMIT_DIALOG", map[string]any{
				"name": fakegchat.Strings("Ada <b>"), "amount": fakegchat.Strings(" 3 "), "day": map[string]any{"dateInput": map[string]any{"msSinceEpoch": fmt.Sprint(day.UnixMilli())}},
				"note": fakegchat.Strings(""), "kind": fakegchat.Strings("green"), "size": fakegchat.Strings("l"),
			}), in.token())
			require.Equal(t, http.StatusOK, w.Code, r.log)
			ev := <-submitted
			require.Equal(t, chat.ModalValues{"name": "Ada <b>", "amount": "3", "day": "2026-03-04", "kind": "green", "size": "l"}, ev.Values)
			require.Equal(t, "{\"n\":1}\n<x>", ev.PrivateMetadata)
			require.Equal(t, chat.UserID(ada), ev.User.UserID)
			require.Equal(t, inThread, ev.Opened.Thread.ID())
			require.NoError(t, r.google.Answer(in.form, room, ada, w.Body.Bytes()))
			require.Empty(t, r.google.Dialogs(), "%s", w.Body)
			require.NotContains(t, string(ev.Raw), "ya29", "the event's tokens are not kept")
		})
	}
}

// TestDialogAnswers has handlers answer with errors, with another dialog, and fail.
func TestDialogAnswers(t *testing.T) {
	t.Parallel()
	for name, in := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			answers := make(chan *chat.ModalAnswer, 1)
			r.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) { return *<-answers, nil }, "order")
			d := r.opened(t, in.form, in.token(), wholeForm())
			submit := func(amount string, answer *chat.ModalAnswer) string {
				if answer != nil {
					answers <- answer
				}
				w := r.deliver(t, r.google.Finish(d, "SUBMIT_DIALOG", map[string]any{"amount": fakegchat.Strings(amount)}), in.token())
				require.Equal(t, http.StatusOK, w.Code, r.log)
				require.NoError(t, r.google.Answer(in.form, room, ada, w.Body.Bytes()))
				return w.Body.String()
			}
			for given, problem := range map[string]string{"three": "a number.", "NaN": "a number.", "2.5": "a whole number.", "0": "at least 1."} {
				require.Contains(t, submit(given, nil), problem)
			}
			require.Contains(t, submit("3", &chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"amount": "Not so many."}}), "Not so many.")
			require.Len(t, r.google.Dialogs(), 1, "it stays open")
			submit("4", &chat.ModalAnswer{Action: chat.ModalUpdate, Modal: card.NewModal("order", "Second", card.NewTextInput("x", "X"))})
			all := r.google.Dialogs()
			require.Equal(t, "Second", all[len(all)-1].Modal().Modal.Title)
			submit("5", &chat.ModalAnswer{Action: chat.ModalPush, Modal: card.NewModal("order", "Third", card.NewTextInput("x", "X"))})
			all = r.google.Dialogs()
			require.Equal(t, "Third", all[len(all)-1].Modal().Modal.Title)
		})
	}
}

func TestDialogClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.opened(t, fakegchat.ChatForm, fakegchat.ChatToken(), wholeForm())
	r.send(t, r.google.Finish(d, "CANCEL_DIALOG", nil))
	ev := next[*chat.ModalClosedEvent](t, r)
	require.Equal(t, "order", ev.CallbackID)
	require.Equal(t, inThread, ev.Opened.Thread.ID())
}

// TestDialogNotOpened answers a click for which no handler opens a dialog, so that Chat
// does not wait.
func TestDialogNotOpened(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	clicked := make(chan *chat.ActionEvent, 1)
	r.OnAction(func(_ context.Context, ev *chat.ActionEvent) error { clicked <- ev; return nil })
	id, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: card.New("Tea", card.NewActions(card.NewButton("open", "Order").WithModal(), card.NewButton("no", "No")))})
	require.NoError(t, err)
	event, _, err := r.google.Click(fakegchat.ChatForm, id, ada, "Order")
	require.NoError(t, err)
	require.JSONEq(t, `{"actionResponse":{"type":"DIALOG","dialogAction":{"actionStatus":{"statusCode":"OK"}}}}`, r.send(t, event).Body.String())
	ev := <-clicked
	require.NotEmpty(t, ev.TriggerID)
	err = r.OpenModal(t.Context(), ev.TriggerID, wholeForm(), "")
	require.ErrorIs(t, err, chat.ErrNotFound, "the webhook has its answer")
	// A button that does not say that it opens a dialog cannot.
	event, dialog, err := r.google.Click(fakegchat.ChatForm, id, ada, "No")
	require.NoError(t, err)
	require.False(t, dialog)
	require.JSONEq(t, `{}`, r.send(t, event).Body.String())
	require.Empty(t, (<-clicked).TriggerID)
}

// TestCommandOpensDialog opens a dialog by a command that is set up to do so.
func TestCommandOpensDialog(t *testing.T) {
	t.Parallel()
	for name, in := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error { return ev.OpenModal(ctx, wholeForm()) }, "/9")
			payload := map[string]any{"isDialogEvent": true, "dialogEventType": "REQUEST_DIALOG", "appCommandMetadata": map[string]any{"appCommandId": 9, "appCommandType": "QUICK_COMMAND"}}
			w := r.deliver(t, r.google.Event(in.form, "APP_COMMAND", "appCommandPayload", room, ada, payload, nil), in.token())
			require.Equal(t, http.StatusOK, w.Code, r.log)
			require.NoError(t, r.google.Answer(in.form, room, ada, w.Body.Bytes()))
			require.Len(t, r.google.Dialogs(), 1, "%s", w.Body)
		})
	}
}

// TestWrongModals refuses what Chat does not take.
func TestWrongModals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	many := card.NewSelect("x", "X")
	for i := range 101 {
		many.Options = append(many.Options, card.NewOption(fmt.Sprint("o", i), fmt.Sprint(i)))
	}
	long := card.NewModal("x", "X", card.NewTextInput("a", "A"))
	long.PrivateMetadata = string(make([]byte, 40_000))
	for name, modal := range map[string]*card.Modal{"nil": nil, "no title": card.NewModal("x", "", card.NewTextInput("a", "A")), "no children": card.NewModal("x", "X"), "too many options": card.NewModal("x", "X", many), "too long": long} {
		require.ErrorIs(t, r.OpenModal(t.Context(), "trigger", modal, ""), chat.ErrInvalidArgument, name)
	}
	require.ErrorIs(t, r.OpenModal(t.Context(), "", wholeForm(), ""), chat.ErrInvalidArgument)
	require.ErrorContains(t, r.OpenModal(t.Context(), "trigger", card.NewModal("x", "X", card.NewExternalSelect("a", "A")), ""), "external_select")
}
