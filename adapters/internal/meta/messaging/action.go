package messaging

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Sender actions:
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/sender-actions
//   - https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/sender-actions

// typingLasts is how long the indicator is shown.
const typingLasts = 20 * time.Second

func (a *Adapter) act(ctx context.Context, p place, action string, payload map[string]any) error {
	args := map[string]any{"sender_action": action}
	if payload != nil {
		args["payload"] = payload
	}
	return a.call(ctx, p, args, nil, nil)
}

// StartTyping shows that the bot is writing, for 20 seconds. There is no place for the
// status.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	return a.show(ctx, thread, "typing_on")
}

// StopTyping takes the indicator away.
func (a *Adapter) StopTyping(ctx context.Context, thread chat.ThreadID) error {
	return a.show(ctx, thread, "typing_off")
}

// ShowDraft shows that the bot is writing: a message cannot grow, since it cannot be
// edited, so a stream is posted when it is whole.
func (a *Adapter) ShowDraft(ctx context.Context, thread chat.ThreadID, _ int32, _ *chat.Post) (time.Duration, error) {
	return typingLasts, a.show(ctx, thread, "typing_on")
}

// EditInterval returns how often a stream that grows shows that the bot is writing.
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return typingLasts / 2 }

func (a *Adapter) show(ctx context.Context, thread chat.ThreadID, action string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := a.reach(thread)
	if err != nil {
		return err
	}
	return a.act(ctx, p, action, nil)
}

// MarkRead marks the conversation as read, up to its last message.
func (a *Adapter) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	p, err := a.messageIn(thread, id)
	if err != nil {
		return err
	}
	return a.act(ctx, p, "mark_seen", nil)
}

// AddReaction sets the bot's reaction to a message: it has one, so it replaces another.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	p, err := a.messageIn(thread, id)
	if err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("%w: %s: the name of the reaction is empty", chat.ErrInvalidArgument, a.cfg.Name)
	}
	if known, err := a.host.Emoji().Read(name); err == nil {
		name = a.host.Emoji().Spell(known, emoji.Platform(a.cfg.Name))
	}
	if a.cfg.Reaction != nil {
		name = a.cfg.Reaction(name)
	}
	return a.act(ctx, p, "react", map[string]any{"message_id": id, "reaction": name})
}

// RemoveReaction removes the bot's reaction from a message.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, _ string) error {
	p, err := a.messageIn(thread, id)
	if err != nil {
		return err
	}
	return a.act(ctx, p, "unreact", map[string]any{"message_id": id})
}

// FetchAttachment fetches a file that somebody has sent, from where Meta keeps it.
func (a *Adapter) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: %s: the attachment is nil", chat.ErrInvalidArgument, a.cfg.Name)
	}
	return a.files.Open(ctx, platform.Download{URL: at.URL, Limit: limit})
}
