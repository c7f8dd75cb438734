package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts to a chat or topic.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, 0, post)
}

// ReplyMessage posts an answer to a message. Telegram shows what is answered.
// https://core.telegram.org/bots/api#replyparameters
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	_, message, err := whereIs(thread, to)
	if err != nil {
		return "", err
	}
	return a.post(ctx, thread, message, post)
}

func (a *Adapter) post(ctx context.Context, thread chat.ThreadID, replyTo int64, post *chat.Post) (chat.MessageID, error) {
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

// EditMessage replaces a message's text or caption, and its buttons. An edit that
// changes nothing is none for Telegram and no failure here. A message that is text
// cannot get a file.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, _, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(parts, func(p part) bool { return p.media != nil }) {
		return fmt.Errorf("telegram: files in an edit: %w", errors.ErrUnsupported)
	}
	return a.parts.Edit(ctx, id, len(parts), a.calls(p, 0, parts))
}

// DeleteMessage deletes a message. Telegram allows it for 48 hours.
// https://core.telegram.org/bots/api#deletemessage
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, _, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, a.calls(p, 0, nil))
}

// calls are what changes the messages of a post.
func (a *Adapter) calls(at place, replyTo int64, parts []part) adapterkit.PartCalls {
	albums := map[int]chat.MessageID{} // by part, what was sent together with the part before it
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			if id, ok := albums[i]; ok {
				return id, nil
			}
			answers := replyTo
			if first != "" {
				answers = 0
			}
			if n := albumOf(parts[i:]); n > 1 {
				ids, err := a.sendAlbum(ctx, at, answers, parts[i:i+n])
				if err != nil {
					return "", err
				}
				for j, id := range ids {
					albums[i+j] = id
				}
				return ids[0], nil
			}
			return a.sendPart(ctx, at, answers, &parts[i])
		},
		Edit:   func(ctx context.Context, i int, id chat.MessageID) error { return a.editPart(ctx, at, id, &parts[i]) },
		Delete: func(ctx context.Context, id chat.MessageID) error { return a.deletePart(ctx, at, id) },
	}
}

// replyTo names the message that is answered. A message that is gone is no reason not
// to answer.
type replyTo struct {
	Message int64 `json:"message_id"`
	Anyway  bool  `json:"allow_sending_without_reply"`
}

// answerTo returns the arguments of what answers a message, if there is one.
func answerTo(message int64) params {
	if message == 0 {
		return params{}
	}
	return params{"reply_parameters": replyTo{message, true}}
}

func (a *Adapter) sendPart(ctx context.Context, at place, answers int64, p *part) (chat.MessageID, error) {
	args := answerTo(answers)
	if p.keyboard != nil {
		args["reply_markup"] = p.keyboard
	}
	var sent message
	var err error
	if p.media != nil {
		err = a.sendMedia(ctx, at, args, p, &sent)
	} else {
		p.write(args, "text", "entities")
		err = a.send(ctx, "sendMessage", at, args, &sent)
	}
	if err != nil {
		return "", err
	}
	a.learnTopic(&sent)
	return at.messageID(sent.ID), nil // under the thread's number, also if the group is a supergroup now
}

// write puts the text and its entities into arguments.
func (p *part) write(args params, text, entities string) {
	args[text] = p.text
	if len(p.entities) > 0 {
		args[entities] = p.entities
	}
}

func (a *Adapter) editPart(ctx context.Context, at place, id chat.MessageID, p *part) error {
	_, message, err := whereIs(at.threadID(), id)
	if err != nil {
		return err
	}
	if err := a.pace.wait(ctx); err != nil {
		return err
	}
	args := params{"message_id": message}
	p.write(args, "text", "entities")
	if p.keyboard != nil {
		args["reply_markup"] = p.keyboard
	}
	err = a.call(ctx, "editMessageText", at, args, nil)
	if errors.Is(err, errNoText) { // a file with its caption
		delete(args, "text")
		delete(args, "entities")
		p.write(args, "caption", "caption_entities")
		err = a.call(ctx, "editMessageCaption", at, args, nil)
	}
	if errors.Is(err, errNotModified) {
		return nil
	}
	return err
}

func (a *Adapter) deletePart(ctx context.Context, at place, id chat.MessageID) error {
	_, message, err := whereIs(at.threadID(), id)
	if err != nil {
		return err
	}
	if at.business != "" {
		return a.do(ctx, a.client, "deleteBusinessMessages", params{"business_connection_id": at.business, "message_ids": []int64{message}}, nil)
	}
	return a.call(ctx, "deleteMessage", at, params{"message_id": message}, nil)
}

// StartTyping shows that the bot is writing, for five seconds. Telegram has no place
// for the status. https://core.telegram.org/bots/api#sendchataction
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	p, err := placeOf(thread)
	if err != nil {
		return err
	}
	return a.send(ctx, "sendChatAction", p, params{"action": "typing"}, nil)
}
