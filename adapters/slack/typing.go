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
	return a.unlessNone(ctx, c, apiError(opStatus, c.client.SetAssistantThreadsStatusContext(ctx, params)))
}

// MarkSession sets the status of an agent's session, which the thread is. Slack shows
// it in the list of sessions, and a button that stops the agent while it is
// processing: see [EventAgentSessionStopped]. Where Slack has none, outside of threads
// and for apps that are no agents, nothing happens. It needs the scope chat:write.
// https://docs.slack.dev/ai/agent-sessions
func (a *Adapter) MarkSession(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
	c, err := a.conversation(ctx, thread)
	if err != nil || c.threadTS == "" {
		return err
	}
	_, err = c.client.SetAgentSessionStatusContext(ctx, slackapi.AgentSessionSetStatusParameters{
		Status: string(status), ChannelID: c.channel, ThreadTS: c.threadTS,
	})
	return a.unlessNone(ctx, c, apiError(opSession, err))
}

// unlessNone returns the error of showing a status, but for one that says that Slack
// shows none there.
func (a *Adapter) unlessNone(ctx context.Context, c conversation, err error) error {
	if isMissing(err) || refusedWith(err, "invalid_thread_ts") {
		a.log.DebugContext(ctx, "Slack shows no status there", "channel", c.channel, "error", err)
		return nil
	}
	return err
}
