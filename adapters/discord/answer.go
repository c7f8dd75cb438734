package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// tokenTTL is how long an interaction can be answered: a little less than Discord's 15
// minutes.
// https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages
const tokenTTL = 14*time.Minute + 30*time.Second

// openInteraction is an interaction that can be answered. It is kept in the state,
// because the post that answers it may come from another instance.
type openInteraction struct {
	ID    string `json:"id"`
	Token string `json:"token"`
	// Answerable says that the next post in the conversation is the answer.
	Answerable bool `json:"answerable,omitempty"`
}

func commandKey(at place) string { return "discord:command:" + string(at.threadID()) }

func userKey(at place, user chat.UserID) string {
	return "discord:interaction:" + string(at.threadID()) + ":" + string(user)
}

func answeredKey(id string) string { return "discord:answered:" + id }

// keepOpen stores that an interaction can be answered.
func (a *Adapter) keepOpen(ctx context.Context, at place, user chat.UserID, i *openInteraction) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if err := a.host.State().Set(ctx, userKey(at, user), data, tokenTTL); err != nil || !i.Answerable {
		return err
	}
	return a.keepCommand(ctx, at, i)
}

func (a *Adapter) keepCommand(ctx context.Context, at place, i *openInteraction) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return a.host.State().Set(ctx, commandKey(at), data, tokenTTL)
}

// findOpen returns the interaction under the key, or nil.
func (a *Adapter) findOpen(ctx context.Context, key string) (*openInteraction, error) {
	data, err := a.host.State().Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := &openInteraction{}
	if json.Unmarshal(data, i) != nil || !isID(i.ID) || !isToken(i.Token) {
		return nil, nil
	}
	return i, nil
}

// take reports whether the caller may answer the interaction: the first one to ask, of
// all instances.
func (a *Adapter) take(ctx context.Context, i *openInteraction) (bool, error) {
	return a.host.State().SetIfNotExists(ctx, answeredKey(i.ID), []byte("1"), tokenTTL)
}

// settle stores that an interaction has its answer.
func (a *Adapter) settle(ctx context.Context, i *openInteraction) {
	if _, err := a.take(context.WithoutCancel(ctx), i); err != nil {
		a.log.DebugContext(ctx, "it is not stored that an interaction was answered", "error", err) // Discord refuses another answer
	}
}

// giveBack undoes take after an answer has failed.
func (a *Adapter) giveBack(ctx context.Context, i *openInteraction) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	defer cancel()
	if err := a.host.State().Delete(ctx, answeredKey(i.ID)); err != nil {
		a.log.WarnContext(ctx, "an interaction whose answer failed cannot be answered again", "error", err)
	}
}

// respond sends the first response to an interaction.
// https://docs.discord.com/developers/interactions/receiving-and-responding#create-interaction-response
func (a *Adapter) respond(ctx context.Context, id, token string, r *response) error {
	return a.do(ctx, call{Call: platform.Call{Op: "respond", Path: "interactions/" + id + "/" + token + "/callback", Body: r}, major: id, client: a.hooks})
}

// respondWithMessage sends a message as the first response, and returns its id.
func (a *Adapter) respondWithMessage(ctx context.Context, i *openInteraction, data params, p *part) (chat.MessageID, error) {
	body, err := withUploads(params{"type": messageResponse, "data": data}, "data", p.files)
	if err != nil {
		return "", err
	}
	var got struct {
		Interaction struct {
			MessageID string `json:"response_message_id"`
		} `json:"interaction"`
	}
	err = a.do(ctx, call{major: i.ID, client: a.hooks, Call: platform.Call{
		Op: "respond", Path: "interactions/" + i.ID + "/" + i.Token + "/callback", Query: url.Values{"with_response": {"true"}}, Body: body, Into: &got,
	}})
	if err != nil {
		return "", err
	}
	return sentID("respond", got.Interaction.MessageID)
}

// hook calls the webhook of an interaction, for what follows the first response.
func (a *Adapter) hook(ctx context.Context, i *openInteraction, op, method, path string, query url.Values, body, into any) error {
	return a.do(ctx, call{major: i.ID, client: a.hooks, Call: platform.Call{
		Op: op, Method: method, Path: "webhooks/" + a.config.ApplicationID + "/" + i.Token + path, Query: query, Body: body, Into: into,
	}})
}

// showLoading responds that a message comes later. done says that the handlers have
// returned, so no message will come; then only the user sees it, until endLoading.
func (a *Adapter) showLoading(ctx context.Context, i *openInteraction, done bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	r := &response{Type: loadingResponse}
	if done {
		r.Data = params{"flags": ephemeralFlag}
	}
	err := a.respond(ctx, i.ID, i.Token, r)
	if hasCode(err, alreadyAcknowledged) { // another instance has responded
		return nil
	}
	if err != nil {
		a.log.WarnContext(ctx, "an interaction was not answered", "error", err)
	}
	return err
}

// endLoading removes the loading message of an interaction that was handled without an
// answer.
func (a *Adapter) endLoading(ctx context.Context, i *openInteraction) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	defer cancel()
	if mine, err := a.take(ctx, i); err != nil || !mine {
		return // it was answered, or it expires with the token
	}
	err := a.hook(ctx, i, "deleteResponse", http.MethodDelete, "/messages/@original", nil, nil, nil)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a loading message was not removed", "error", err)
	}
}

// answerCommand posts the answer to the command in the conversation that has none yet.
// If there is no such command, the id is empty.
func (a *Adapter) answerCommand(ctx context.Context, at place, p *part) (chat.MessageID, error) {
	i, err := a.findOpen(ctx, commandKey(at))
	if err != nil {
		a.log.WarnContext(ctx, "a command may stay without its answer", "error", err)
	}
	if i == nil {
		return "", nil
	}
	mine, err := a.take(ctx, i)
	if err != nil {
		return "", err
	}
	if err := a.host.State().Delete(ctx, commandKey(at)); err != nil {
		a.log.DebugContext(ctx, "the key of a command was not deleted", "error", err) // the next post sees that it is taken
	}
	if !mine {
		return "", nil
	}
	id, err := a.answerWith(ctx, i, p)
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, chat.ErrNotFound) || hasCode(err, alreadyAcknowledged): // too late
		if len(p.files) > 0 {
			return "", err // the files have been read and cannot be sent again
		}
		return "", nil
	}
	a.giveBack(ctx, i)
	if err := a.keepCommand(context.WithoutCancel(ctx), at, i); err != nil {
		a.log.WarnContext(ctx, "a command may stay without its answer", "error", err)
	}
	return "", err
}

// answerWith sends a message as the first response, or replaces the loading message.
func (a *Adapter) answerWith(ctx context.Context, i *openInteraction, p *part) (id chat.MessageID, err error) {
	tried, err := a.waiting.find(i.ID).answer(func() (err error) {
		id, err = a.respondWithMessage(ctx, i, a.body(p, false), p)
		return err
	})
	if tried {
		return id, err
	}
	body, err := withUploads(a.body(p, true), "", p.files)
	if err != nil {
		return "", err
	}
	var sent message
	if err := a.hook(ctx, i, "editResponse", http.MethodPatch, "/messages/@original", nil, body, &sent); err != nil {
		return "", err
	}
	return sentID("editResponse", sent.ID)
}

// PostEphemeral posts a message that only the user sees. Discord has such messages only
// as responses to interactions. So the user must have clicked or given a command in the
// conversation in the last 14.5 minutes; otherwise the error is [errors.ErrUnsupported].
// The message cannot be edited or deleted by its id.
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	at, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	if err := checkUserID(user); err != nil {
		return "", err
	}
	i, err := a.findOpen(ctx, userKey(at, user))
	if err != nil {
		return "", fmt.Errorf("discord: finding the user's interaction: %w", err)
	}
	if i == nil {
		return "", fmt.Errorf("discord: an ephemeral message needs a click or a command of the user in the conversation in the last 14.5 minutes: %w", errors.ErrUnsupported)
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), adapterkit.PartCalls{
		Send: func(ctx context.Context, n int, first chat.MessageID) (chat.MessageID, error) {
			return a.sendEphemeral(ctx, i, &parts[n], first == "")
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			return a.hook(ctx, i, "deleteFollowup", http.MethodDelete, "/messages/"+string(id), nil, nil, nil)
		},
	})
}

func (a *Adapter) sendEphemeral(ctx context.Context, i *openInteraction, p *part, first bool) (id chat.MessageID, err error) {
	data := a.body(p, false)
	data["flags"] = ephemeralFlag
	if first {
		tried, err := a.waiting.find(i.ID).answer(func() (err error) {
			id, err = a.respondWithMessage(ctx, i, data, p)
			return err
		})
		if tried {
			if err == nil {
				a.settle(ctx, i)
			}
			return id, err
		}
		if i.Answerable {
			// A follow-up would replace the loading message, which all can see.
			a.endLoading(ctx, i)
		}
	}
	body, err := withUploads(data, "", p.files)
	if err != nil {
		return "", err
	}
	var sent message
	if err := a.hook(ctx, i, "followup", http.MethodPost, "", url.Values{"wait": {"true"}}, body, &sent); err != nil {
		return "", err
	}
	return sentID("followup", sent.ID)
}
