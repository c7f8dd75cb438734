package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts to a chat, or to a thread of a channel, and returns the id of the first
// message. Edits and deletions of that id include the further messages of a long post. In a
// thread id without a root, the post begins a thread of the channel.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := a.placeOf(thread)
	if err != nil {
		return "", err
	}
	return a.post(ctx, p, post)
}

// PostChannelMessage posts a message that begins a thread of a channel, and returns that
// thread. For a chat it returns the thread of the chat.
func (a *Adapter) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	p, err := a.channelOf(channel)
	if err != nil {
		return "", "", err
	}
	id, err := a.post(ctx, p, post)
	if err != nil {
		return "", "", err
	}
	if parts, err := messageIDs.Split(id); err == nil && p.isChannel() && rootForm.MatchString(parts[1]) {
		p.root = parts[1]
	}
	return p.threadID(), id, nil
}

func (a *Adapter) channelOf(id chat.ChannelID) (place, error) {
	p, err := a.placeOf(chat.ThreadID(id))
	if err == nil && p.root != "" {
		err = fmt.Errorf("%w: teams: channel id %q, want the id of a conversation without a thread", chat.ErrInvalidArgument, id)
	}
	return p, err
}

func (a *Adapter) post(ctx context.Context, p place, post *chat.Post) (chat.MessageID, error) {
	parts, err := a.render(ctx, p, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), a.calls(p, parts))
}

// EditMessage replaces a message of the bot, with the further messages of a long post.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, _, err := a.whereIs(thread, id)
	if err != nil {
		return err
	}
	parts, err := a.render(ctx, p, post)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, id, len(parts), a.calls(p, parts))
}

// DeleteMessage deletes a message of the bot, with the further messages of a long post.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, _, err := a.whereIs(thread, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, a.calls(p, nil))
}

// calls returns the calls that send, edit and delete the messages of a post.
func (a *Adapter) calls(at place, parts []part) adapterkit.PartCalls {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			return a.sendActivity(ctx, at, parts[i].body(), nil)
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			return a.change(ctx, at, id, platform.Call{Op: "updateActivity", Method: http.MethodPut, Body: parts[i].body()})
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			return a.change(ctx, at, id, platform.Call{Op: "deleteActivity", Method: http.MethodDelete})
		},
	}
}

// sendActivity sends an activity, and returns the id of its message.
func (a *Adapter) sendActivity(ctx context.Context, at place, body params, query url.Values) (chat.MessageID, error) {
	var sent struct {
		ID string `json:"id"`
	}
	if err := a.send(ctx, at.service, platform.Call{Op: "sendToConversation", Path: path(at.full(), "activities"), Query: query, Body: body, Into: &sent}); err != nil {
		return "", err
	}
	if !isActivityID(sent.ID) {
		return "", failure("sendToConversation", chat.CodeTemporary, "the answer has no id")
	}
	return at.messageID(sent.ID), nil
}

// change makes a call that edits or deletes a message.
func (a *Adapter) change(ctx context.Context, at place, id chat.MessageID, call platform.Call) error {
	_, activityID, err := a.whereIs(at.threadID(), id)
	if err != nil {
		return err
	}
	call.Path = path(at.full(), "activities", activityID)
	if a.isTargeted(ctx, at, activityID) {
		call.Query = targeted
	}
	return a.send(ctx, at.service, call)
}

// StartTyping shows for some seconds that the bot is typing. Teams cannot show the status
// outside of streams, so it is ignored.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	p, err := a.placeOf(thread)
	if err != nil {
		return err
	}
	return a.send(ctx, p.service, platform.Call{Op: "typing", Path: path(p.full(), "activities"), Body: params{"type": "typing"}})
}

var errNoDM = errors.New("the user's tenant is not known: the user has sent no activity, and Config.TenantID is empty")

// OpenDM opens the personal chat with a user, who must have the app installed. The tenant of
// the user must be known from an activity in the last 30 days, or be Config.TenantID; else
// the error is [chat.ErrNotFound].
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
func (a *Adapter) OpenDM(ctx context.Context, user chat.UserID) (chat.ThreadID, error) {
	if !a.IsUserID(user) {
		return "", fmt.Errorf(`%w: teams: user id %q, want "29:" and more, or a GUID`, chat.ErrInvalidArgument, user)
	}
	service, tenant := a.known.serviceOf(ctx, string(user)), a.known.tenantOf(ctx, string(user))
	if !a.trusts(service) {
		service = a.config.APIURL
	}
	if tenant == "" {
		tenant = a.config.TenantID
	}
	if tenant == "" {
		return "", &chat.PlatformError{Adapter: adapterName, Op: "createConversation", Code: chat.CodeNotFound, Err: errNoDM}
	}
	body := params{
		"isGroup": false, "bot": params{"id": "28:" + a.config.AppID, "name": a.host.UserName()}, "members": []params{{"id": user}},
		"tenantId": tenant, "channelData": params{"tenant": params{"id": tenant}},
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := a.send(ctx, service, platform.Call{Op: "createConversation", Path: "v3/conversations", Body: body, Into: &made}); err != nil {
		return "", err
	}
	if !isConversation(made.ID) {
		return "", failure("createConversation", chat.CodeTemporary, "the answer has no id")
	}
	return newPlace(made.ID, service, personalType).threadID(), nil
}
