package chattest

import (
	"context"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Modals returns the modals that the bot has opened, oldest first.
func (f *Fake) Modals() []OpenedModal {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.modals)
}

// AwaitModals waits until the bot has opened n modals.
func (f *Fake) AwaitModals(ctx context.Context, n int) ([]OpenedModal, error) {
	for {
		f.mu.Lock()
		modals, changed := slices.Clone(f.modals), f.changed
		f.mu.Unlock()
		if len(modals) >= n {
			return modals, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return modals, fmt.Errorf("chattest: %d of %d modals: %w", len(modals), n, ctx.Err())
		}
	}
}

// Submit submits a modal as Ada and returns what the bot answers. A modal in the
// answer is opened.
func (f *Fake) Submit(ctx context.Context, m OpenedModal, values chat.ModalValues) (chat.ModalAnswer, error) {
	ev := &chat.ModalSubmitEvent{
		EventBase: f.event(Ada(), ""), CallbackID: m.Modal.CallbackID, PrivateMetadata: m.Modal.PrivateMetadata,
		ContextID: m.ContextID, Values: values,
	}
	ev.TriggerID = "trigger-" + ev.ID
	host, err := f.bot()
	if err != nil {
		return chat.ModalAnswer{}, err
	}
	answer, err := host.SubmitModal(ctx, ev)
	if err == nil && answer.Modal != nil {
		f.mu.Lock()
		f.modals = append(f.modals, OpenedModal{answer.Modal, ev.TriggerID, answer.ContextID})
		f.announce()
		f.mu.Unlock()
	}
	return answer, err
}

// CloseModal closes a modal as Ada, without submitting it.
func (f *Fake) CloseModal(ctx context.Context, m OpenedModal) (*chat.Receipt, error) {
	return f.deliver(ctx, &chat.ModalClosedEvent{
		EventBase: f.event(Ada(), ""), CallbackID: m.Modal.CallbackID, PrivateMetadata: m.Modal.PrivateMetadata, ContextID: m.ContextID,
	})
}

// Click clicks the button with the id on a card that the bot has posted.
func (f *Fake) Click(ctx context.Context, user chat.Author, p Posted, buttonID string) (*chat.Receipt, error) {
	var button *card.Button
	if p.Card != nil {
		button = findButton(p.Card.Children, buttonID)
	}
	if button == nil {
		return nil, fmt.Errorf("chattest: the message %q has no button %q", p.ID, buttonID)
	}
	ev := &chat.ActionEvent{EventBase: f.event(user, p.Thread), MessageID: p.ID, ActionID: button.ID, Value: button.Value}
	ev.TriggerID = "trigger-" + ev.ID
	return f.deliver(ctx, ev)
}

func findButton(children []card.Child, id string) *card.Button {
	for _, child := range children {
		switch e := child.(type) {
		case *card.Section:
			if b := findButton(e.Children, id); b != nil {
				return b
			}
		case *card.Actions:
			for _, action := range e.Children {
				if b, ok := action.(*card.Button); ok && b.ID == id && !b.Disabled {
					return b
				}
			}
		}
	}
	return nil
}
