package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

var awkwardIDs = []string{
	"a", "alice", "a:b", ":", "::", "%", "%3A", "%25", "%253A", "a%b:c", "auth0|5f7c", "ada@example.com",
	"with space", "/slash/", "?#&=", "日本語", "😀", "web", strings.Repeat("x:", 60),
}

func TestThreadIDRoundTrip(t *testing.T) {
	a := newAdapter(t, Config{})
	seen := map[chat.ThreadID][2]string{}
	for _, user := range awkwardIDs {
		for _, conversation := range awkwardIDs {
			id := threadID(chat.UserID(user), conversation)
			other, taken := seen[id]
			require.False(t, taken, "%q is the thread of %q and of %q", id, other, [2]string{user, conversation})
			seen[id] = [2]string{user, conversation}

			gotUser, gotConversation, err := splitThreadID(id)
			require.NoError(t, err)
			require.Equal(t, chat.UserID(user), gotUser)
			require.Equal(t, conversation, gotConversation)

			ref, err := a.DecodeThreadID(id)
			require.NoError(t, err)
			require.True(t, ref.DM)
			back, err := a.EncodeThreadID(ref)
			require.NoError(t, err)
			require.Equal(t, id, back)
		}
	}
	require.Equal(t, chat.ThreadID("web:alice:c1"), threadID("alice", "c1"), "as in the TypeScript SDK")
}

func TestForeignThreadIDsAreRefused(t *testing.T) {
	a := newAdapter(t, Config{})
	for _, id := range []chat.ThreadID{"", "web", "web:", "web:a", "web:a:", "web::c", "slack:a:b", "web:a:b:c", "web:a%3a:b", "web:a%:b", "web:%41:b"} {
		_, err := a.DecodeThreadID(id)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, "%q", id)
	}
	for _, ref := range []chat.ThreadRef{{}, {Channel: "a"}, {Channel: "a:b", Thread: "c"}, {Channel: "a:b:c"}} {
		_, err := a.EncodeThreadID(ref)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, "%+v", ref)
	}
}

func TestMessageIDsOfDifferentConversationsDiffer(t *testing.T) {
	seen := map[chat.MessageID]string{}
	for _, user := range awkwardIDs {
		for _, conversation := range awkwardIDs {
			for _, page := range []string{"m", "m:1", "b:m", "%"} {
				thread := threadID(chat.UserID(user), conversation)
				id := messageID(thread, page)
				require.NotContains(t, seen, id)
				seen[id] = page
				require.Equal(t, page, pageID(thread, id))
				for range 2 {
					id = editedID(thread, id, "text")
					require.NotContains(t, seen, id)
					seen[id] = page
					require.Equal(t, page, pageID(thread, id))
				}
			}
		}
	}
	require.Equal(t, "BOTS", pageID(threadID("a", "b"), "BOTS"), "the bot's ids are their own page ids")
}

func TestIDsFromPagesAreChecked(t *testing.T) {
	require.Empty(t, checkID("fine", 4))
	require.Equal(t, "is empty", checkID("", 4))
	require.Equal(t, "has 5 bytes, want at most 4", checkID("fine!", 4))
	require.Equal(t, "is not valid UTF-8", checkID("\xff", 4))
	require.Equal(t, "holds a control character", checkID("a\n", 4))
}

func newAdapter(t *testing.T, config Config) *Adapter {
	t.Helper()
	a, err := New(config)
	require.NoError(t, err)
	return a
}
