package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostMessage posts to a conversation. A post that is too long for one message becomes
// several; the id is that of the first. It returns [ErrWindowClosed] if WhatsApp
// reports that at once. WhatsApp can also report it later, in a [Status].
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.post(ctx, thread, nil, post)
}

// ReplyMessage posts an answer to a message. WhatsApp quotes that message above the
// answer.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/contextual-replies
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if err := checkMessage(to); err != nil {
		return "", err
	}
	return a.post(ctx, thread, &reference{to}, post)
}

func (a *Adapter) post(ctx context.Context, thread chat.ThreadID, to *reference, post *chat.Post) (chat.MessageID, error) {
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
	return a.parts.Post(ctx, len(parts), adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			part := &parts[i]
			if err := a.upload(ctx, p.number, part); err != nil {
				return "", err
			}
			if first == "" {
				part.request.Context = to
			}
			return a.send(ctx, p, part.request)
		},
	})
}

// StreamMessage posts a stream when it is complete, since a message cannot be edited.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if _, err := placeOf(thread); err != nil {
		return "", "", err
	}
	return adapterkit.PostStream(ctx, a.host, chunks, opts, func(ctx context.Context, p *chat.Post) (chat.MessageID, error) {
		return a.post(ctx, thread, nil, p)
	})
}

// BuffersStreams reports that a stream is posted when it is whole: messages cannot be
// edited.
func (a *Adapter) BuffersStreams() bool { return true }

// EditMessage returns [errors.ErrUnsupported]: WhatsApp has no method for it.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, _ *chat.Post) error {
	return cannot(ctx, thread, "editing a message")
}

// DeleteMessage returns [errors.ErrUnsupported]: WhatsApp has no method for it.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, _ chat.MessageID) error {
	return cannot(ctx, thread, "deleting a message")
}

func cannot(ctx context.Context, thread chat.ThreadID, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := placeOf(thread); err != nil {
		return err
	}
	return fmt.Errorf("whatsapp: %s: %w", what, errors.ErrUnsupported)
}

// AddReaction sets the bot's reaction to a message. The bot has at most one reaction to
// a message, so a new one replaces it.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/reaction-messages
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if emoji == "" {
		return fmt.Errorf("%w: whatsapp: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	if known, err := a.host.Emoji().Read(emoji); err == nil {
		emoji = a.spell(known)
	}
	return a.react(ctx, thread, id, emoji)
}

// RemoveReaction removes the bot's reaction from a message.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, _ string) error {
	return a.react(ctx, thread, id, "")
}

func (a *Adapter) react(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	p, err := placeOf(thread)
	if err == nil {
		err = checkMessage(id)
	}
	if err != nil {
		return err
	}
	_, err = a.send(ctx, p, request{Type: "reaction", Reaction: &reaction{id, emoji}})
	return err
}

// SendTemplate sends a template that Meta has approved, and returns the message's id.
// It also reaches a user who has not written for 24 hours, or never. It returns
// [chat.ErrNotFound] if there is no such template, and [chat.ErrInvalidArgument] for a
// Template that lacks a required field.
func (a *Adapter) SendTemplate(ctx context.Context, thread chat.ThreadID, t Template) (chat.MessageID, error) {
	p, err := placeOf(thread)
	if err == nil {
		err = t.validate()
	}
	if err != nil {
		return "", err
	}
	return a.send(ctx, p, request{Type: "template", Template: &t})
}
