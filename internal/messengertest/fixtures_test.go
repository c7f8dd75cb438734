package messengertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// TestRecordings delivers what Messenger has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files := botrig.Recordings(t, "messenger")
	if files == nil {
		return
	}
	require.Len(t, files, 1)
	recorded := files[0]
	delete(recorded, "botName")
	delete(recorded, "pageId")
	base := func(e *chat.EventBase) {
		require.Equal(t, adasThread, e.ThreadID)
		require.Equal(t, chat.UserID(ada), e.User.UserID)
		require.Equal(t, int64(1772998000), e.At.Unix()/1000*1000)
		require.NotEmpty(t, e.ID)
	}
	message := func(id, text string) func(*testing.T, *rig) {
		return func(t *testing.T, r *rig) {
			t.Helper()
			m := next[*chat.Message](t, r)
			require.Equal(t, id+"|"+text+"|"+ada, string(m.ID)+"|"+m.Text+"|"+string(m.Author.UserID))
			require.Equal(t, adasThread, m.ThreadID)
		}
	}
	action := func(id string) func(*testing.T, *rig) {
		return func(t *testing.T, r *rig) {
			t.Helper()
			ev := next[*chat.ActionEvent](t, r)
			require.Equal(t, id, ev.ActionID)
			base(&ev.EventBase)
		}
	}
	reaction := func(added bool) func(*testing.T, *rig) {
		return func(t *testing.T, r *rig) {
			t.Helper()
			ev := next[*chat.ReactionEvent](t, r)
			require.Equal(t, added, ev.Added)
			require.Equal(t, "heart ❤ m_FAKE_MSG_ID_001", string(ev.Emoji)+" "+ev.RawEmoji+" "+string(ev.MessageID))
			base(&ev.EventBase)
		}
	}
	platform := func(name string) func(*testing.T, *rig) {
		return func(t *testing.T, r *rig) {
			t.Helper()
			ev := next[*chat.PlatformEvent](t, r)
			require.Equal(t, name, ev.Name)
			base(&ev.EventBase)
		}
	}
	want := map[string]func(*testing.T, *rig){
		"firstMessage": message("m_FAKE_MSG_ID_001", "What is Vercel?"), "secondMessage": message("m_FAKE_MSG_ID_002", "Tell me more"),
		"deliveryConfirmation": platform("messenger:delivery"), "readConfirmation": platform("messenger:read"),
		"reactionAdded": reaction(true), "reactionRemoved": reaction(false), "postbackClick": action("hello"), "legacyPostback": action("GET_STARTED"),
		"echoMessage": func(*testing.T, *rig) {},
		"imageAttachment": func(t *testing.T, r *rig) {
			t.Helper()
			m := next[*chat.Message](t, r)
			require.Len(t, m.Attachments, 1)
			require.Equal(t, "image https://example.com/image.jpg", m.Attachments[0].Type+" "+m.Attachments[0].URL)
		},
	}
	require.Len(t, recorded, len(want))
	for key, payload := range recorded {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			require.Equal(t, 200, r.deliver(t, string(payload)).Code)
			require.Contains(t, want, key)
			want[key](t, r)
			r.quiet(t)
		})
	}
}
