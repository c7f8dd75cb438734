package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opDelete = "chat.delete"

// DeleteMessage removes a message, and those that continue it.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return err
	}
	if _, ref, ok := splitEphemeralID(id); ok {
		return c.respond(ctx, slackapi.MsgOptionDeleteOriginal(ref.ResponseURL))
	}
	if files, ok := splitFilesID(id); ok {
		return deleteFiles(ctx, c.client, files)
	}
	ts, err := messageTS(opDelete, c.channel, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, messageID(c.channel, ts), c.calls(nil))
}
