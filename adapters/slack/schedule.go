package slack

import (
	"context"
	"fmt"
	"strconv"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// maxAhead is how far ahead a message can be scheduled.
// https://docs.slack.dev/reference/methods/chat.scheduleMessage
const maxAhead = 120 * 24 * time.Hour

// ScheduleMessage has Slack post the message at the time, to the second, at most
// 120 days ahead. It must fit in one message and have no files.
func (a *Adapter) ScheduleMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
	const op = "chat.scheduleMessage"
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, c.channel))
	switch {
	case err != nil:
		return "", err
	case len(post.Files) > 0:
		return "", unsupported("files in a scheduled message")
	case len(messages) > 1:
		return "", fmt.Errorf("%w: slack: the post would need %d messages, want one to schedule", chat.ErrInvalidArgument, len(messages))
	}
	if ahead := time.Until(at); ahead <= 0 || ahead > maxAhead {
		return "", fmt.Errorf("%w: slack: at is %v, want a time within the next 120 days", chat.ErrInvalidArgument, at)
	}
	seconds := at.Unix()
	if at.Nanosecond() > 0 {
		seconds++ // never before its time
	}
	options := messages[0].options(slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl())
	if c.threadTS != "" {
		options = append(options, slackapi.MsgOptionTS(c.threadTS))
	}
	_, id, err := c.client.ScheduleMessageContext(ctx, c.channel, strconv.FormatInt(seconds, 10), options...)
	return chat.ScheduledID(id), apiError(op, err)
}

// CancelScheduledMessage takes a scheduled message back. Slack refuses that in
// the last minute before its time.
func (a *Adapter) CancelScheduledMessage(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
	const op = "chat.deleteScheduledMessage"
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return err
	}
	_, err = c.client.DeleteScheduledMessageContext(ctx, &slackapi.DeleteScheduledMessageParameters{
		Channel: c.channel, ScheduledMessageID: string(id), AsUser: false,
	})
	return apiError(op, err)
}
