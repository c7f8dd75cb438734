package gchattest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// TestRecordings delivers what Google has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names: a mention as an add-on gets it, and a push of what
// followed.
func TestRecordings(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CHAT_RECORDED_FIXTURES")
	if folder == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "gchat", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		var recorded struct {
			BotUserID chat.UserID `json:"botUserId"`
			Mention   json.RawMessage
			FollowUp  json.RawMessage
		}
		require.NoError(t, json.Unmarshal(data, &recorded))
		r := newRig(t, func(c *gchat.Config) { c.BotUserID = recorded.BotUserID })
		r.google.AddSpace(fakegchat.Space{Name: "spaces/AAQAJ9CXYcg", Type: "SPACE"})
		require.Equal(t, 200, r.deliver(t, string(recorded.Mention), fakegchat.Sign(fakegchat.GoogleKey(), "google-1", fakegchat.IDClaims(fakegchat.EndpointURL, fakegchat.AddOnAccount))).Code, r.log)
		m := next[*chat.Message](t, r)
		const thread = "gchat:spaces/AAQAJ9CXYcg:c3BhY2VzL0FBUUFKOUNYWWNnL3RocmVhZHMva1ZPdE83OTdaUEk"
		require.Equal(t, chat.ThreadID(thread), m.ThreadID)
		require.Equal(t, chat.MessageID("spaces/AAQAJ9CXYcg/messages/kVOtO797ZPI.kVOtO797ZPI"), m.ID)
		require.Equal(t, "@Chat SDK Demo hello", m.Text)
		require.Equal(t, "Test User", m.Author.FullName)
		require.True(t, *m.Mention)
		require.Equal(t, 200, r.deliver(t, string(recorded.FollowUp), fakegchat.PushToken()).Code, r.log)
		m = next[*chat.Message](t, r)
		require.Equal(t, chat.ThreadID(thread), m.ThreadID)
		require.Equal(t, "Hey", m.Text)
		require.Equal(t, "Test User", m.Author.FullName, "from what came before")
		require.False(t, *m.Mention)
	}
}
