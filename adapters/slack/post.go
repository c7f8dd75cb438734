package slack

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

const opPost = "chat.postMessage"

// PostMessage sends a message. What is too long for one continues in further
// messages of the thread, which EditMessage and DeleteMessage change along with
// it. Files are shared before the text. A post of files alone is named by its
// files, and can be deleted but not edited.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", err
	}
	messages, err := a.render(ctx, post, a.userFinder(ctx, c.channel))
	if err != nil {
		return "", err
	}
	if len(post.Files) > 0 {
		files, err := a.shareFiles(ctx, c.client, c.channel, c.threadTS, post.Files)
		if err != nil || len(messages) == 0 {
			return filesID(files), err
		}
	}
	return a.parts.Post(ctx, len(messages), c.calls(messages))
}

// PostChannelMessage posts to the channel. The thread that it begins is the
// message's; in a direct conversation, the conversation's.
func (a *Adapter) PostChannelMessage(ctx context.Context, channelID chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	channel, err := splitChannelID(channelID)
	if err != nil {
		return "", "", err
	}
	thread := threadID(channel, "")
	id, err := a.PostMessage(ctx, thread, post)
	if _, files := splitFilesID(id); err == nil && !files && (!isDM(channel) || a.config.AgentView) {
		thread = threadID(channel, tsOf(channel, id))
	}
	return thread, id, err
}
