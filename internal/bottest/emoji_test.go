package bottest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// A bot's own emoji reach its platforms, and come back from them.
func TestTheBotsOwnEmoji(t *testing.T) {
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{"team": {Unicode: []string{"🦄"}, Own: map[emoji.Platform]string{"fake": "#team"}}})
	require.NoError(t, err)
	play(t, 1, func(c *chat.Config) { c.Emoji = set }, func(r *rig) {
		in := r.instances[0]
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Text("{{emoji:team}} {{emoji:wave}}"))
			return err
		})
		require.NoError(t, r.send(0, "t", "m1").Wait(r.t.Context()))
		require.Equal(t, "#team 👋", in.fake.Posts("fake:c:t")[0].Text)

		thread, err := in.Thread("fake:c:t")
		require.NoError(t, err)
		require.ErrorIs(t, thread.React(r.t.Context(), "m1", "my team"), chat.ErrInvalidArgument)
	})
}

// However a handler names an emoji, and however the platform spells it, it is called.
func TestReactionsAreMatchedInEverySpelling(t *testing.T) {
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{"team": {Slack: []string{"our_team"}, Unicode: []string{"🦄"}}})
	require.NoError(t, err)
	play(t, 1, func(c *chat.Config) { c.Emoji = set }, func(r *rig) {
		in, got := r.instances[0], &log{}
		for _, wanted := range []emoji.Emoji{emoji.ThumbsUp, ":+1:", "👍", "+1", "👍🏿", emoji.Emoji(emoji.ThumbsUp.String())} {
			in.OnReaction(func(context.Context, *chat.ReactionEvent) error {
				got.add("thumb")
				return nil
			}, "🦖", wanted)
		}
		in.OnReaction(func(context.Context, *chat.ReactionEvent) error {
			got.add("team")
			return nil
		}, "team")
		in.OnReaction(func(context.Context, *chat.ReactionEvent) error {
			got.add("any")
			return nil
		})
		for i, ev := range []chat.ReactionEvent{
			{Emoji: emoji.ThumbsUp, RawEmoji: "+1"},
			{Emoji: emoji.ThumbsUp},
			{RawEmoji: "👍🏽"},
			{RawEmoji: "thumbsup::skin-tone-2"},
			{Emoji: "our_team", RawEmoji: "our_team"},
			{RawEmoji: "🦄"},
			{Emoji: "tada", RawEmoji: "tada"},
		} {
			ev.EventBase = chat.EventBase{ID: "e" + strconv.Itoa(i), ThreadID: "fake:c:t", User: chat.Author{UserID: "u1"}}
			receipt, err := in.fake.Host().Deliver(r.t.Context(), &ev)
			require.NoError(t, err)
			require.NoError(t, receipt.Wait(r.t.Context()))
			time.Sleep(time.Millisecond)
			want := []string{"any"}
			switch {
			case i < 4:
				want = []string{"thumb", "thumb", "thumb", "thumb", "thumb", "thumb", "any"}
			case i < 6:
				want = []string{"team", "any"}
			}
			require.Equal(t, want, got.all(), "%+v", ev)
			got.lines = nil
		}
	})
}
