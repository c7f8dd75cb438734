package metatest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

const (
	page   = "100000000000001"
	adasID = "200000000000001"
)

// messagingOf returns what makes an entry of an account with an event of a user.
func messagingOf(account string) func(user, fields string) string {
	return func(user, fields string) string {
		return fmt.Sprintf(`{"id":%q,"time":1772998024000,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":1772998024#,%s}]}`, account, user, account, fields)
	}
}

// joinMessaging is one entry with the events of several, in their order.
func joinMessaging(account string) func(entries ...string) string {
	return func(entries ...string) string {
		var events []string
		for _, e := range entries {
			e = strings.TrimSuffix(e, `]}`)
			events = append(events, e[strings.Index(e, `[`)+1:])
		}
		return fmt.Sprintf(`{"id":%q,"time":1772998024000,"messaging":[%s]}`, account, strings.Join(events, ","))
	}
}

func textOf(account string) func(user string, n int, text string) string {
	return func(user string, n int, text string) string {
		return strings.ReplaceAll(messagingOf(account)(user, fmt.Sprintf(`"message":{"mid":"m_text%d","text":%q}`, n, text)), "#", "1")
	}
}

func onPage(fields string) string { return messagingOf(page)(adasID, fields) }

// https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
var messengers = &platform{
	name: "messenger", object: "page", token: fakemessaging.Token, account: page, other: "100000000000009", user: adasID, thread: "messenger:" + adasID, sends: "POST me/messages", limit: 2000,
	events: map[string]string{
		"text":        onPage(`"message":{"mid":"m_#","text":"` + words + `","reply_to":{"mid":"m_0","is_self_reply":true},"referral":{"product":{"id":"1"}},"nlp":{"entities":{}}}`),
		"quick reply": onPage(`"message":{"mid":"m_#","text":"` + words + `","quick_reply":{"payload":"yes"}}`),
		"image":       onPage(`"message":{"mid":"m_#","attachments":[{"type":"image","payload":{"url":"https://lookaside.fbsbx.com/x","sticker_id":369239263222822}}]}`),
		"file":        onPage(`"message":{"mid":"m_#","text":"` + words + `","attachments":[{"type":"file","payload":{"url":"https://lookaside.fbsbx.com/x"}},{"type":"video","payload":{"url":"https://lookaside.fbsbx.com/y"}},{"type":"audio","payload":{"url":"https://lookaside.fbsbx.com/z"}}]}`),
		"location":    onPage(`"message":{"mid":"m_#","attachments":[{"type":"location","title":"` + words + `","url":"https://x.example/","payload":{"coordinates":{"lat":48.2,"long":16.37}}}]}`),
		"fallback":    onPage(`"message":{"mid":"m_#","text":"` + words + `","attachments":[{"type":"fallback","title":"` + words + `","payload":{"url":"https://x.example/","title":"t"}}]}`),
		"reel":        onPage(`"message":{"mid":"m_#","attachments":[{"type":"reel","payload":{"url":"https://lookaside.fbsbx.com/x","title":"t","reel_video_id":5}}]}`),
		"template":    onPage(`"message":{"mid":"m_#","attachments":[{"type":"template","payload":{"product":{"elements":[{"id":"1","title":"` + words + `"}]}}}]}`),
		"edit":        onPage(`"message_edit":{"mid":"m_0","text":"` + words + `","num_edit":1}`),
		"postback":    onPage(`"postback":{"mid":"m_#","title":"` + words + `","payload":"yes","referral":{"ref":"` + words + `","source":"SHORTLINK","type":"OPEN_THREAD"}}`),
		"reaction":    onPage(`"reaction":{"reaction":"love","emoji":"❤","action":"react","mid":"m_0"}`),
		"unreaction":  onPage(`"reaction":{"reaction":"love","emoji":"❤","action":"unreact","mid":"m_0"}`),
		"read":        onPage(`"read":{"watermark":1772998024#}`),
		"delivery":    onPage(`"delivery":{"mids":["m_0"],"watermark":1772998024#}`),
		"optin":       onPage(`"optin":{"type":"notification_messages","payload":"` + words + `","notification_messages_token":"t","token_expiry_timestamp":"1"}`),
		"referral":    onPage(`"referral":{"ref":"` + words + `","source":"ADS","type":"OPEN_THREAD","ad_id":"1","ads_context_data":{"ad_title":"t"}}`),
		"linking":     onPage(`"account_linking":{"status":"linked","authorization_code":"` + words + `"}`),
		"handover":    onPage(`"pass_thread_control":{"new_owner_app_id":"1","previous_owner_app_id":"2","metadata":"` + words + `"}`),
		"policy":      fmt.Sprintf(`{"id":%q,"time":1772998024000,"messaging":[{"recipient":{"id":%q},"timestamp":1772998024#,"policy_enforcement":{"action":"block","reason":"r"}}]}`, page, page),
		"future":      onPage(`"hologram":{"of":"` + words + `"}`),
		"standby": fmt.Sprintf(`{"id":%q,"time":1772998024000,"standby":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":1772998024#,"message":{"mid":"m_#","text":"`+words+`"}}]}`,
			page, adasID, page),
		"feed": fmt.Sprintf(`{"id":%q,"time":1772998024#,"changes":[{"field":"feed","value":{"from":{"id":"1","name":"X"},"item":"comment","verb":"add","comment_id":"#","message":"`+words+`"}}]}`, page),
	},
	text: textOf(page), join: joinMessaging(page),
	start: func(tb testing.TB) (*fakemeta.Server, *http.Client) {
		s := fakemessaging.New(tb, fakemessaging.Config{
			Adapter: "messenger", Account: "me", Thread: func(user string) chat.ThreadID { return chat.ThreadID("messenger:" + user) },
			Text: fakemeta.Text(2000), Fields: []string{"name", "first_name", "last_name", "profile_pic"}, WindowClosed: 2018278,
		})
		s.AddUser(fakemessaging.User{ID: adasID, Fields: map[string]any{"first_name": "Ada"}})
		return s.Server, s.Client()
	},
	adapter: func(tb testing.TB, url string, client *http.Client) adapter {
		a, err := messenger.New(messenger.Config{AppSecret: appSecret, PageAccessToken: fakemessaging.Token, VerifyToken: verifyToken, PageID: page, APIURL: url, HTTPClient: client})
		require.NoError(tb, err)
		return any(a).(adapter)
	},
	refusals: append([]refusal{
		{400, 10, 2018278, messenger.ErrWindowClosed},
		{400, 10, 2018065, messenger.ErrWindowClosed},
		{400, 10, 2018278, chat.ErrPermission},
		{403, 10, 2018278, messenger.ErrWindowClosed},
		{400, 100, 2018001, chat.ErrNotFound},
		{400, 100, 2018109, chat.ErrInvalid},
		{400, 200, 1545041, chat.ErrPermission},
		{400, 200, 2018028, chat.ErrPermission},
		{400, 200, 2018027, chat.ErrPermission},
		{400, 551, 1545041, chat.ErrPermission},
		{400, 551, 0, chat.ErrPermission},
		{400, 4, 2018022, chat.ErrRateLimited},
		{400, 80006, 0, chat.ErrRateLimited},
	}, messagingRefusals...),
}

// messagingRefusals are those of Messenger and Instagram:
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
//   - https://developers.facebook.com/docs/graph-api/guides/error-handling
//   - https://developers.facebook.com/docs/graph-api/overview/rate-limiting
var messagingRefusals = []refusal{
	{400, 1, 99, nil},
	{500, 1, 0, chat.ErrTemporary},
	{500, 2, 0, chat.ErrTemporary},
	{400, 2, 0, chat.ErrTemporary},
	{503, 2, 2018344, chat.ErrTemporary},
	{400, 1200, 0, chat.ErrTemporary},
	{403, 3, 0, chat.ErrPermission},
	{400, 10, 0, chat.ErrPermission},
	{403, 200, 0, chat.ErrPermission},
	{400, 230, 0, chat.ErrPermission},
	{403, 299, 0, chat.ErrPermission},
	{400, 368, 0, chat.ErrPermission},
	{400, 4, 0, chat.ErrRateLimited},
	{403, 4, 0, chat.ErrRateLimited},
	{400, 17, 0, chat.ErrRateLimited},
	{400, 32, 0, chat.ErrRateLimited},
	{400, 341, 0, chat.ErrRateLimited},
	{400, 613, 0, chat.ErrRateLimited},
	{400, 80002, 0, chat.ErrRateLimited},
	{401, 190, 0, chat.ErrAuthentication},
	{400, 190, 463, chat.ErrAuthentication},
	{400, 190, 467, chat.ErrAuthentication},
	{400, 102, 0, chat.ErrAuthentication},
	{400, 100, 0, chat.ErrInvalid},
	{400, 100, 33, chat.ErrNotFound},
	{400, 506, 0, nil},
	{400, 4711, 0, chat.ErrInvalid},
}
