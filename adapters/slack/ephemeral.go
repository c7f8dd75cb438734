package slack

import (
	"context"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// PostEphemeral shows the post to the user alone, if the user is in the channel.
// Its id names nothing later: only the message of an interaction can be changed,
// by the id that came with it. It has no files.
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	const op = "chat.postEphemeral"
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", err
	}
	if !isID(string(user)) {
		return "", fmt.Errorf("%w: slack: user id %q, want letters and digits", chat.ErrInvalidArgument, user)
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, c.channel))
	if err != nil {
		return "", err
	}
	if len(post.Files) > 0 {
		return "", unsupported("files in an ephemeral message")
	}
	return a.parts.Post(ctx, len(messages), adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			options := messages[i].options()
			if c.threadTS != "" {
				options = append(options, slackapi.MsgOptionTS(c.threadTS))
			}
			ts, err := c.client.PostEphemeralContext(ctx, c.channel, string(user), options...)
			if err == nil && ts == "" {
				return "", noTS(op)
			}
			return messageID(c.channel, ts), apiError(op, err)
		},
		Simplify: simplify(&messages),
	})
}

// editEphemeral replaces an ephemeral message by its response URL, which takes
// no Markdown.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (a *Adapter) editEphemeral(ctx context.Context, c conversation, ref ephemeralRef, post *chat.Post) error {
	var m outgoing
	if post.Card != nil || post.Raw != "" {
		messages, err := a.render(ctx, post, nil)
		if err != nil {
			return err
		}
		m = messages[0]
	} else {
		m.text = mrkdwnText(format.Render(post.AsTree(), a.markup.mrkdwn), maxText).Text
	}
	return c.respond(ctx, m.options(slackapi.MsgOptionReplaceOriginal(ref.ResponseURL))...)
}

// respond calls the response URL that the options name.
func (c conversation) respond(ctx context.Context, options ...slackapi.MsgOption) error {
	_, _, _, err := c.client.SendMessageContext(ctx, c.channel, options...)
	return apiError("response_url", err)
}
