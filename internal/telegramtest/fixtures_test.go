package telegramtest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// TestRecordings delivers what Telegram has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, recorded := range botrig.Recordings(t, "telegram") {
		for key, payload := range recorded {
			if strings.HasPrefix(key, "bot") {
				continue // the bot's name and id
			}
			var want struct {
				Message struct {
					ID   json.Number `json:"message_id"`
					Text string
					Chat struct{ ID json.Number }
					From struct {
						ID        json.Number
						FirstName string `json:"first_name"`
						Username  string
					}
				}
			}
			require.NoError(t, json.Unmarshal(payload, &want), key)
			r := newRig(t)
			require.Equal(t, 200, r.deliver(t, string(payload)).Code, key)
			m := next[*chat.Message](t, r)
			chatID := want.Message.Chat.ID.String()
			require.Equal(t, chat.MessageID(chatID+":"+want.Message.ID.String()), m.ID, key)
			require.Equal(t, chat.ThreadID("telegram:"+chatID), m.ThreadID, key)
			require.Equal(t, want.Message.Text, m.Text, key)
			require.Equal(t, chat.UserID(want.Message.From.ID.String()), m.Author.UserID, key)
			require.Equal(t, want.Message.From.FirstName+" "+want.Message.From.Username, m.Author.FullName+" "+m.Author.UserName, key)
			require.JSONEq(t, string(payload), `{"update_id":`+updateID(t, payload)+`,"message":`+string(m.Raw)+`}`, key)
		}
	}
}

func updateID(t *testing.T, payload []byte) string {
	t.Helper()
	var u struct {
		ID json.Number `json:"update_id"`
	}
	require.NoError(t, json.Unmarshal(payload, &u))
	return u.ID.String()
}
