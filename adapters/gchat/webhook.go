package gchat

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// replyTimeout is the longest time until the answer to a webhook. Chat gives up after
// 30 seconds. https://developers.google.com/workspace/chat/receive-respond-interactions
const replyTimeout = 28 * time.Second

// ServeHTTP takes the interactions that Chat sends, of a Chat app or of a Workspace
// add-on, and the Workspace Events that Pub/Sub pushes. It answers 200 when the event
// is stored. If the answer can be a dialog, it waits for the handlers first. A program
// serves the bot, which calls ServeHTTP.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), replyTimeout)
	defer cancel()
	answer, err := a.take(r.WithContext(ctx))
	if err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	if answer == nil {
		answer = params{}
	}
	webhook.Answer(w, answer)
}

// params are the fields of JSON.
type params map[string]any

func (a *Adapter) take(r *http.Request) (params, error) {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64) // the bot has limited the body already
	if err != nil {
		return nil, err
	}
	pushed := isPush(body)
	signers := a.config.chatSigners()
	if pushed {
		signers = a.config.pubSubSigners()
	}
	if err := a.checkBearer(r, signers); err != nil {
		return nil, err
	}
	if pushed {
		return nil, a.takePush(r.Context(), body)
	}
	i, err := parseInteraction(body)
	if err != nil {
		return nil, err
	}
	return a.handle(r.Context(), i)
}

// handle delivers an interaction and returns the answer to it.
func (a *Adapter) handle(ctx context.Context, i *interaction) (params, error) {
	if i.space == nil || !isSpace(i.space.Name) {
		if i.kind == messageKind || i.kind == commandKind || i.kind == addedKind || i.kind == removedKind {
			return nil, bad("the event has no space")
		}
		return nil, a.deliverPlatformEvent(ctx, i)
	}
	if i.space.isTyped() {
		a.learnSpace(ctx, i.space)
	}
	if i.user != nil {
		a.learnUser(ctx, i.user)
	}
	switch i.kind {
	case messageKind:
		return nil, a.handleMessage(ctx, i)
	case commandKind:
		return a.handleCommand(ctx, i)
	case clickKind:
		return a.handleClick(ctx, i)
	case addedKind, removedKind:
		return nil, a.handleMembership(ctx, i)
	}
	return nil, a.deliverPlatformEvent(ctx, i)
}
