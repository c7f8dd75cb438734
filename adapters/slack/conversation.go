package slack

import (
	"context"
	"slices"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// conversation is a channel or a thread in it, with the client of its workspace.
type conversation struct {
	client   *slackapi.Client
	channel  string
	threadTS string // empty for the channel itself
}

// conversation returns the one that a thread id names.
func (a *Adapter) conversation(ctx context.Context, thread chat.ThreadID) (conversation, error) {
	channel, threadTS, err := splitThreadID(thread)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return conversation{}, err
	}
	client, err := a.client(ctx, channel)
	return conversation{client, channel, threadTS}, err
}

func (c conversation) post(ctx context.Context, m outgoing) (chat.MessageID, error) {
	options := m.options(slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl())
	if c.threadTS != "" {
		options = append(options, slackapi.MsgOptionTS(c.threadTS))
	}
	_, ts, err := c.client.PostMessageContext(ctx, c.channel, options...)
	if err == nil && ts == "" {
		return "", noTS(opPost)
	}
	return messageID(c.channel, ts), apiError(opPost, err)
}

func (c conversation) edit(ctx context.Context, ts string, m outgoing) error {
	_, _, _, err := c.client.UpdateMessageContext(ctx, c.channel, ts, m.options()...)
	return apiError(opUpdate, err)
}

// calls returns those that make one post of messages. In a channel, the further ones
// stand in the thread of the first. What Slack refuses is sent in a simpler form.
func (c conversation) calls(messages []outgoing) adapterkit.PartCalls {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			in := c
			if i > 0 && c.threadTS == "" && !isDM(c.channel) {
				in.threadTS = tsOf(c.channel, first)
			}
			return in.post(ctx, messages[i])
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			return c.edit(ctx, tsOf(c.channel, id), messages[i])
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			_, _, err := c.client.DeleteMessageContext(ctx, c.channel, tsOf(c.channel, id))
			return apiError(opDelete, err)
		},
		Simplify: simplify(&messages),
	}
}

// simplify puts simpler messages in the place of one that Slack has refused.
func simplify(messages *[]outgoing) func(i int, refusal error) int {
	return func(i int, refusal error) int {
		simpler := (*messages)[i].simpler()
		if !isContentRefusal(refusal) || len(simpler) == 0 {
			return 0
		}
		*messages = slices.Concat((*messages)[:i], simpler, (*messages)[i+1:])
		return len(*messages)
	}
}

// finishTimeout bounds what must still be done when a call's context has ended.
const finishTimeout = 10 * time.Second

// patiently makes a call that belongs to something that should not end there.
func (a *Adapter) patiently(ctx context.Context, call func() error) error {
	patience := a.host.RateLimitWait()
	return adapterkit.Retry(ctx, &patience, call)
}
