package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Where a modal was opened from is kept in the state until the modal comes back,
// under the TypeScript SDK's key and in its shape.
const modalContextTTL = 24 * time.Hour

// modalContext is where a modal was opened from.
type modalContext struct {
	Thread      json.RawMessage `json:"thread,omitempty"`
	Message     json.RawMessage `json:"message,omitempty"`
	Channel     json.RawMessage `json:"channel,omitempty"`
	CallbackURL string          `json:"callbackUrl,omitempty"`
	// Inputs are the ids of the modal's inputs. The TypeScript SDK has none.
	Inputs []string `json:"inputs,omitempty"`
}

// keptContext is a context in the state: there, or held by the one event that
// has taken it. The TypeScript SDK sees none in the latter.
type keptContext struct {
	modalContext
	Holder string        `json:"holder,omitempty"`
	Until  int64         `json:"until,omitempty"` // milliseconds since 1970
	Held   *modalContext `json:"held,omitempty"`
}

func (k *keptContext) isEmpty() bool {
	return k.Held == nil && k.Thread == nil && k.Message == nil && k.Channel == nil && k.CallbackURL == "" && k.Inputs == nil
}

func (s modals) contextRecord(a Adapter, id string) Data[keptContext] {
	return newRecord[keptContext](s.chat, modalContextKey(a, id), modalContextTTL)
}

// keepContext stores the context of a modal that is about to be shown, and
// returns its id.
func (s modals) keepContext(ctx context.Context, a Adapter, origin modalContext, m *card.Modal) (string, error) {
	origin.CallbackURL, origin.Inputs = m.CallbackURL, inputIDs(m)
	id := newUUID()
	if err := s.contextRecord(a, id).Set(ctx, keptContext{modalContext: origin}); err != nil {
		return "", fmt.Errorf("chat: keeping the context of modal %q: %w", m.CallbackID, err)
	}
	return id, nil
}

// takeContext returns the context with the id to one holder: another one
// gets it only after the time, or when it was given back. It returns an empty
// context if there is none.
func (s modals) takeContext(ctx context.Context, a Adapter, id, holder string, until time.Time) (modalContext, error) {
	if id == "" {
		return modalContext{}, nil
	}
	var taken modalContext
	_, err := s.contextRecord(a, id).Update(ctx, func(k keptContext) (keptContext, error) {
		taken = k.modalContext
		if k.Held != nil {
			if k.Holder != holder && time.Now().UnixMilli() < k.Until {
				taken = modalContext{}
				return k, errUnchanged
			}
			taken = *k.Held
		}
		if k.isEmpty() {
			return k, errUnchanged
		}
		held := taken
		return keptContext{Holder: holder, Until: until.UnixMilli(), Held: &held}, nil
	})
	if unreadable(err) {
		s.chat.log.WarnContext(ctx, "modal-context-unreadable", "adapter", a.Name(), "error", err)
		return modalContext{}, nil
	}
	if err != nil && !errors.Is(err, errUnchanged) {
		return modalContext{}, fmt.Errorf("chat: the context of a modal: %w", err)
	}
	return taken, nil
}

// returnContext lets the next event take the context.
func (s modals) returnContext(ctx context.Context, a Adapter, id, holder string) error {
	if id == "" {
		return nil
	}
	_, err := s.contextRecord(a, id).Update(ctx, func(k keptContext) (keptContext, error) {
		if k.Held == nil || k.Holder != holder {
			return k, errUnchanged
		}
		return keptContext{modalContext: *k.Held}, nil
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// origin returns what the context names, for handlers. What cannot be read, or
// belongs to another adapter, is left out.
func (s modals) origin(ctx context.Context, a Adapter, kept modalContext, turn *dispatch.Lease) ModalOrigin {
	var o ModalOrigin
	skip := func(field string, err error) {
		s.chat.log.WarnContext(ctx, "modal-context-unreadable", "adapter", a.Name(), "field", field, "error", err)
	}
	if kept.Thread != nil {
		if t, err := s.chat.decodeThread(kept.Thread); err != nil {
			skip("thread", err)
		} else if t.adapter == a {
			t.lease = turn
			o.Thread = t
		}
	}
	if kept.Message != nil {
		if m, err := s.chat.decodeMessage(kept.Message); err != nil {
			skip("message", err)
		} else {
			o.Message = m
		}
	}
	if kept.Channel != nil {
		if ch, err := s.chat.decodeChannel(kept.Channel); err != nil {
			skip("channel", err)
		} else if ch.adapter == a {
			ch.lease = turn
			o.Channel = ch
		}
	}
	return o
}

// inputIDs returns the ids of the inputs of a modal.
func inputIDs(m *card.Modal) []string {
	var ids []string
	for _, input := range m.Children {
		switch e := input.(type) {
		case *card.TextInput:
			ids = append(ids, e.ID)
		case *card.DateInput:
			ids = append(ids, e.ID)
		case *card.NumberInput:
			ids = append(ids, e.ID)
		case *card.Select:
			ids = append(ids, e.ID)
		case *card.RadioSelect:
			ids = append(ids, e.ID)
		case *card.ExternalSelect:
			ids = append(ids, e.ID)
		case *card.Unknown:
			var input struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(e.Raw, &input) == nil && input.ID != "" {
				ids = append(ids, input.ID)
			}
		}
	}
	return ids
}
