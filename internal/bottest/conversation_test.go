package bottest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestHandlersContextHasTheConversation(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := make(chan chat.Conversation, 1)
		deep := func(ctx context.Context) error {
			c, ok := chat.ConversationFrom(ctx)
			require.True(t, ok)
			got <- c
			_, err := r.instances[0].OpenDM(ctx, c.User)
			return err
		}
		in := r.instances[0]
		in.Use(func(next chat.Handler) chat.Handler {
			return func(ctx context.Context, ev chat.Event) error {
				c, ok := chat.ConversationFrom(ctx)
				require.True(t, ok, "middleware has it too")
				require.Equal(t, ev, c.Event)
				return next(ctx, ev)
			}
		})
		in.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error { return deep(ctx) })
		in.OnReaction(func(ctx context.Context, _ *chat.ReactionEvent) error { return deep(ctx) })

		receipt := r.send(0, "t", "m1")
		require.NoError(t, receipt.Wait(context.Background()))
		c := <-got
		require.Equal(t, chat.MessageID("m1"), c.Message.ID)
		require.Equal(t, chat.ThreadID("fake:c:t"), c.Thread.ID())
		require.Equal(t, chat.ChannelID("fake:c"), c.Channel.ID())
		require.Equal(t, chat.UserID("u1"), c.User.UserID)
		require.IsType(t, &chat.MessageEvent{}, c.Event)

		for _, thread := range []chat.ThreadID{"fake:c:t", ""} {
			receipt, err := in.fake.Host().Deliver(context.Background(), &chat.ReactionEvent{
				EventBase: chat.EventBase{ID: "r" + string(thread), ThreadID: thread, User: chat.Author{UserID: "u2"}}, MessageID: "m1", Emoji: "heart", Added: true,
			})
			require.NoError(t, err)
			require.NoError(t, receipt.Wait(context.Background()))
			c = <-got
			require.Nil(t, c.Message)
			require.Equal(t, chat.UserID("u2"), c.User.UserID)
			require.Equal(t, thread != "", c.Thread != nil)
			require.Equal(t, thread != "", c.Channel != nil)
		}
	})
}
