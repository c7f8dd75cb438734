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

// PostMessage posts to a channel, a thread or a direct conversation, and returns the id
// of the first message. Edits and deletions of that id include the further messages of a
// long post. A thread that does not exist yet is created. If a command in the conversation
// has no answer yet, the post is its answer.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, "", post)
}

// ReplyMessage posts a reply to a message, as PostMessage does. Discord shows the message
// above the reply. Its author is not notified.
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if _, err := whereIs(thread, to); err != nil {
		return "", err
	}
	return a.post(ctx, thread, to, post)
}

// PostChannelMessage posts to a channel, and returns the thread below the post. Discord's
// thread is created with the first post to it. In a direct conversation, the thread is the
// conversation.
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

// EditMessage replaces the content of a message. Its files stay. A post with files is
// [errors.ErrUnsupported].
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

// DeleteMessage deletes a message, with the further messages of a long post.
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

// calls returns the calls that send, edit and delete the messages of a post.
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

// send posts a message. If the thread does not exist yet, it is created.
func (a *Adapter) send(ctx context.Context, at place, replyTo chat.MessageID, p *part) (chat.MessageID, error) {
	if at.thread != "" && len(p.files) > 0 { // files can be read only once, so the thread must exist before
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

// sendToNew creates the thread that a message begins, and posts to it. If the bot may not
// create threads, it replies to the message in the channel.
func (a *Adapter) sendToNew(ctx context.Context, at place, replyTo chat.MessageID, p *part) (chat.MessageID, error) {
	err := a.makeThread(ctx, at)
	if hasCode(err, missingAccess, missingPermissions, cannotInChannel) {
		a.log.WarnContext(ctx, "the bot may not create a thread, so it replies in the channel", "channel", at.parent, "error", err)
		return a.sendTo(ctx, at.parent, chat.MessageID(at.thread), p)
	}
	if err != nil {
		return "", err
	}
	patience := a.host.RateLimitWait()
	var id chat.MessageID
	err = adapterkit.Retry(ctx, &patience, func() error { // the thread exists now, so the post cannot begin again
		id, err = a.sendTo(ctx, at.thread, replyTo, p)
		return err
	})
	return id, err
}

// makeThread creates a thread from a message; both have the same id. The name is that of
// the TypeScript SDK. https://docs.discord.com/developers/resources/channel#start-thread-from-message
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
	if replyTo != "" { // if that message was deleted, or is in another channel, the post is a usual one
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

// atMessage makes a call for the channel that has a message: the thread, or the channel
// above it. The message that begins a thread is in the channel, except in forums. Replies
// for which no thread could be created are in the channel, too.
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

// StartTyping shows for ten seconds that the bot is typing, or in the channel if the
// thread does not exist yet. Discord cannot show the status, so it is ignored.
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

// ThreadBelow returns the thread below a message. Discord's thread is created with the
// first post to it. For a message in a thread or a direct conversation, it returns that. A
// thread or a message with an invalid id is [chat.ErrInvalidArgument].
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
