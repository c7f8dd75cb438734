package slacktest_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A thread of Slack is as visible as its channel; a direct conversation is private
// without a question.
func TestAThreadSaysWhoCanReadIt(t *testing.T) {
	t.Parallel()
	bot, api := newBot(t, newMemory(t), nil)
	api.answer("conversations.info", func(args url.Values, _ string) any {
		switch args.Get("channel") {
		case "C0SHARED":
			return object{"ok": true, "channel": object{"id": "C0SHARED", "name": "partners", "is_ext_shared": true, "num_members": 12}}
		case "C0SECRET":
			return object{"ok": true, "channel": object{"id": "C0SECRET", "name": "board", "is_private": true}}
		case "C0ALL":
			return object{"ok": true, "channel": object{"id": "C0ALL", "name": "general"}}
		}
		return object{"ok": false, "error": "channel_not_found"}
	})
	for id, want := range map[chat.ThreadID]chat.Visibility{
		"slack:C0SHARED:1700000000.000100": chat.VisibilityExternal, "slack:C0SECRET:1700000000.000100": chat.VisibilityPrivate,
		"slack:C0ALL:1700000000.000100": chat.VisibilityWorkspace, "slack:D0ADA:": chat.VisibilityPrivate,
	} {
		thread, err := bot.Thread(id)
		require.NoError(t, err)
		got, err := thread.Visibility(t.Context())
		require.NoError(t, err, id)
		require.Equal(t, want, got, id)
	}
	require.Equal(t, 3, api.called("conversations.info"))
	thread, err := bot.Thread("slack:C0SHARED:1700000000.000100")
	require.NoError(t, err)
	info, err := thread.Info(t.Context())
	require.NoError(t, err)
	require.Equal(t, &chat.ThreadInfo{ID: thread.ID(), Channel: chat.ChannelInfo{ID: "slack:C0SHARED", Name: "partners", Members: 12, Visibility: chat.VisibilityExternal}}, info)
	require.Equal(t, 3, api.called("conversations.info"), "it is kept for a minute")
	thread, err = bot.Thread("slack:C0GONE:1700000000.000100")
	require.NoError(t, err)
	_, err = thread.Info(context.Background())
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = thread.Visibility(context.Background())
	require.ErrorIs(t, err, chat.ErrNotFound)
}
