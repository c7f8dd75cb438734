package adaptertest

import (
	"context"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

const (
	ruleOpenModal = "OpenModal opens the modal for the interaction that the trigger came with."
	ruleContextID = "contextID comes back in [ModalSubmitEvent] and [ModalClosedEvent]; empty is none."
	ruleAction    = "ActionEvent is a click on a button or a choice in a select."
)

const (
	theButton = "change"
	theForm   = "order-form"
)

var modalCases = []Case{
	{ID: "Modals/Click", Rule: ruleAction, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		if _, ok := b.Adapter.(chat.ModalOpener); !ok {
			return
		}
		sent := b.click(t, s)
		b.handled(t, s, "a click on a button", []chat.Inbound{&chat.ActionEvent{
			EventBase: chat.EventBase{ThreadID: s.thread()}, MessageID: sent.ID(), ActionID: theButton, Value: "7",
		}})
	}},
	{ID: "Modals/Open", Rule: ruleOpenModal, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		if _, ok := b.Adapter.(chat.ModalOpener); !ok {
			return
		}
		b.opens(t, s)
		equal(t, "messages shown next to a modal", len(b.shown(t, s, s.thread())), 1)
	}},
	{ID: "Modals/Submit", Rule: ruleContextID, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		if _, ok := b.Adapter.(chat.ModalOpener); !ok {
			return
		}
		opened, ok := b.opens(t, s)
		if !ok {
			return
		}
		sample, err := b.Submit(s.ctx, opened, chat.ModalValues{"amount": "two"})
		must(t, "Harness.Submit", err)
		b.sends(t, s, "the submission of a modal", sample)
		for _, in := range b.record.await(s.ctx, 2) {
			ev, ok := in.(*chat.ModalSubmitEvent)
			if !ok {
				continue
			}
			equal(t, "the CallbackID of the submission", ev.CallbackID, theForm)
			equal(t, "the PrivateMetadata of the submission", ev.PrivateMetadata, "kept")
			equal(t, "the value of an input", ev.Values["amount"], "two")
			if ev.Opened.Thread == nil || ev.Opened.Thread.ID() != s.thread() {
				t.Errorf("the submission of a modal\n    seen: the ContextID %q, with which the bot does not find where it was opened\n    want: the contextID of OpenModal", ev.ContextID)
			}
			return
		}
		t.Errorf("the submission of a modal\n    seen: nothing is handled\n    want: a *chat.ModalSubmitEvent")
	}},
}

// click posts a card with a button and has somebody click it. It returns the card
// when the click is handled.
func (b *rig) click(t TB, s *Subject) *chat.SentMessage {
	t.Helper()
	button := card.NewButton(theButton, "Change").WithModal() // some platforms must know
	button.Value = "7"
	sent := b.post(t, s, s.thread(), chat.Card(card.New("Order 7", card.NewActions(button))))
	posts := b.shown(t, s, s.thread())
	if len(posts) == 0 {
		t.Errorf("a card was posted\n    seen: nothing is shown")
		t.FailNow()
	}
	sample, err := b.Click(s.ctx, posts[len(posts)-1], "Change")
	must(t, "Harness.Click", err)
	b.sends(t, s, "a click on a button", sample)
	b.record.await(s.ctx, 1)
	return sent
}

// sends delivers a webhook, unless there is none.
func (b *rig) sends(t TB, s *Subject, what string, sample *Sample) {
	t.Helper()
	if sample == nil {
		return
	}
	if a := b.deliver(t, s, *sample); !a.ok() {
		t.Errorf("the webhook of %s\n    seen: %v\n    want: 2xx", what, a)
	}
}

// opens has a click open a modal and returns what the platform shows.
func (b *rig) opens(t TB, s *Subject) (chattest.OpenedModal, bool) {
	t.Helper()
	failed := make(chan error, 1)
	b.record.clicked(func(ctx context.Context, ev *chat.ActionEvent) error {
		form := card.NewModal(theForm, "Order 7", card.NewTextInput("amount", "How many?"))
		form.PrivateMetadata = "kept"
		failed <- ev.OpenModal(ctx, form)
		return nil
	})
	b.click(t, s)
	select {
	case err := <-failed:
		must(t, "OpenModal in the handler of a click", err)
	default:
		t.Errorf("a click on a button\n    seen: no handler was called\n    want: an *chat.ActionEvent is handled")
		return chattest.OpenedModal{}, false
	}
	modals, err := b.Modals(s.ctx)
	must(t, "Harness.Modals", err)
	if len(modals) != 1 || modals[0].Modal == nil || modals[0].Modal.CallbackID != theForm || modals[0].Modal.Title != "Order 7" {
		t.Errorf("the modals that the platform shows\n    seen: %s\n    want: one, %q, with the title %q", listModals(modals), theForm, "Order 7")
		return chattest.OpenedModal{}, false
	}
	return modals[0], true
}

func listModals(modals []chattest.OpenedModal) string {
	all := []string{}
	for _, m := range modals {
		if m.Modal != nil {
			all = append(all, m.Modal.CallbackID+" "+m.Modal.Title)
		}
	}
	return show(all)
}
