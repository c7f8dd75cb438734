package metatest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/instagram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

const account = "17841400000000000"

func onAccount(fields string) string { return messagingOf(account)(adasID, fields) }

// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/webhooks
var instagrams = &platform{
	name: "instagram", object: "instagram", token: fakemessaging.Token, account: account, other: "17841400000000009", user: adasID,
	thread: "instagram:" + account + ":" + adasID, sends: "POST " + account + "/messages", limit: 1000, bytes: true,
	events: map[string]string{
		"text":        onAccount(`"message":{"mid":"m_#","text":"` + words + `","reply_to":{"mid":"m_0"},"referral":{"ref":"` + words + `","ad_id":"1","source":"ADS","type":"OPEN_THREAD","product":{"id":"1"}}}`),
		"quick reply": onAccount(`"message":{"mid":"m_#","text":"` + words + `","quick_reply":{"payload":"yes"}}`),
		"story reply": onAccount(`"message":{"mid":"m_#","text":"` + words + `","reply_to":{"story":{"id":"1","url":"https://lookaside.fbsbx.com/x"}}}`),
		"mention":     onAccount(`"message":{"mid":"m_#","attachments":[{"type":"story_mention","payload":{"url":"https://lookaside.fbsbx.com/x"}}]}`),
		"image":       onAccount(`"message":{"mid":"m_#","attachments":[{"type":"image","payload":{"url":"https://lookaside.fbsbx.com/x"}},{"type":"ig_reel","payload":{"url":"https://lookaside.fbsbx.com/y","title":"t","reel_video_id":"5"}}]}`),
		"share":       onAccount(`"message":{"mid":"m_#","attachments":[{"type":"share","payload":{"url":"https://lookaside.fbsbx.com/x"}}]}`),
		"deleted":     onAccount(`"message":{"mid":"m_#","is_deleted":true}`),
		"unsupported": onAccount(`"message":{"mid":"m_#","is_unsupported":true}`),
		"edit":        onAccount(`"message_edit":{"mid":"m_0","text":"` + words + `","num_edit":1}`),
		"postback":    onAccount(`"postback":{"mid":"m_#","title":"` + words + `","payload":"yes"}`),
		"reaction":    onAccount(`"reaction":{"mid":"m_0","action":"react","reaction":"love","emoji":"❤"}`),
		"unreaction":  onAccount(`"reaction":{"mid":"m_0","action":"unreact"}`),
		"read":        onAccount(`"read":{"mid":"m_0"}`),
		"referral":    onAccount(`"referral":{"ref":"` + words + `","source":"IGME","type":"OPEN_THREAD"}`),
		"handover":    onAccount(`"pass_thread_control":{"new_owner_app_id":"1","previous_owner_app_id":"2","metadata":"` + words + `"}`),
		"future":      onAccount(`"hologram":{"of":"` + words + `"}`),
		"standby": fmt.Sprintf(`{"id":%q,"time":1772998024000,"standby":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":1772998024#,"message":{"mid":"m_#","text":"`+words+`"}}]}`,
			account, adasID, account),
		"comment": fmt.Sprintf(`{"id":%q,"time":1772998024#,"changes":[{"field":"comments","value":{"from":{"id":"1","username":"x"},"media":{"id":"1","media_product_type":"FEED"},"id":"#","text":"`+words+`"}}]}`, account),
	},
	text: textOf(account), join: joinMessaging(account),
	start: func(tb testing.TB) (*fakemeta.Server, *http.Client) {
		s := fakemessaging.New(tb, fakemessaging.Config{
			Adapter: "instagram", Account: account, Thread: func(user string) chat.ThreadID { return chat.ThreadID("instagram:" + account + ":" + user) },
			Text: fakemeta.Bytes(1000), Fields: []string{"name", "username", "profile_pic"}, WindowClosed: 2534022,
		})
		s.AddUser(fakemessaging.User{ID: adasID, Fields: map[string]any{"name": "Ada", "username": "ada"}})
		return s.Server, s.Client()
	},
	adapter: func(tb testing.TB, url string, client *http.Client) adapter {
		a, err := instagram.New(instagram.Config{AppSecret: appSecret, AccessToken: fakemessaging.Token, VerifyToken: verifyToken, AccountID: account, APIURL: url, HTTPClient: client})
		require.NoError(tb, err)
		return any(a).(adapter)
	},
	refusals: append([]refusal{
		{400, 10, 2534022, instagram.ErrWindowClosed},
		{400, 10, 2018278, instagram.ErrWindowClosed},
		{400, 10, 2534022, chat.ErrPermission},
		{400, 100, 2534014, chat.ErrNotFound},
		{400, 551, 0, chat.ErrPermission},
		{400, 551, 1545041, chat.ErrPermission},
	}, messagingRefusals...),
}
