package slack

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opUpdate = "chat.update"

// EditInterval returns the pace of edits that Slack allows for all messages
// together: 50 a minute. https://docs.slack.dev/reference/methods/chat.update
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 1200 * time.Millisecond }

// EditMessage replaces the content of a message. Messages that continue it are
// edited, added or deleted as the new content needs.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, c.channel))
	if err != nil {
		return err
	}
	if len(post.Files) > 0 {
		return unsupported("files in an edit")
	}
	if _, ref, ok := splitEphemeralID(id); ok {
		return a.editEphemeral(ctx, c, ref, post)
	}
	if _, ok := splitFilesID(id); ok {
		return unsupported("editing a message of files")
	}
	ts, err := messageTS(opUpdate, c.channel, id)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, messageID(c.channel, ts), len(messages), c.calls(messages))
}
