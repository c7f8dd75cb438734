package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// submitTime is how long the handlers of a submitted modal may take, and
	// optionsTime those that load options: the user waits.
	submitTime  = 20 * time.Second
	optionsTime = 5 * time.Second
)

// modalAnswer is what becomes of a submitted modal, in the words of
// [chat.ModalAnswer].
type modalAnswer struct {
	Action chat.ModalAction  `json:"action"`
	Errors map[string]string `json:"errors,omitempty"`
	// View is the next one, for an update or a push.
	View *shownView `json:"view,omitempty"`
	// Opened is a modal that the handler opened by itself.
	Opened *shownView `json:"opened,omitempty"`
}

// serveSubmission takes the values of a modal and answers what becomes of it.
func (a *Adapter) serveSubmission(w http.ResponseWriter, r *http.Request, user chat.Author) {
	ctx := r.Context()
	req, v, ok := a.readView(w, r, user)
	if !ok {
		return
	}
	if v.Submitted == req.ID && v.Answer != nil {
		writeJSON(w, http.StatusOK, v.Answer)
		return
	}
	if v.Closed {
		writeError(w, http.StatusGone, textGone)
		return
	}
	values, wrong, err := checkValues(v.Modal, req.Values)
	if err != nil {
		writeRequestError(w, err)
		return
	}
	if len(wrong) > 0 {
		writeJSON(w, http.StatusOK, modalAnswer{Action: chat.ModalErrors, Errors: wrong})
		return
	}
	now := time.Now()
	t := trigger{thread: v.Thread, at: now, request: req.ID}
	handling, cancel := context.WithTimeout(ctx, submitTime)
	defer cancel()
	said, err := a.host.SubmitModal(handling, &chat.ModalSubmitEvent{
		EventBase:  a.eventBase(v.Thread, user, now, "submit", v.ID+":"+req.ID),
		CallbackID: v.Modal.CallbackID, PrivateMetadata: v.Modal.PrivateMetadata, ContextID: v.ContextID,
		ViewID: v.ID, Values: values, TriggerID: t.id(),
	})
	if err != nil {
		a.unavailable(w, r, "modal-not-handled", err)
		return
	}
	answer, err := a.applyAnswer(ctx, v, req.ID, t, said)
	if err != nil {
		a.unavailable(w, r, "modal-not-stored", err)
		return
	}
	a.feeds.stir(v.Thread)
	writeJSON(w, http.StatusOK, answer)
}

// readView reads a request that is about an open or closed modal, or answers
// what is wrong.
func (a *Adapter) readView(w http.ResponseWriter, r *http.Request, user chat.Author) (*pageRequest, *view, bool) {
	req, err := readRequest(r)
	if err != nil {
		writeRequestError(w, err)
		return nil, nil, false
	}
	v, err := a.view(r.Context(), threadID(user.UserID, req.Conversation), req.View)
	switch {
	case err != nil:
		a.unavailable(w, r, "modal-unreadable", err)
	case v == nil:
		writeError(w, http.StatusGone, textGone)
	default:
		return req, v, true
	}
	return nil, nil, false
}

// applyAnswer does what the handlers answered, and keeps the answer for a page
// that loses it.
func (a *Adapter) applyAnswer(ctx context.Context, v *view, submission string, t trigger, said chat.ModalAnswer) (*modalAnswer, error) {
	answer := &modalAnswer{Action: said.Action, Errors: said.Errors}
	if answer.Action == "" {
		answer.Action = chat.ModalClose
	}
	next := v
	switch answer.Action {
	case chat.ModalErrors:
	case chat.ModalClose:
		v.Closed = true
	case chat.ModalClear:
		v.Closed = true
		if err := a.closeBelow(ctx, v); err != nil {
			return nil, err
		}
	case chat.ModalUpdate, chat.ModalPush:
		if said.Modal == nil {
			return nil, fmt.Errorf("%w: web: the answer %q has no Modal", chat.ErrInvalidArgument, said.Action)
		}
		if err := said.Modal.Validate(); err != nil {
			return nil, fmt.Errorf("%w: web: the answer's Modal: %w", chat.ErrInvalidArgument, err)
		}
		if answer.Action == chat.ModalPush {
			next = &view{ID: v.ID + "." + submission, Thread: v.Thread, Below: v.ID}
		}
		next.Modal, next.ContextID = said.Modal, said.ContextID
	default:
		return nil, fmt.Errorf("%w: web: the answer's Action is %q, want close, clear, errors, update or push", chat.ErrInvalidArgument, said.Action)
	}
	var err error
	if said.Modal != nil {
		if answer.View, err = next.show(a.texts); err != nil {
			return nil, err
		}
	}
	if answer.Opened, err = a.opened(ctx, t); err != nil {
		return nil, err
	}
	if next != v {
		if err := a.storeView(ctx, next); err != nil {
			return nil, err
		}
	}
	v.Submitted, v.Answer = submission, answer
	return answer, a.storeView(ctx, v)
}

// closeBelow closes the views over which this one was pushed.
func (a *Adapter) closeBelow(ctx context.Context, v *view) error {
	for id := v.Below; id != ""; {
		below, err := a.view(ctx, v.Thread, id)
		if err != nil || below == nil {
			return err
		}
		below.Closed = true
		if err := a.storeView(ctx, below); err != nil {
			return err
		}
		id = below.Below
	}
	return nil
}

// serveClosing takes that a modal was closed without being submitted.
func (a *Adapter) serveClosing(w http.ResponseWriter, r *http.Request, user chat.Author) {
	ctx := r.Context()
	_, v, ok := a.readView(w, r, user)
	if !ok {
		return
	}
	if !v.Closed {
		if v.Modal.NotifyOnClose {
			_, err := a.host.Deliver(ctx, &chat.ModalClosedEvent{
				EventBase:  a.eventBase(v.Thread, user, time.Now(), "close", v.ID),
				CallbackID: v.Modal.CallbackID, PrivateMetadata: v.Modal.PrivateMetadata, ContextID: v.ContextID,
			})
			if err != nil {
				a.refuse(w, r, err)
				return
			}
			a.feeds.stir(v.Thread)
		}
		v.Closed = true
		if err := a.storeView(ctx, v); err != nil {
			a.unavailable(w, r, "modal-not-stored", err)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveOptions answers the options of an external select for what was typed.
func (a *Adapter) serveOptions(w http.ResponseWriter, r *http.Request, user chat.Author) {
	req, v, ok := a.readView(w, r, user)
	if !ok {
		return
	}
	menu, ok := findAction(v.Modal, req.Action).(*card.ExternalSelect)
	if !ok || v.Closed {
		writeError(w, http.StatusGone, textGone)
		return
	}
	type group struct {
		Label   string          `json:"label"`
		Options json.RawMessage `json:"options"`
	}
	groups := []group{}
	if menu.MinQueryLength == nil || utf8.RuneCountInString(req.Query) >= *menu.MinQueryLength {
		ctx, cancel := context.WithTimeout(r.Context(), optionsTime)
		defer cancel()
		options, err := a.host.LoadOptions(ctx, &chat.OptionsLoadEvent{
			EventBase: a.eventBase(v.Thread, user, time.Now(), "options", req.ID),
			ActionID:  req.Action, Query: req.Query,
		})
		if err != nil {
			a.unavailable(w, r, "options-not-loaded", err)
			return
		}
		if len(options.Options) > 0 {
			options.Groups = append([]chat.OptionGroup{{Options: options.Options}}, options.Groups...)
		}
		for _, g := range options.Groups {
			shown, err := a.texts.showOptions(g.Options)
			if err != nil {
				a.unavailable(w, r, "options-not-loaded", err)
				return
			}
			groups = append(groups, group{a.texts.show(g.Label), shown})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"groups": groups})
}

func (w texts) showOptions(options []*card.Option) (json.RawMessage, error) {
	shown := []*card.Option{}
	for _, o := range options {
		if o != nil {
			shown = append(shown, &card.Option{Label: w.show(o.Label), Value: o.Value, Description: w.show(o.Description)})
		}
	}
	return json.Marshal(shown)
}
