package slack

import (
	"context"
	"errors"

	slackapi "github.com/slack-go/slack"

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
	if err := deleteOne(ctx, client, channel, ts); err != nil {
		return err
	}
	more := a.parts(ctx, channel, ts)
	for _, part := range more {
		if err := patiently(ctx, func() error { return deleteOne(ctx, client, channel, part) }); err != nil && !isGone(err) {
			return err
		}
	}
	if len(more) > 0 {
		a.forgetParts(ctx, channel, ts)
	}
	return nil
}

func deleteOne(ctx context.Context, client *slackapi.Client, channel, ts string) error {
	_, _, err := client.DeleteMessageContext(ctx, channel, ts)
	return apiError(opDelete, err)
}

func isGone(err error) bool { return errors.Is(err, chat.ErrNotFound) }
