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
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || threadTS == "" {
		return err
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return err
	}
	params := slackapi.AssistantThreadsSetStatusParameters{ChannelID: channel, ThreadTS: threadTS, Status: a.markup.plain(or(status, defaultStatus))}
	if !strings.Contains(params.Status, ",") { // which would part it in two
		params.LoadingMessages = []string{params.Status}
	}
	err = client.SetAssistantThreadsStatusContext(ctx, params)
	if err = apiError(opStatus, err); isMissing(err) || refusedWith(err, "invalid_thread_ts") {
		a.log.DebugContext(ctx, "Slack shows no status there", "channel", channel, "error", err)
		return nil
	}
	return err
}
