package slack

import (
	"context"
	"slices"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// partCalls returns the calls that make one post of messages. In a channel, the
// further ones stand in the thread of the first. What Slack refuses is sent in a
// simpler form.
func partCalls(client *slackapi.Client, channel, threadTS string, messages []outgoing) (calls adapterkit.PartCalls) {
	return adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error) {
			thread := threadTS
			if i > 0 && threadTS == "" && !isDM(channel) {
				thread = tsOf(channel, first)
			}
			return postOne(ctx, client, channel, thread, messages[i])
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			return editOne(ctx, client, channel, tsOf(channel, id), messages[i])
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			_, _, err := client.DeleteMessageContext(ctx, channel, tsOf(channel, id))
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
