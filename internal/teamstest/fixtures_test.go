package teamstest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// TestRecordings delivers what Teams has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, recorded := range botrig.Recordings(t, "teams") {
		var app string
		require.NoError(t, json.Unmarshal(recorded["appId"], &app))
		for key, payload := range recorded {
			if !strings.HasPrefix(string(payload), "{") {
				continue // the bot's name and ids
			}
			var want struct {
				ID, Text, ServiceURL string
				From                 struct{ ID, Name string }
				Conversation         struct{ ID string }
				Entities             []struct{ Type string }
			}
			require.NoError(t, json.Unmarshal(payload, &want), key)
			r := newRig(t, func(c *teams.Config) { c.AppID = app })
			token := faketeams.SignedBy(faketeams.FirstKey(), with(jwt.MapClaims{"aud": app, "serviceurl": want.ServiceURL}))
			require.Equal(t, 200, r.deliver(t, string(payload), func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+token) }).Code, key)
			m := next[*chat.Message](t, r)
			encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
			base, _, _ := strings.Cut(want.Conversation.ID, ";")
			require.Equal(t, chat.ThreadID("teams:"+encode(want.Conversation.ID)+":"+encode(want.ServiceURL)), m.ThreadID, key)
			require.Equal(t, chat.MessageID(encode(base)+":"+want.ID), m.ID, key)
			require.Equal(t, chat.MessageID(want.ID), r.TypeScriptID(m), key)
			require.Equal(t, strings.NewReplacer("<at>", "@", "</at>", "").Replace(want.Text), m.Text, key)
			require.Equal(t, chat.UserID(want.From.ID), m.Author.UserID, key)
			require.Equal(t, want.From.Name, m.Author.FullName, key)
			require.Equal(t, len(want.Entities) > 0, *m.Mention, key)
			require.JSONEq(t, string(payload), string(m.Raw), key)
		}
	}
}
