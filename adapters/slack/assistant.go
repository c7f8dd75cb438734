package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	opStatus  = "assistant.threads.setStatus"
	opSession = "agents.sessions.setStatus"
	opTitle   = "assistant.threads.setTitle"
	opPrompts = "assistant.threads.setSuggestedPrompts"

	maxPrompts = 4
	maxLoading = 10
)

// SuggestedPrompt is something that a user can ask with one click.
type SuggestedPrompt struct {
	// Title is what is shown.
	Title string `json:"title"`
	// Message is what is sent. Default: Title.
	Message string `json:"message"`
}

// SetSuggestedPrompts shows up to four prompts above an assistant's or agent's
// conversation, as after [EventAssistantThreadStarted], or [EventAppHomeOpened]
// with the agent view. The title of the list may be empty. It needs the scope
// assistant:write.
// https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
func (a *Adapter) SetSuggestedPrompts(ctx context.Context, thread chat.ThreadID, title string, prompts ...SuggestedPrompt) error {
	if n := len(prompts); n == 0 || n > maxPrompts {
		return fmt.Errorf("%w: slack: %d prompts, want 1 to %d", chat.ErrInvalidArgument, n, maxPrompts)
	}
	list := make([]SuggestedPrompt, len(prompts))
	for i, p := range prompts {
		if strings.TrimSpace(p.Title) == "" {
			return fmt.Errorf("%w: slack: prompts[%d].Title is empty, want a text", chat.ErrInvalidArgument, i)
		}
		list[i] = SuggestedPrompt{Title: a.markup.plain(p.Title), Message: a.markup.plain(or(p.Message, p.Title))}
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		return err
	}
	args := url.Values{"prompts": {string(encoded)}}
	if title != "" {
		args.Set("title", a.markup.plain(title))
	}
	// An agent has one list of prompts; with a ts Slack silently shows none there.
	return a.callAssistant(ctx, opPrompts, thread, !a.config.AgentView, args)
}

// SetThreadTitle names an assistant's or agent's thread in the list of its
// conversations. It needs the scope assistant:write.
// https://docs.slack.dev/reference/methods/assistant.threads.setTitle
func (a *Adapter) SetThreadTitle(ctx context.Context, thread chat.ThreadID, title string) error {
	if strings.TrimSpace(title) == "" {
		return fmt.Errorf("%w: slack: title is empty, want a text", chat.ErrInvalidArgument)
	}
	return a.callAssistant(ctx, opTitle, thread, true, url.Values{"title": {a.markup.plain(title)}})
}

// Status is what the bot is doing, as a thread shows it.
type Status struct {
	// Text follows the bot's name, such as "is looking it up…". Default: no status.
	Text string
	// LoadingMessages are shown in turn, up to 10, while there is a status. Default:
	// Slack's.
	LoadingMessages []string
}

// SetStatus shows a status in the thread until the next message there, for two
// minutes, or until the next status; the zero Status takes it away. Unlike
// StartTyping it returns why there is none. It needs the scope assistant:write, or
// chat:write.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (a *Adapter) SetStatus(ctx context.Context, thread chat.ThreadID, status Status) error {
	args := url.Values{"status": {a.markup.plain(status.Text)}}
	switch n := len(status.LoadingMessages); {
	case n > maxLoading:
		return fmt.Errorf("%w: slack: Status.LoadingMessages has %d messages, want up to %d", chat.ErrInvalidArgument, n, maxLoading)
	case n > 0 && status.Text == "":
		return fmt.Errorf("%w: slack: Status.Text is empty, want one with LoadingMessages", chat.ErrInvalidArgument)
	case n > 0:
		messages := make([]string, n)
		for i, m := range status.LoadingMessages {
			if messages[i] = a.markup.plain(m); strings.TrimSpace(m) == "" {
				return fmt.Errorf("%w: slack: Status.LoadingMessages[%d] is empty, want a text", chat.ErrInvalidArgument, i)
			}
		}
		encoded, err := json.Marshal(messages)
		if err != nil {
			return err
		}
		args.Set("loading_messages", string(encoded))
	}
	return a.callAssistant(ctx, opStatus, thread, true, args)
}

// callAssistant calls a method for a thread of its own.
func (a *Adapter) callAssistant(ctx context.Context, op string, thread chat.ThreadID, withTS bool, args url.Values) error {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if withTS {
		if threadTS == "" {
			return unsupported(op + " outside of a thread")
		}
		args.Set("thread_ts", threadTS)
	}
	args.Set("channel_id", channel)
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return err
	}
	var none struct{}
	return a.call(ctx, o, op, args, &none)
}
