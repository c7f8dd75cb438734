package webtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestAConversationHasATitleAndIsPrivate(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	b.say("ada", "c1", "m1", "Where is **lunch**?")
	thread, err := b.Thread("web:ada:c1")
	require.NoError(t, err)
	info, err := thread.Info(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Where is lunch?", info.Title)
	require.True(t, info.Channel.DM)
	visibility, err := thread.Visibility(t.Context())
	require.NoError(t, err)
	require.Equal(t, chat.VisibilityPrivate, visibility)
	thread, err = b.Thread("web:ada:none")
	require.NoError(t, err)
	_, err = thread.Info(t.Context())
	require.ErrorIs(t, err, chat.ErrNotFound)
}
