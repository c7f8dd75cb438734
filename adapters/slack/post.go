package slack

import (
	"context"
	"fmt"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opPost = "chat.postMessage"

// PostMessage sends a message. What is too long for one continues in further
// messages of the thread, which EditMessage and DeleteMessage change along with
// it. Files are shared before the text. A post of files alone is named by its
// files, and can be deleted but not edited.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return "", err
	}
	id, _, err := a.postTo(ctx, channel, threadTS, post)
	return id, err
}

// PostChannelMessage posts to the channel. The thread that it begins is the
// message's; in a direct conversation, the conversation's.
func (a *Adapter) PostChannelMessage(ctx context.Context, channelID chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	channel, err := splitChannelID(channelID)
	if err != nil {
		return "", "", err
	}
	id, ts, err := a.postTo(ctx, channel, "", post)
	if err != nil {
		return "", "", err
	}
	if isDM(channel) && !a.config.AgentView {
		ts = ""
	}
	return threadID(channel, ts), id, nil
}

// postTo posts to a channel or a thread in it. The ts is empty for a post of
// files alone.
func (a *Adapter) postTo(ctx context.Context, channel, threadTS string, post *chat.Post) (id chat.MessageID, ts string, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, channel))
	if err != nil {
		return "", "", err
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return "", "", err
	}
	if len(post.Files) > 0 {
		files, err := a.shareFiles(ctx, client, channel, threadTS, post.Files)
		if err != nil || len(messages) == 0 {
			return filesID(files), "", err
		}
	}
	ts, more, err := a.postAll(ctx, client, channel, threadTS, messages)
	if err != nil {
		return "", "", err
	}
	a.keepParts(ctx, channel, ts, more)
	return messageID(channel, ts), ts, nil
}

// postAll posts messages that belong together and returns the ts of the first
// and of the further ones. What Slack refuses is posted in a simpler form. If one
// fails, those before it are taken back.
func (a *Adapter) postAll(ctx context.Context, client *slackapi.Client, channel, threadTS string, messages []outgoing) (first string, more []string, err error) {
	var posted []string
	err = sendAll(messages, func(i int, m outgoing) error {
		thread := threadTS
		if i > 0 {
			thread = continuation(channel, threadTS, posted[0])
		}
		post := func() error {
			ts, err := postOne(ctx, client, channel, thread, m)
			if err == nil {
				posted = append(posted, ts)
			}
			return err
		}
		if i == 0 {
			return post()
		}
		return patiently(ctx, post)
	})
	if err != nil {
		a.takeBack(ctx, client, channel, posted)
		return "", nil, err
	}
	return posted[0], posted[1:], nil
}

// continuation returns the thread in which a message is continued: its own, or
// the one that it begins in a channel.
func continuation(channel, threadTS, ts string) string {
	if threadTS == "" && !isDM(channel) {
		return ts
	}
	return threadTS
}

func postOne(ctx context.Context, client *slackapi.Client, channel, threadTS string, m outgoing) (string, error) {
	options := m.options(slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl())
	if threadTS != "" {
		options = append(options, slackapi.MsgOptionTS(threadTS))
	}
	_, ts, err := client.PostMessageContext(ctx, channel, options...)
	if err == nil && ts == "" {
		return "", noTS(opPost)
	}
	return ts, apiError(opPost, err)
}

// takeBack deletes messages as far as it can.
func (a *Adapter) takeBack(ctx context.Context, client *slackapi.Client, channel string, all []string) {
	if len(all) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	for _, ts := range all {
		if _, _, err := client.DeleteMessageContext(ctx, channel, ts); err != nil {
			a.log.WarnContext(ctx, "a part of a message that was not posted whole is left", "channel", channel, "error", apiError("chat.delete", err))
		}
	}
}

const (
	// finishTimeout bounds what must still be done when a call's context has ended.
	finishTimeout = 10 * time.Second
	// maxPatience is how long a pause Slack may ask for in the middle of something.
	maxPatience = 30 * time.Second
	maxTries    = 4
)

// patiently waits when Slack asks for a pause, and tries again. It is for calls in
// the middle of something that should not end there.
func patiently(ctx context.Context, call func() error) error {
	for try := 1; ; try++ {
		err := call()
		wait := retryAfter(err)
		if err == nil || wait == 0 || wait > maxPatience || try == maxTries {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("slack: waiting as Slack asked: %w", context.Cause(ctx))
		case <-timer.C:
		}
	}
}
