package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
)

// OpenModal opens the modal for the user who has clicked. Call it soon: a trigger of
// Slack lives for 3 seconds. Where it was opened from is kept for 24 hours and comes
// back with the submission as [ModalSubmitEvent].Opened.
//
// It returns [ErrInvalidArgument] for a modal that is not valid, and an error
// that satisfies errors.Is(err, errors.ErrUnsupported) where the platform has no
// modals or sent no trigger with the event.
func (e *ActionEvent) OpenModal(ctx context.Context, m *card.Modal) error {
	return e.turn.openModal(ctx, e.TriggerID, m, func() modalContext {
		return e.turn.originOf(ctx, e.Thread, e.MessageID, nil)
	})
}

// OpenModal opens the modal for the user who has given the command, as
// [ActionEvent.OpenModal] does.
func (e *SlashCommandEvent) OpenModal(ctx context.Context, m *card.Modal) error {
	return e.turn.openModal(ctx, e.TriggerID, m, func() modalContext {
		var channel *Channel
		if e.ChannelID != "" {
			channel = &Channel{chat: e.turn.chat, adapter: e.turn.adapter, id: e.ChannelID}
		}
		return e.turn.originOf(ctx, e.Thread, "", channel)
	})
}

// OpenModal opens another modal for the user who has submitted this one, as
// [ActionEvent.OpenModal] does. It is opened from where this one was. To show it
// in the place of this one, or over it, answer with ModalUpdate or ModalPush.
func (e *ModalSubmitEvent) OpenModal(ctx context.Context, m *card.Modal) error {
	return e.turn.openModal(ctx, e.TriggerID, m, func() modalContext { return e.origin })
}

func (t *eventTurn) openModal(ctx context.Context, trigger string, m *card.Modal, origin func() modalContext) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	if err := t.chat.modals.check(m); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	opener, ok := t.adapter.(ModalOpener)
	if !ok {
		return unsupported(t.adapter.Name(), "modals")
	}
	if trigger == "" {
		return unsupported(t.adapter.Name(), "opening a modal for an event without a TriggerID")
	}
	id, err := t.chat.modals.keepContext(ctx, t.adapter, origin(), m)
	if err != nil {
		return err
	}
	err = t.do(ctx, func(ctx context.Context) error { return opener.OpenModal(ctx, trigger, m, id) }, nil)
	if err != nil {
		// What stays behind expires.
		_ = t.chat.modals.contextRecord(t.adapter, id).Clear(context.WithoutCancel(ctx))
		return err
	}
	return nil
}

// modals are the forms that a bot shows.
type modals struct{ chat *Chat }

// check returns what is wrong with a modal that is to be shown.
func (s modals) check(m *card.Modal) error {
	if m == nil {
		return errors.New("the modal is nil")
	}
	if err := m.Validate(); err != nil {
		return err
	}
	if err := checkIDs(m.Children); err != nil {
		return err
	}
	if m.CallbackURL == "" {
		return nil
	}
	if err := s.chat.callbacks.check(m.CallbackURL); err != nil {
		return fmt.Errorf("the modal %q: callbackUrl %w", m.CallbackID, err)
	}
	return nil
}

// fetchMessageTime bounds the look-up of the message that a modal is opened
// from: the platform's trigger does not live long.
const fetchMessageTime = time.Second

// originOf returns where a modal is opened from.
func (t *eventTurn) originOf(ctx context.Context, thread *Thread, id MessageID, channel *Channel) modalContext {
	var kept modalContext
	encode := func(v json.Marshaler) json.RawMessage {
		data, err := v.MarshalJSON()
		if err != nil {
			t.chat.log.WarnContext(ctx, "modal-context-incomplete", "adapter", t.adapter.Name(), "error", err)
			return nil
		}
		return data
	}
	if thread != nil {
		channel = &Channel{chat: t.chat, adapter: t.adapter, id: thread.channelID(), dm: thread.IsDM()}
		kept.Thread = encode(thread)
		if id != "" {
			kept.Message = encode(t.message(ctx, thread.id, id))
		}
	}
	if channel != nil {
		kept.Channel = encode(channel)
	}
	return kept
}

// message returns what the platform says about the message, or else just its ids.
func (t *eventTurn) message(ctx context.Context, thread ThreadID, id MessageID) *Message {
	if f, ok := t.adapter.(MessageFetcher); ok {
		ctx, cancel := context.WithTimeout(ctx, fetchMessageTime)
		defer cancel()
		m, err := f.FetchMessage(ctx, thread, id)
		if err == nil && m != nil {
			return m
		}
		t.chat.log.DebugContext(ctx, "modal-message-not-fetched", "adapter", t.adapter.Name(), "thread", string(thread), "error", err)
	}
	return &Message{ID: id, ThreadID: thread}
}

// handleClosed calls the handlers of a closed modal with where it was opened
// from. That is forgotten when they have succeeded.
func (s modals) handleClosed(ctx context.Context, a Adapter, ev *ModalClosedEvent) (bool, error) {
	kept, err := s.takeContext(ctx, a, ev.ContextID, "closed:"+ev.ID, time.Now().Add(modalContextTTL))
	if err != nil {
		return true, err
	}
	ev.Opened = s.origin(ctx, a, kept, ev.turn.lease)
	called, err := s.chat.router.routeEvent(ctx, ev)
	if err == nil && ev.ContextID != "" {
		if err := s.contextRecord(a, ev.ContextID).Clear(context.WithoutCancel(ctx)); err != nil {
			s.chat.log.WarnContext(ctx, "modal-context-left", "adapter", a.Name(), "error", err)
		}
	}
	return called, err
}
