package discordtest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// recorded says what each of the recorded events is, by its name.
var recorded = map[string]func(t *testing.T, r *rig){
	"buttonClickHello": func(t *testing.T, r *rig) {
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, []string{"hello", "", "1457536567810854934"}, []string{ev.ActionID, ev.Value, string(ev.MessageID)})
		require.Equal(t, inTopic, ev.ThreadID)
		require.Equal(t, chat.UserID(ada), ev.User.UserID)
		require.NotEmpty(t, ev.TriggerID)
	},
	"differentUser": func(t *testing.T, r *rig) {
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, inTopic, ev.ThreadID)
		require.Equal(t, []string{"9876543210987654321", "alice123", "Different Nick"}, []string{string(ev.User.UserID), ev.User.UserName, ev.User.FullName})
	},
	"dmButtonClick": func(t *testing.T, r *rig) {
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, []string{"dm-action", "MSG_DM_123", "discord:@me:DM_CHANNEL_123"}, []string{ev.ActionID, string(ev.MessageID), string(ev.ThreadID)})
	},
	"gatewayMention": func(t *testing.T, r *rig) {
		m := next[*chat.Message](t, r)
		require.Equal(t, []string{"1457536551830421524", string(inTopic), "@Chat SDK Demo Hey"}, []string{string(m.ID), string(m.ThreadID), m.Text})
		require.True(t, *m.Mention)
		require.Equal(t, []string{ada, "testuser2384", "Test User"}, []string{string(m.Author.UserID), m.Author.UserName, m.Author.FullName})
		require.Equal(t, "2026-01-05T00:49:53.676Z", m.SentAt.UTC().Format("2006-01-02T15:04:05.000Z"))
	},
	"gatewayRoleMention": func(t *testing.T, r *rig) {
		m := next[*chat.Message](t, r)
		require.Equal(t, inGeneral+":1457536600000000001", m.ThreadID)
		require.True(t, *m.Mention, "the role is one of the bot's")
	},
	"gatewaySubscribedMessage": func(t *testing.T, r *rig) {
		m := next[*chat.Message](t, r)
		require.Equal(t, inTopic, m.ThreadID, "Discord tells the thread alone")
		require.Equal(t, "Hey", m.Text)
		require.False(t, *m.Mention)
	},
	"gatewayDMRequest": func(t *testing.T, r *rig) {
		require.Equal(t, "DM me", next[*chat.Message](t, r).Text)
	},
	"gatewayReactionAdd": func(t *testing.T, r *rig) {
		ev := next[*chat.ReactionEvent](t, r)
		require.Equal(t, inTopic, ev.ThreadID)
		require.Equal(t, []string{"thumbs_up", "👍", "1457536955662471180", "Test User"}, []string{string(ev.Emoji), ev.RawEmoji, string(ev.MessageID), ev.User.FullName})
		require.True(t, ev.Added)
	},
	"gatewayThreadCreate": func(t *testing.T, r *rig) {
		ev := next[*chat.PlatformEvent](t, r)
		require.Equal(t, "discord:thread_create", ev.Name)
		require.Equal(t, inTopic, ev.ThreadID)
	},
}

// TestRecordings delivers what Discord has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, all := range botrig.Recordings(t, "discord") {
		delete(all, "metadata")
		for key, payload := range all {
			t.Run(key, func(t *testing.T) {
				t.Parallel()
				check, known := recorded[key]
				require.True(t, known, "the test does not say what it is")
				r := newRig(t)
				// The bot's own program forwards compact JSON.
				var forwards struct {
					Type any             `json:"type"`
					Data json.RawMessage `json:"data"`
				}
				require.NoError(t, json.Unmarshal(payload, &forwards))
				body := string(payload)
				if kind, ok := forwards.Type.(string); ok {
					compact, err := json.Marshal(map[string]any{"data": forwards.Data, "timestamp": 1767574193867})
					require.NoError(t, err)
					body = `{"type":"` + kind + `",` + string(compact[1:])
				}
				r.send(t, body)
				check(t, r)
				r.send(t, body)
				r.quiet(t)
			})
		}
	}
}
