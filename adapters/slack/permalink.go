package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Permalink returns the message's address.
func (a *Adapter) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	const op = "chat.getPermalink"
	channel, _, err := splitThreadID(thread)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	ts, err := messageTS(op, channel, id)
	if err != nil {
		return "", err
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return "", err
	}
	address, err := client.GetPermalinkContext(ctx, &slackapi.PermalinkParameters{Channel: channel, Ts: ts})
	return address, apiError(op, err)
}
