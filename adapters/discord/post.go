package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts to a channel, a thread or a direct conversation. A thread that the
// bot's mention would begin is made now. Where a command of a user waits for an answer
// there, the post is that.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, "", post)
}

// ReplyMessage posts an answer to a message, which Discord shows above it. Its author
// is not notified.
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if _, err := whereIs(thread, to); err != nil {
		return "", err
	}
	return a.post(ctx, thread, to, post)
}

// PostChannelMessage posts to a channel. Answers to the post stand in a thread below
// it, which the first of them makes.
func (a *Adapter) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	p, err := placeOfChannel(channel)
	if err != nil {
		return "", "", err
	}
	id, err := a.post(ctx, p.threadID(), "", post)
	if err != nil {
		return "", "", err
	}
	if !p.direct() {
		p.thread = string(id)
	}
	return p.threadID(), id, nil
}

func (a *Adapter) post(ctx context.Context, thread chat.ThreadID, replyTo chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), a.calls(p, replyTo, parts))
}

// EditMessage replaces what a message says. Its files stay, and it can get no others.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	if post != nil && len(post.Files) > 0 {
		return fmt.Errorf("discord: files in an edit: %w", errors.ErrUnsupported)
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, id, len(parts), a.calls(p, "", parts))
}

// DeleteMessage deletes a message.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, a.calls(p, "", nil))
}

// calls are what changes the messages of a post.
func (a *Adapter) calls(at place, replyTo chat.MessageID, parts []part) adapterkit.PartCalls {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			if first != "" {
				return a.send(ctx, at, "", &parts[i])
			}
			if replyTo == "" {
				if id, err := a.answerCommand(ctx, at, &parts[i]); id != "" || err != nil {
					return id, err
				}
			}
			return a.send(ctx, at, replyTo, &parts[i])
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			return a.atMessage(at, string(id), func(channel string) error {
				return a.inChannel(ctx, "editMessage", http.MethodPatch, channel, "/messages/"+string(id), a.body(&parts[i], true), nil)
			})
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			return a.atMessage(at, string(id), func(channel string) error {
				return a.inChannel(ctx, "deleteMessage", http.MethodDelete, channel, "/messages/"+string(id), nil, nil)
			})
		},
	}
}

// send posts a message. Where the thread is not there yet, it is made.
func (a *Adapter) send(ctx context.Context, at place, replyTo chat.MessageID, p *part) (chat.MessageID, error) {
	if at.thread != "" && len(p.files) > 0 { // files can be sent only once, so the thread must be there
		if _, err := a.channel(ctx, at.thread); err != nil && !errors.Is(err, chat.ErrNotFound) {
			return "", err
		} else if err != nil {
			return a.sendToNew(ctx, at, replyTo, p)
		}
	}
	id, err := a.sendTo(ctx, at.channel(), replyTo, p)
	if at.thread != "" && hasCode(err, unknownChannel) {
		return a.sendToNew(ctx, at, replyTo, p)
	}
	return id, err
}

// sendToNew makes the thread that a message begins, and posts to it. Where the bot may
// make none, it answers the message in the channel.
func (a *Adapter) sendToNew(ctx context.Context, at place, replyTo chat.MessageID, p *part) (chat.MessageID, error) {
	err := a.makeThread(ctx, at)
	if hasCode(err, missingAccess, missingPermissions, cannotInChannel) {
		a.log.WarnContext(ctx, "no thread can be made, so the answer is in the channel", "channel", at.parent, "error", err)
		return a.sendTo(ctx, at.parent, chat.MessageID(at.thread), p)
	}
	if err != nil {
		return "", err
	}
	patience := a.host.RateLimitWait()
	var id chat.MessageID
	err = adapterkit.Retry(ctx, &patience, func() error { // the thread is made already
		id, err = a.sendTo(ctx, at.thread, replyTo, p)
		return err
	})
	return id, err
}

// makeThread begins a thread with a message, which gives it its id. The name is the
// TypeScript SDK's. https://docs.discord.com/developers/resources/channel#start-thread-from-message
func (a *Adapter) makeThread(ctx context.Context, at place) error {
	name := "Thread " + time.Now().UTC().Format("1/2/2006, 3:04:05 PM")
	body := params{"name": name, "auto_archive_duration": 1440}
	err := a.inChannel(ctx, "startThread", http.MethodPost, at.parent, "/messages/"+at.thread+"/threads", body, nil)
	if hasCode(err, threadExists) {
		return nil
	}
	if err != nil {
		return err
	}
	a.channels.Learn(ctx, at.thread, channel{ID: at.thread, Type: publicThread, GuildID: at.guild, ParentID: at.parent, Name: name})
	return nil
}

// sendTo posts a message to a channel.
// https://docs.discord.com/developers/resources/message#create-message
func (a *Adapter) sendTo(ctx context.Context, channel string, replyTo chat.MessageID, p *part) (chat.MessageID, error) {
	body := a.body(p, false)
	if replyTo != "" { // an answer to a message that is gone, or in another channel, is an answer all the same
		body["message_reference"] = params{"message_id": string(replyTo), "fail_if_not_exists": false}
	}
	out, err := withUploads(body, "", p.files)
	if err != nil {
		return "", err
	}
	var sent message
	if err := a.inChannel(ctx, "createMessage", http.MethodPost, channel, "/messages", out, &sent); err != nil {
		return "", err
	}
	return sentID("createMessage", sent.ID)
}

func sentID(op, id string) (chat.MessageID, error) {
	if !isID(id) {
		return "", &chat.PlatformError{Adapter: adapterName, Op: op, Code: chat.CodeTemporary, Err: errors.New("the answer has no id of the message")}
	}
	return chat.MessageID(id), nil
}

// atMessage makes a call where a message of the place stands. The message that begins a
// thread stands in the channel, except in forums; and so do answers for which no thread
// could be made.
func (a *Adapter) atMessage(at place, id string, call func(channel string) error) error {
	first, second := at.channel(), ""
	if at.thread != "" {
		second = at.parent
	}
	if at.thread == id {
		first, second = at.parent, at.thread
	}
	err := call(first)
	gone := hasCode(err, unknownChannel) || at.thread == id && hasCode(err, unknownMessage, cannotInChannel)
	if second == "" || !gone {
		return err
	}
	if again := call(second); again == nil || !hasCode(again, unknownChannel) {
		return again
	}
	return err
}

// StartTyping shows that the bot is writing, for ten seconds. In a thread that is not
// there yet it shows so in the channel.
// https://docs.discord.com/developers/resources/channel#trigger-typing-indicator
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	at, err := placeOf(thread)
	if err != nil {
		return err
	}
	return a.atMessage(at, "", func(channel string) error {
		return a.do(ctx, call{Call: platform.Call{Op: "typing", Method: http.MethodPost, Path: "channels/" + channel + "/typing"}, major: channel})
	})
}

// ThreadBelow returns the thread that a message begins, which the first post to it
// makes. Within a thread or a direct conversation it is that itself. It returns
// [chat.ErrInvalidArgument] for what is no thread or message of Discord's.
func (a *Adapter) ThreadBelow(thread chat.ThreadID, id chat.MessageID) (chat.ThreadID, error) {
	at, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	if !isID(string(id)) {
		return "", fmt.Errorf("%w: discord: message id %q, want a number", chat.ErrInvalidArgument, id)
	}
	if at.thread == "" && !at.direct() {
		at.thread = string(id)
	}
	return at.threadID(), nil
}
