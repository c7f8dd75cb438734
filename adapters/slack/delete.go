package slack

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opDelete = "chat.delete"

// DeleteMessage removes a message, and those that continue it.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	channel, _, err := splitThreadID(thread)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, ref, ok := splitEphemeralID(id); ok {
		return a.deleteEphemeral(ctx, channel, ref)
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return err
	}
	if files, ok := splitFilesID(id); ok {
		return deleteFiles(ctx, client, files)
	}
	ts, err := messageTS(opDelete, channel, id)
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, messageID(channel, ts), partCalls(client, channel, "", nil))
}
