package slack

import (
	"context"

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
	return a.postTo(ctx, channel, threadTS, post)
}

// PostChannelMessage posts to the channel. The thread that it begins is the
// message's; in a direct conversation, the conversation's.
func (a *Adapter) PostChannelMessage(ctx context.Context, channelID chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	channel, err := splitChannelID(channelID)
	if err != nil {
		return "", "", err
	}
	id, err := a.postTo(ctx, channel, "", post)
	if err != nil {
		return "", "", err
	}
	if _, files := splitFilesID(id); files || isDM(channel) && !a.config.AgentView {
		return threadID(channel, ""), id, nil
	}
	return threadID(channel, tsOf(channel, id)), id, nil
}

// postTo posts to a channel or a thread in it.
func (a *Adapter) postTo(ctx context.Context, channel, threadTS string, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, channel))
	if err != nil {
		return "", err
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return "", err
	}
	if len(post.Files) > 0 {
		files, err := a.shareFiles(ctx, client, channel, threadTS, post.Files)
		if err != nil || len(messages) == 0 {
			return filesID(files), err
		}
	}
	return a.parts.Post(ctx, len(messages), partCalls(client, channel, threadTS, messages))
}

func postOne(ctx context.Context, client *slackapi.Client, channel, threadTS string, m outgoing) (chat.MessageID, error) {
	options := m.options(slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl())
	if threadTS != "" {
		options = append(options, slackapi.MsgOptionTS(threadTS))
	}
	_, ts, err := client.PostMessageContext(ctx, channel, options...)
	if err == nil && ts == "" {
		return "", noTS(opPost)
	}
	return messageID(channel, ts), apiError(opPost, err)
}
