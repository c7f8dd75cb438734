package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// What a page is told of a click that leads nowhere.
const (
	textGone         = "this is no longer there: it was changed or removed"
	textActionFailed = "Something went wrong. Please try again."
)

// serveAction takes a click on a button, or a choice, and streams what becomes of
// it: "taken" when it is safe, "modal" with one that a handler opens, and at the
// end "handled", or "failed" with a text. What the bot posts meanwhile is an
// event of the conversation, as always.
func (a *Adapter) serveAction(w http.ResponseWriter, r *http.Request, user chat.Author) {
	ctx := r.Context()
	req, err := readRequest(r)
	if err != nil {
		writeRequestError(w, err)
		return
	}
	thread := threadID(user.UserID, req.Conversation)
	value, err := a.actionValue(ctx, thread, req)
	if errors.Is(err, errNoAction) {
		writeError(w, http.StatusGone, textGone)
		return
	}
	if err != nil {
		a.unavailable(w, r, "action-unreadable", err)
		return
	}
	now := time.Now()
	t := trigger{thread: thread, at: now, request: req.ID}
	sub := a.feeds.subscribe(thread)
	defer sub.close()
	receipt, err := a.host.Deliver(ctx, &chat.ActionEvent{
		EventBase: a.eventBase(thread, user, now, "action", req.ID),
		MessageID: chat.MessageID(req.Message), ActionID: req.Action, Value: value, TriggerID: t.id(),
	})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	if err := a.touch(ctx, user.UserID, req.Conversation, "", now); err != nil {
		a.log.WarnContext(ctx, "conversation-not-listed", "thread", string(thread), "error", err)
	}
	sub.feed.stir()
	handled := make(chan error, 1)
	go func() { handled <- receipt.Wait(ctx) }()
	a.followAction(ctx, startSSE(w), sub, t, handled)
}

// eventBase is what the events of a page have in common. The id makes an event
// that is sent again the same event.
func (a *Adapter) eventBase(thread chat.ThreadID, user chat.Author, now time.Time, kind, id string) chat.EventBase {
	return chat.EventBase{ID: kind + ":" + channelPart(thread) + ":" + id, ThreadID: thread, User: user, At: now}
}

// followAction tells a page what becomes of its click until it is handled.
func (a *Adapter) followAction(ctx context.Context, s *sse, sub *subscription, t trigger, handled <-chan error) {
	defer s.end()
	s.event("taken", struct{}{})
	s.flush()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	// A modal that another instance opens is found by looking for it.
	look := time.NewTicker(a.config.PollInterval)
	defer look.Stop()
	shown := false
	showModal := func() {
		if shown {
			return
		}
		v, err := a.opened(ctx, t)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "modal-unreadable", "thread", string(t.thread), "error", err)
		}
		if v != nil {
			shown = true
			s.event("modal", v)
		}
	}
	for s.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			s.comment("waiting")
		case <-look.C:
			showModal()
		case <-sub.ready:
			events, err := sub.take()
			if err != nil || opens(events, t) {
				showModal()
			}
		case err := <-handled:
			if ctx.Err() != nil {
				return
			}
			showModal()
			if err != nil {
				s.event("failed", map[string]string{"error": textActionFailed})
			} else {
				s.event("handled", struct{}{})
			}
			s.flush()
			return
		}
		s.flush()
	}
}

func opens(events []event, t trigger) bool {
	for _, e := range events {
		if e.opened != nil && e.opened.trigger == t.id() {
			return true
		}
	}
	return false
}

var errNoAction = errors.New("web: there is no such action")

// actionValue returns the value of an action as the bot has offered it: a page
// cannot make up another one. It returns errNoAction for one that is not there.
func (a *Adapter) actionValue(ctx context.Context, thread chat.ThreadID, req *pageRequest) (string, error) {
	var root card.Element
	if req.View != "" {
		v, err := a.view(ctx, thread, req.View)
		if err != nil {
			return "", err
		}
		if v != nil && !v.Closed {
			root = v.Modal
		}
	} else {
		c, err := a.cardOf(ctx, thread, req.Message)
		if err != nil {
			return "", err
		}
		if c != nil {
			root = c
		}
	}
	switch e := findAction(root, req.Action).(type) {
	case *card.Button:
		return e.Value, nil
	case *card.LinkButton:
		return "", nil
	case *card.Select:
		if hasOption(e.Options, req.Value) {
			return req.Value, nil
		}
	case *card.RadioSelect:
		if hasOption(e.Options, req.Value) {
			return req.Value, nil
		}
	}
	return "", errNoAction
}

// cardOf returns the card of a message of the bot, or nil.
func (a *Adapter) cardOf(ctx context.Context, thread chat.ThreadID, message string) (*card.Card, error) {
	b, err := a.bodyOf(ctx, thread, message)
	if err != nil || b == nil || b.Card == nil {
		return nil, err
	}
	c := new(card.Card)
	if err := c.UnmarshalJSON(b.Card); err != nil {
		return nil, err
	}
	return c, nil
}

func (a *Adapter) bodyOf(ctx context.Context, thread chat.ThreadID, message string) (*body, error) {
	c, err := a.content(ctx, thread, chat.MessageID(message))
	if err != nil {
		return nil, err
	}
	if c != nil {
		return c.Body, nil
	}
	ephemerals, err := a.ephemerals(ctx, thread)
	if err != nil {
		return nil, err
	}
	for _, e := range ephemerals {
		if e.ID == message {
			return e.Body, nil
		}
	}
	return nil, nil
}
