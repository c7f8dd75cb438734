package slack

import (
	"context"
	"slices"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opUpdate = "chat.update"

// EditInterval returns the pace of edits that Slack allows for all messages
// together: 50 a minute. https://docs.slack.dev/reference/methods/chat.update
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 1200 * time.Millisecond }

// EditMessage replaces the content of a message. Messages that continue it are
// edited, added or deleted as the new content needs.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, channel))
	if err != nil {
		return err
	}
	if len(post.Files) > 0 {
		return unsupported("files in an edit")
	}
	if _, ref, ok := splitEphemeralID(id); ok {
		return a.editEphemeral(ctx, channel, ref, post)
	}
	if _, ok := splitFilesID(id); ok {
		return unsupported("editing a message of files")
	}
	ts, err := messageTS(opUpdate, channel, id)
	if err != nil {
		return err
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return err
	}
	return a.editAll(ctx, client, channel, threadTS, ts, messages)
}

// editAll replaces a message and those that continue it. What Slack refuses is
// shown in a simpler form.
func (a *Adapter) editAll(ctx context.Context, client *slackapi.Client, channel, threadTS, ts string, messages []outgoing) error {
	var old, more []string
	sent := 0 // after the first one
	err := sendAll(messages, func(i int, m outgoing) error {
		if i == 0 {
			return editOne(ctx, client, channel, ts, m)
		}
		if sent == 0 {
			old = a.parts(ctx, channel, ts)
		}
		sent = i
		return patiently(ctx, func() error {
			if i <= len(old) {
				return editOne(ctx, client, channel, old[i-1], m)
			}
			next, err := postOne(ctx, client, channel, continuation(channel, threadTS, ts), m)
			if err == nil {
				more = append(more, next)
			}
			return err
		})
	})
	if err != nil {
		if len(more) > 0 {
			a.keepParts(ctx, channel, ts, append(old, more...))
		}
		return err
	}
	if sent == 0 {
		old = a.parts(ctx, channel, ts)
	}
	kept := old[:min(len(old), sent)]
	for _, ts := range old[len(kept):] {
		if err := patiently(ctx, func() error { return deleteOne(ctx, client, channel, ts) }); err != nil && !isGone(err) {
			return err
		}
	}
	if sent == 0 && len(old) > 0 {
		a.forgetParts(ctx, channel, ts)
	} else if len(more) > 0 || len(kept) < len(old) {
		a.keepParts(ctx, channel, ts, slices.Concat(kept, more))
	}
	return nil
}

func editOne(ctx context.Context, client *slackapi.Client, channel, ts string, m outgoing) error {
	_, _, _, err := client.UpdateMessageContext(ctx, channel, ts, m.options()...)
	return apiError(opUpdate, err)
}
