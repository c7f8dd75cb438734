package gchattest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// TestRecordings delivers what Google has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names: a mention as an add-on gets it, and a push of what
// followed.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, recorded := range botrig.Recordings(t, "gchat") {
		var botUser chat.UserID
		require.NoError(t, json.Unmarshal(recorded["botUserId"], &botUser))
		r := newRig(t, func(c *gchat.Config) { c.BotUserID = botUser })
		r.google.AddSpace(fakegchat.Space{Name: "spaces/AAQAJ9CXYcg", Type: "SPACE"})
		require.Equal(t, 200, r.deliver(t, string(recorded["mention"]), fakegchat.Sign(fakegchat.GoogleKey(), "google-1", fakegchat.IDClaims(fakegchat.EndpointURL, fakegchat.AddOnAccount))).Code, r.log)
		m := next[*chat.Message](t, r)
		const thread = "gchat:spaces/AAQAJ9CXYcg:c3BhY2VzL0FBUUFKOUNYWWNnL3RocmVhZHMva1ZPdE83OTdaUEk"
		require.Equal(t, chat.ThreadID(thread), m.ThreadID)
		require.Equal(t, chat.MessageID("spaces/AAQAJ9CXYcg/messages/kVOtO797ZPI.kVOtO797ZPI"), m.ID)
		require.Equal(t, "@Chat SDK Demo hello", m.Text)
		require.Equal(t, "Test User", m.Author.FullName)
		require.True(t, *m.Mention)
		require.Equal(t, 200, r.deliver(t, string(recorded["followUp"]), fakegchat.PushToken()).Code, r.log)
		m = next[*chat.Message](t, r)
		require.Equal(t, chat.ThreadID(thread), m.ThreadID)
		require.Equal(t, "Hey", m.Text)
		require.Equal(t, "Test User", m.Author.FullName, "from what came before")
		require.False(t, *m.Mention)
	}
}
