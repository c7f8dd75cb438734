package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Ephemeral messages are in no history. The list "web:ephemeral:{threadId}" has
// them for an hour, so that pages on other instances, and a page that is loaded
// again, show them.
const (
	ephemeralKey  = "web:ephemeral:"
	ephemeralTTL  = time.Hour
	maxEphemerals = 20
)

// ephemeral is a message that is not kept.
type ephemeral struct {
	ID string `json:"id"`
	// SentAt is in milliseconds since 1970.
	SentAt int64 `json:"sentAt"`
	Body   *body `json:"body"`
}

// PostEphemeral shows a message for an hour to the user whose conversation it is,
// without keeping it. Nobody else has a part in the conversation: for another user it
// returns [chat.ErrNotFound]. The message cannot be edited or deleted.
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	const op = "PostEphemeral"
	if err := checkTarget(ctx, thread); err != nil {
		return "", err
	}
	if owner, _, _ := splitThreadID(thread); owner != user {
		return "", platformError(op, chat.CodeNotFound, errNotThere)
	}
	b, err := a.takePost(ctx, op, thread, post)
	if err != nil {
		return "", err
	}
	e := ephemeral{ID: rand.Text(), SentAt: time.Now().UnixMilli(), Body: b}
	data, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	err = a.host.State().AppendToList(ctx, ephemeralKey+string(thread), data,
		state.ListOptions{MaxLength: maxEphemerals, TTL: ephemeralTTL})
	if err != nil {
		return "", err
	}
	a.feeds.publish(thread, event{message: e.ui()})
	return chat.MessageID(e.ID), nil
}

func (e *ephemeral) ui() *uiMessage {
	m := newUIMessage(e.ID, roleAssistant, e.Body, time.UnixMilli(e.SentAt))
	m.Metadata.Ephemeral = true
	return m
}

// ephemerals returns the conversation's ephemeral messages, oldest first.
func (a *Adapter) ephemerals(ctx context.Context, thread chat.ThreadID) ([]*ephemeral, error) {
	list, err := a.host.State().GetList(ctx, ephemeralKey+string(thread))
	if err != nil {
		return nil, err
	}
	var all []*ephemeral
	for _, data := range list {
		e := new(ephemeral)
		if err := json.Unmarshal(data, e); err != nil {
			return nil, fmt.Errorf("web: state list %q: %w", ephemeralKey+string(thread), err)
		}
		if e.Body != nil && time.Since(time.UnixMilli(e.SentAt)) < ephemeralTTL {
			all = append(all, e)
		}
	}
	return all, nil
}
