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
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if !isID(string(user)) {
		return "", fmt.Errorf("%w: slack: user id %q, want letters and digits", chat.ErrInvalidArgument, user)
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, channel))
	if err != nil {
		return "", err
	}
	if len(post.Files) > 0 {
		return "", unsupported("files in an ephemeral message")
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(messages), adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			options := messages[i].options()
			if threadTS != "" {
				options = append(options, slackapi.MsgOptionTS(threadTS))
			}
			ts, err := client.PostEphemeralContext(ctx, channel, string(user), options...)
			if err == nil && ts == "" {
				return "", noTS(op)
			}
			return messageID(channel, ts), apiError(op, err)
		},
		Simplify: simplify(&messages),
	})
}

// editEphemeral replaces an ephemeral message by its response URL, which takes
// no Markdown.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (a *Adapter) editEphemeral(ctx context.Context, channel string, ref ephemeralRef, post *chat.Post) error {
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
	return a.respond(ctx, channel, m.options(slackapi.MsgOptionReplaceOriginal(ref.ResponseURL)))
}

func (a *Adapter) deleteEphemeral(ctx context.Context, channel string, ref ephemeralRef) error {
	return a.respond(ctx, channel, []slackapi.MsgOption{slackapi.MsgOptionDeleteOriginal(ref.ResponseURL)})
}

func (a *Adapter) respond(ctx context.Context, channel string, options []slackapi.MsgOption) error {
	client, err := a.client(ctx, channel)
	if err != nil {
		return err
	}
	_, _, _, err = client.SendMessageContext(ctx, channel, options...)
	return apiError("response_url", err)
}
