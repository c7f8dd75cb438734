package slack

import (
	"context"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// defaultStatus is the TypeScript SDK's.
const defaultStatus = "Typing..."

// StartTyping shows the status in the thread, until the next message there or for
// two minutes. Where Slack has none, outside of threads and for apps without the
// assistant feature, nothing happens.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, status string) error {
	c, err := a.conversation(ctx, thread)
	if err != nil || c.threadTS == "" {
		return err
	}
	params := slackapi.AssistantThreadsSetStatusParameters{ChannelID: c.channel, ThreadTS: c.threadTS, Status: a.markup.plain(or(status, defaultStatus))}
	if !strings.Contains(params.Status, ",") { // which would part it in two
		params.LoadingMessages = []string{params.Status}
	}
	return a.showStatus(ctx, c, params)
}

// StopTyping takes the status away, that of [Adapter.SetStatus] too. Where Slack has
// none, nothing happens.
func (a *Adapter) StopTyping(ctx context.Context, thread chat.ThreadID) error {
	c, err := a.conversation(ctx, thread)
	if err != nil || c.threadTS == "" {
		return err
	}
	return a.showStatus(ctx, c, slackapi.AssistantThreadsSetStatusParameters{ChannelID: c.channel, ThreadTS: c.threadTS})
}

func (a *Adapter) showStatus(ctx context.Context, c conversation, params slackapi.AssistantThreadsSetStatusParameters) error {
	err := c.client.SetAssistantThreadsStatusContext(ctx, params)
	if err = apiError(opStatus, err); isMissing(err) || refusedWith(err, "invalid_thread_ts") {
		a.log.DebugContext(ctx, "Slack shows no status there", "channel", c.channel, "error", err)
		return nil
	}
	return err
}
