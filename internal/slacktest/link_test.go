package slacktest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// What Permalink returns leads back to its message, in a channel, a thread and a
// direct conversation.
func TestPermalinksLeadToTheirMessages(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	dm, err := o.OpenDM(t.Context(), "U0BOB")
	require.NoError(t, err)
	begun := func(thread chat.ThreadID) (chat.ThreadID, chat.MessageID) {
		id, err := o.PostMessage(t.Context(), thread, &chat.Post{Text: "hi"})
		require.NoError(t, err)
		return thread, id
	}
	for range 2 {
		for _, thread := range []chat.ThreadID{o.room, dm} {
			thread, id := begun(thread)
			address, err := o.Permalink(t.Context(), thread, id)
			require.NoError(t, err)
			in, found, err := o.ResolveLink(t.Context(), address)
			require.NoError(t, err, address)
			require.Equal(t, thread, in)
			require.Equal(t, id, found)
			m, err := o.FetchMessage(t.Context(), in, found)
			require.NoError(t, err)
			require.Equal(t, "hi", m.Text)
		}
	}
	root := chat.MessageID("C0GENERAL:" + o.root)
	address, err := o.Permalink(t.Context(), o.room, root)
	require.NoError(t, err)
	in, found, err := o.ResolveLink(t.Context(), address+"/")
	require.NoError(t, err)
	require.Equal(t, o.room, in)
	require.Equal(t, root, found)
}

func TestOtherAddressesAreNoPermalinks(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for _, address := range []string{
		"", "://", "https://acme.slack.com/", "https://acme.slack.com/archives/C0ONE", "https://acme.slack.com/archives/C0ONE/p17",
		"https://acme.slack.com/archives/C0ONE/p1700000001x00200", "https://acme.slack.com/archives/C0:ONE/p1700000001000200",
		"https://acme.slack.com/archives/C0ONE/p1700000001000200?thread_ts=x", "https://slack.com.evil.example/archives/C0ONE/p1700000001000200",
		"http://acme.slack.com/archives/C0ONE/p1700000001000200", "https://evilslack.com/archives/C0ONE/p1700000001000200",
		"https://acme.slack.com/archives/C0ONE/p1700000001000200/files",
	} {
		_, _, err := o.ResolveLink(t.Context(), address)
		require.ErrorIs(t, err, chat.ErrNotFound, address)
	}
}
