package messengertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestContentOfMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sent := 0
	attached := func(attachments string) *chat.Message {
		sent++
		r.send(t, from(1772998024000, fmt.Sprintf(`"message":{"mid":"m_with_%d","attachments":[%s]}`, sent, attachments)))
		return next[*chat.Message](t, r)
	}
	m := attached(`{"type":"video","payload":{"url":"https://video.xx.fbcdn.net/v.mp4"}},{"type":"audio","payload":{"url":"https://cdn.fbsbx.com/a"}}`)
	require.Equal(t, "video https://video.xx.fbcdn.net/v.mp4 audio", m.Attachments[0].Type+" "+m.Attachments[0].URL+" "+m.Attachments[1].Type)
	sticker := `{"type":"sticker","payload":{"url":"https://scontent.xx.fbcdn.net/s.png"}}`
	picture := `{"type":"image","payload":{"url":"https://scontent.xx.fbcdn.net/s.png","sticker_id":369239263222822}}`
	for _, both := range []string{sticker, sticker + "," + picture, picture + "," + sticker} {
		m = attached(both)
		require.Len(t, m.Attachments, 1, "a sticker comes as both")
		require.Equal(t, "image https://scontent.xx.fbcdn.net/s.png", m.Attachments[0].Type+" "+m.Attachments[0].URL)
	}
	m = attached(`{"type":"location","title":"Ada's","payload":{"coordinates":{"lat":48.2,"long":16.37}}}`)
	require.Equal(t, "48.2,16.37", m.Text)
	m = attached(`{"type":"fallback","title":"A shop","url":"https://shop.example/","payload":null}`)
	require.Equal(t, "A shop https://shop.example/", m.Text)
	require.Equal(t, "A shop https://shop.example/", m.Links[0].Title+" "+m.Links[0].URL)
	r.send(t, from(2, `"message":{"mid":"m_9","text":"Look https://shop.example/","attachments":[{"type":"fallback","payload":{"url":"https://shop.example/","title":"A shop"}}]}`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "Look https://shop.example/", m.Text)
	require.Len(t, m.Links, 1)
	r.send(t, from(1772998024123, `"message":{"mid":"m_10","text":"that","reply_to":{"mid":"m_9","is_self_reply":true}}`))
	m = next[*chat.Message](t, r)
	require.Equal(t, chat.MessageID("m_9"), m.ReplyTo.ID)
	require.Equal(t, "2026-03-08T19:27:04.123Z", m.SentAt.Format("2006-01-02T15:04:05.000Z07:00"))
	r.send(t, from(3, `"message":{"mid":"m_11"}`))
	require.Equal(t, "messenger:message", next[*chat.PlatformEvent](t, r).Name, "what the API does not show is not lost")
}

// An attachment of a form that is not known holds up neither the others nor the message.
func TestUnknownAttachments(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	known := `{"type":"image","payload":{"url":"https://cdn.fbsbx.com/a"}}`
	for i, list := range []string{known, `[` + known + `]`, `[7,` + known + `]`, `[{"type":"hologram","payload":7},` + known + `]`, `[{"type":"file"},` + known + `]`, `7`, `null`, `[]`} {
		r.send(t, from(int64(i+1), fmt.Sprintf(`"message":{"mid":"m_%d","text":"look","attachments":%s}`, i, list)))
		m := next[*chat.Message](t, r)
		require.Equal(t, "look", m.Text)
		if strings.Contains(list, "image") {
			require.Equal(t, "https://cdn.fbsbx.com/a", m.Attachments[len(m.Attachments)-1].URL, list)
		}
	}
}

func TestReferrals(t *testing.T) {
	t.Parallel()
	const referral = `{"ref":"poster","source":"SHORTLINK","type":"OPEN_THREAD"}`
	for name, c := range map[string]struct {
		event string
		with  string
	}{
		"alone":          {`"referral":` + referral, ""},
		"with a message": {`"message":{"mid":"m_1","text":"hello","referral":` + referral + `}`, "message"},
		"with a click":   {`"postback":{"mid":"m_1","title":"Get started","payload":"GET_STARTED","referral":` + referral + `}`, "action"},
		"with a quick reply": {
			`"message":{"mid":"m_1","text":"Yes","quick_reply":{"payload":"yes"},"referral":` + referral + `}`, "action",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.send(t, from(1, c.event))
			n := 1
			if c.with != "" {
				n = 2
			}
			for range n {
				switch in := next[chat.Inbound](t, r).(type) {
				case *chat.PlatformEvent:
					require.Equal(t, "messenger:referral", in.Name)
					require.JSONEq(t, referral, string(in.Data))
					require.Equal(t, adasThread, in.ThreadID)
				case *chat.Message:
					require.Equal(t, "message", c.with)
				case *chat.ActionEvent:
					require.Equal(t, "action", c.with)
				}
			}
			r.quiet(t)
		})
	}
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for content, want := range map[string]string{
		`"action":"react","emoji":"👍","reaction":"like"`: "thumbs_up 👍 true",
		`"action":"react","reaction":"angry"`:            "angry 😠 true",
		`"action":"unreact","reaction":"other"`:          "other other false",
		`"action":"unreact"`:                             "  false",
	} {
		r.send(t, from(int64(len(content)), `"reaction":{"mid":"m_1",`+content+`}`))
		ev := next[*chat.ReactionEvent](t, r)
		require.Equal(t, want[strings.Index(want, " "):], fmt.Sprintf(" %s %v", ev.RawEmoji, ev.Added))
	}
}

// What comes for another app's button, or for one that is too old, is not lost.
func TestOldButtons(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const gone = "~gone456789012345678901234567890"
	r.send(t, from(1, fmt.Sprintf(`"message":{"mid":"m_1","text":"Yes","quick_reply":{"payload":%q}}`, gone)))
	require.Equal(t, "Yes", next[*chat.Message](t, r).Text)
	r.send(t, from(2, fmt.Sprintf(`"postback":{"mid":"m_2","title":"Yes","payload":%q}`, gone)))
	require.Equal(t, "messenger:postback", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, from(3, `"postback":{"mid":"m_3","title":"Yes"}`))
	require.Equal(t, "messenger:postback", next[*chat.PlatformEvent](t, r).Name)
}

// What happens outside the page's own conversations.
func TestOtherEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entry, event, thread string }{
		"while another app has the conversation": {`"standby":[` + from(1, `"message":{"mid":"m_1","text":"x"}`) + `]`, "messenger:standby", string(adasThread)},
		"a change of the page":                   {`"changes":[{"field":"feed","value":{"item":"comment","message":"x"}}]`, "messenger:feed", ""},
		"a change in the entry":                  {`"field":"comments","value":{"id":"7"}`, "messenger:comments", ""},
		"a visitor who has not signed in":        {`"messaging":[{"sender":{"user_ref":"v-1"},"recipient":{"id":"` + page + `"},"timestamp":1,"message":{"mid":"m_1","text":"x"}}]`, "messenger:message", ""},
		"an opt-in":                              {`"messaging":[{"recipient":{"id":"` + page + `"},"timestamp":1,"optin":{"ref":"r","user_ref":"u"}}]`, "messenger:optin", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			require.Equal(t, http.StatusOK, r.deliver(t, batch(`{"id":"`+page+`","time":1772998024000,`+c.entry+`}`)).Code, r.log)
			ev := next[*chat.PlatformEvent](t, r)
			require.Equal(t, c.event+" "+c.thread, ev.Name+" "+string(ev.ThreadID))
			require.NotEmpty(t, ev.Data)
			r.quiet(t)
		})
	}
	r := newRig(t)
	// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messaging_postbacks
	test := `"changes":[{"field":"messages","value":` + from(1527459824, `"message":{"mid":"m_1","text":"from the dashboard"}`) + `}]`
	require.Equal(t, http.StatusOK, r.deliver(t, batch(`{"id":"`+page+`","time":1,`+test+`}`)).Code)
	m := next[*chat.Message](t, r)
	require.Equal(t, "from the dashboard", m.Text)
	require.Equal(t, 2018, m.SentAt.Year(), "seconds, as Meta's example has it")
}

func TestSettingUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ask := func(mode, token string) *httptest.ResponseRecorder {
		q := url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {"1158201444"}}
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/messenger?"+q.Encode(), nil))
		return w
	}
	w := ask("subscribe", verifyToken)
	require.Equal(t, "200 1158201444", fmt.Sprint(w.Code, " ", w.Body))
	w = ask("subscribe", "a guess")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.NotContains(t, w.Body.String(), "1158201444")
}
