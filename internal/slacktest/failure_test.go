package slacktest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A message that was given up has a reaction that says so, until it is handled again.
func TestAMessageThatWasGivenUpHasAReaction(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	id := chat.MessageID("C0GENERAL:" + o.root)
	for range 2 {
		require.NoError(t, o.MarkFailed(t.Context(), o.room, id))
		m, _ := o.slack.Message("C0GENERAL", o.root)
		require.Equal(t, []string{"warning U0BOT"}, m.Reactions)
	}
	for range 2 {
		require.NoError(t, o.UnmarkFailed(t.Context(), o.room, id))
		m, _ := o.slack.Message("C0GENERAL", o.root)
		require.Empty(t, m.Reactions)
	}
	require.ErrorIs(t, o.MarkFailed(t.Context(), o.room, "C0GENERAL:1700000000.000009"), chat.ErrNotFound)
}
