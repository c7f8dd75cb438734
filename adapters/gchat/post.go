package gchat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Calls, as the Chat API names them.
const (
	opCreate = "spaces.messages.create"
	opPatch  = "spaces.messages.patch"
	opDelete = "spaces.messages.delete"
)

// PostMessage posts to a thread. If the id is that of a space, the message begins a
// thread. A post that is too long for one message becomes several; the id is that of
// the first. Files are messages of their own, after the text.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	id, _, err := a.post(ctx, p, post, nil)
	return id, err
}

// PostChannelMessage posts to a space and returns the thread that the message begins,
// and the message's id.
func (a *Adapter) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	p, err := channelOf(channel)
	if err != nil {
		return "", "", err
	}
	if p.dm, err = a.isDM(ctx, &space{Name: p.space}); err != nil {
		return "", "", err
	}
	id, thread, err := a.post(ctx, p, post, nil)
	if err != nil {
		return "", "", err
	}
	if !p.dm {
		p.thread = thread
	}
	return p.threadID(), id, nil
}

// PostEphemeral posts a message that only one user sees. With files it returns
// [errors.ErrUnsupported].
// https://developers.google.com/workspace/chat/create-messages#private
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	if !isUserID(user) {
		return "", errUserID(user)
	}
	if post != nil && len(post.Files) > 0 {
		return "", fmt.Errorf("gchat: files that only one user sees: %w", errors.ErrUnsupported)
	}
	id, _, err := a.post(ctx, p, post, params{"name": user})
	return id, err
}

// post sends the messages of a post and returns the id of the first and its thread.
func (a *Adapter) post(ctx context.Context, p place, post *chat.Post, viewer params) (id chat.MessageID, thread string, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	parts, err := a.render(post)
	if err != nil {
		return "", "", err
	}
	calls := a.calls(p, parts, viewer, &thread)
	id, err = a.parts.Post(ctx, len(parts), calls)
	return id, thread, err
}

// EditMessage replaces the text and the card of a message of the app, and the further
// messages of a long post. With files it returns [errors.ErrUnsupported].
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	p, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	parts, err := a.render(post)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(parts, func(p part) bool { return p.file != nil }) {
		return fmt.Errorf("gchat: files in an edit: %w", errors.ErrUnsupported)
	}
	return a.parts.Edit(ctx, id, len(parts), a.calls(p, parts, nil, new(string)))
}

// DeleteMessage deletes a message of the app, and the further messages of a long post.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	p, err := a.changeable(ctx, thread, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, a.calls(p, nil, nil, new(string)))
}

func (a *Adapter) changeable(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (place, error) {
	if err := ctx.Err(); err != nil {
		return place{}, err
	}
	return whereIs(thread, id)
}

// calls returns the calls that send, edit and delete the messages of a post. Send sets
// thread to the thread of the first message, and posts the others there.
func (a *Adapter) calls(at place, parts []part, viewer params, thread *string) adapterkit.PartCalls {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			where := at
			if *thread != "" {
				where.thread = *thread
			}
			return a.send(ctx, where, &parts[i], viewer, thread)
		},
		Edit:   func(ctx context.Context, i int, id chat.MessageID) error { return a.edit(ctx, at, id, &parts[i]) },
		Delete: func(ctx context.Context, id chat.MessageID) error { return a.delete(ctx, at, id) },
	}
}

// send creates a message.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
func (a *Adapter) send(ctx context.Context, at place, p *part, viewer params, thread *string) (chat.MessageID, error) {
	body := p.body()
	if p.note != "" {
		body["fallbackText"] = p.note
	}
	if viewer != nil {
		body["privateMessageViewer"] = viewer
	}
	c := call{Call: platform.Call{Op: opCreate, Path: "v1/" + at.space + "/messages", Body: body}}
	if at.thread != "" {
		body["thread"] = params{"name": at.thread}
		c.Query = url.Values{"messageReplyOption": {"REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"}}
	}
	if p.file != nil {
		if err := a.attach(ctx, at, p.file, &c, body); err != nil {
			return "", err
		}
	}
	var sent message
	c.Into = &sent
	if err := a.write(ctx, at, c); err != nil {
		return "", err
	}
	if owner, ok := spaceOf(sent.Name, "messages"); !ok || owner != at.space {
		return "", unexpected(opCreate, "the answer has no message")
	}
	if sent.Sender != nil && c.user == "" {
		a.learnSelf(ctx, sent.Sender.Name)
	}
	if sent.Thread != nil {
		*thread = sent.Thread.Name
	}
	if p.file != nil {
		a.keepUploaded(ctx, sent.Name)
	}
	return chat.MessageID(sent.Name), nil
}

// edit replaces a message.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/patch
func (a *Adapter) edit(ctx context.Context, at place, id chat.MessageID, p *part) error {
	body := p.body()
	for _, field := range []string{"text", "cardsV2"} {
		if _, ok := body[field]; !ok {
			body[field] = map[string]any{"text": "", "cardsV2": []params{}}[field]
		}
	}
	return a.write(ctx, at, call{Call: platform.Call{
		Op: opPatch, Method: http.MethodPatch, Path: "v1/" + string(id), Query: url.Values{"updateMask": {"text,cardsV2"}}, Body: body,
	}})
}

// delete removes a message. A message with a file is deleted in the name of the user in
// whose name it was sent.
func (a *Adapter) delete(ctx context.Context, at place, id chat.MessageID) error {
	c := call{Call: platform.Call{Op: opDelete, Method: http.MethodDelete, Path: "v1/" + string(id)}}
	if a.isUploaded(ctx, id) {
		c.user = a.config.ImpersonateUser
	}
	return a.write(ctx, at, c)
}

// write makes a call that counts as a write in the space.
func (a *Adapter) write(ctx context.Context, at place, c call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := a.pace.take(c.Op, at.space, time.Now()); err != nil {
		return err
	}
	return a.do(ctx, c)
}
