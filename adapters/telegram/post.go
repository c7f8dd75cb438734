package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts to a chat or topic, and returns the id of the first message. Edits
// and deletions of that id include the further messages of a long post.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, 0, post)
}

// ReplyMessage posts a reply to a message, as PostMessage does. Telegram shows the
// message above the reply. If it was deleted, the reply is posted as a usual message.
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

// EditMessage replaces the text or caption of a message, and its buttons. An edit that
// changes nothing succeeds. A post with files is [errors.ErrUnsupported].
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

// DeleteMessage deletes a message. Telegram refuses it after 48 hours.
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

// calls returns the calls that send, edit and delete the messages of a post.
func (a *Adapter) calls(at place, replyTo int64, parts []part) adapterkit.PartCalls {
	albums := map[int]chat.MessageID{} // by part, the message that its album has sent for it
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

// replyTo names the message that is replied to. Anyway sends the reply even if that
// message was deleted. https://core.telegram.org/bots/api#replyparameters
type replyTo struct {
	Message int64 `json:"message_id"`
	Anyway  bool  `json:"allow_sending_without_reply"`
}

// answerTo returns the arguments of a reply to a message, or none if message is 0.
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
	return at.messageID(sent.ID), nil // with the thread's number, even if the group has become a supergroup
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
	if errors.Is(err, errNoText) { // the message is a file with a caption
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

// StartTyping shows for five seconds that the bot is typing. Telegram cannot show the
// status, so it is ignored. https://core.telegram.org/bots/api#sendchataction
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	p, err := placeOf(thread)
	if err != nil {
		return err
	}
	return a.send(ctx, "sendChatAction", p, params{"action": "typing"}, nil)
}
