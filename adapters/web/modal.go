package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// An open modal is the cache value "web:modal:{viewId}". The value
// "web:opened:{triggerId}" names the view that a trigger has opened: it makes
// that a trigger opens one modal, and the request that waits finds it on
// whatever instance it was opened.
const (
	modalKey  = "web:modal:"
	modalTTL  = 24 * time.Hour
	openedKey = "web:opened:"
)

// view is a modal that a page shows.
type view struct {
	ID     string        `json:"id"`
	Thread chat.ThreadID `json:"thread"`
	Modal  *card.Modal   `json:"modal"`
	// ContextID is the bot's.
	ContextID string `json:"contextId,omitempty"`
	// Below is the view over which this one was pushed.
	Below string `json:"below,omitempty"`
	// Closed says that it can be submitted no more.
	Closed bool `json:"closed,omitempty"`
	// Submitted is the page's id of the last submission, and Answer what became of
	// it: a page that has lost the answer asks again.
	Submitted string       `json:"submitted,omitempty"`
	Answer    *modalAnswer `json:"answer,omitempty"`
}

// openedEvent tells the request with the trigger that a modal was opened.
type openedEvent struct {
	trigger string
	view    string
}

// shownView is a view as the page gets it.
type shownView struct {
	ID    string          `json:"id"`
	Modal json.RawMessage `json:"modal"`
}

// OpenModal shows the modal in the page where the user has just clicked,
// whichever instance serves it. A trigger opens one modal, within a minute:
// otherwise, and for a trigger that is not this adapter's, the error is
// [chat.ErrInvalid].
func (a *Adapter) OpenModal(ctx context.Context, triggerID string, modal *card.Modal, contextID string) error {
	const op = "OpenModal"
	if err := ctx.Err(); err != nil {
		return err
	}
	if modal == nil {
		return fmt.Errorf("%w: web: the modal is nil", chat.ErrInvalidArgument)
	}
	if err := modal.Validate(); err != nil {
		return fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	t, err := parseTrigger(triggerID)
	if err != nil {
		return platformError(op, chat.CodeInvalid, err)
	}
	if time.Since(t.at) > triggerTTL {
		return platformError(op, chat.CodeInvalid, errExpired)
	}
	v := &view{ID: rand.Text(), Thread: t.thread, Modal: modal, ContextID: contextID}
	if err := a.storeView(ctx, v); err != nil {
		return err
	}
	name, err := json.Marshal(v.ID)
	if err != nil {
		return err
	}
	first, err := a.host.State().SetIfNotExists(ctx, openedKey+triggerID, name, 2*triggerTTL)
	if err != nil {
		return err
	}
	if !first {
		return platformError(op, chat.CodeInvalid, errTriggered)
	}
	a.feeds.publish(t.thread, event{opened: &openedEvent{trigger: triggerID, view: v.ID}})
	return nil
}

func (a *Adapter) storeView(ctx context.Context, v *view) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.host.State().Set(ctx, modalKey+v.ID, data, modalTTL)
}

// view returns an open or closed modal of the thread, or nil.
func (a *Adapter) view(ctx context.Context, thread chat.ThreadID, id string) (*view, error) {
	v := new(view)
	if found, err := a.load(ctx, modalKey+id, v); !found || v.Thread != thread || v.Modal == nil {
		return nil, err
	}
	return v, nil
}

// opened returns the modal that a trigger has opened, or nil.
func (a *Adapter) opened(ctx context.Context, t trigger) (*shownView, error) {
	var id string
	if found, err := a.load(ctx, openedKey+t.id(), &id); !found {
		return nil, err
	}
	v, err := a.view(ctx, t.thread, id)
	if v == nil || v.Closed {
		return nil, err
	}
	return v.show(a.texts)
}

// load reads a cache value and reports whether it is there.
func (a *Adapter) load(ctx context.Context, key string, into any) (bool, error) {
	data, err := a.host.State().Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return false, fmt.Errorf("web: state value %q: %w", key, err)
	}
	return true, nil
}

func (v *view) show(w texts) (*shownView, error) {
	modal, err := w.showElement(v.Modal)
	return &shownView{ID: v.ID, Modal: modal}, err
}
