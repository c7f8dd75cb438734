package metatest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

const adasPhone = "16505551234"

// change is an entry with one change of a field.
func change(field, value string) string {
	return fmt.Sprintf(`{"id":"102290129340398","changes":[{"field":%q,"value":%s}]}`, field, value)
}

// inMessages is an entry of the field messages. The fields are those of its value.
func inMessages(number, fields string) string {
	return change("messages", fmt.Sprintf(`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":%q},%s}`, number, fields))
}

// received is an entry with a message of Ada.
func received(fields string) string {
	return inMessages(fakewhatsapp.PhoneNumberID, `"contacts":[{"profile":{"name":"Ada","username":"@ada"},"wa_id":"`+adasPhone+`","user_id":"US.13491208655302741918"}],`+
		`"messages":[{"from":"`+adasPhone+`","from_user_id":"US.13491208655302741918","id":"wamid.#","timestamp":"1749416383",`+fields+`}]`)
}

func status(fields string) string {
	return inMessages(fakewhatsapp.PhoneNumberID, `"statuses":[{"id":"wamid.out#","timestamp":"1750263773","recipient_id":"`+adasPhone+`","recipient_user_id":"US.13491208655302741918",`+fields+`}]`)
}

// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
var whatsApp = &platform{
	name: "whatsapp", object: "whatsapp_business_account", token: fakewhatsapp.Token, account: fakewhatsapp.PhoneNumberID, other: "106540352242999",
	user: adasPhone, thread: "whatsapp:" + fakewhatsapp.PhoneNumberID + ":" + adasPhone, sends: "POST " + fakewhatsapp.PhoneNumberID + "/messages", limit: 4096,
	nothing: []string{".phone_number_id."},
	events: map[string]string{
		"text": received(`"type":"text","text":{"body":"` + words + `"},"context":{"from":"15550783881","id":"wamid.0","forwarded":true,"referred_product":{"catalog_id":"1","product_retailer_id":"2"}},` +
			`"referral":{"source_url":"https://fb.me/x","source_id":"1","source_type":"ad","body":"` + words + `","headline":"h","media_type":"image","image_url":"https://x.example/","ctwa_clid":"c"}`),
		"image":       received(`"type":"image","image":{"caption":"` + words + `","mime_type":"image/jpeg","sha256":"x","id":"1001","url":"https://lookaside.fbsbx.com/x"}`),
		"audio":       received(`"type":"audio","audio":{"mime_type":"audio/ogg; codecs=opus","sha256":"x","id":"1002","voice":true}`),
		"video":       received(`"type":"video","video":{"caption":"` + words + `","mime_type":"video/mp4","sha256":"x","id":"1003"}`),
		"document":    received(`"type":"document","document":{"caption":"` + words + `","filename":"` + words + `.pdf","mime_type":"application/pdf","sha256":"x","id":"1004"}`),
		"sticker":     received(`"type":"sticker","sticker":{"mime_type":"image/webp","sha256":"x","id":"1005","animated":true}`),
		"location":    received(`"type":"location","location":{"latitude":48.2,"longitude":16.37,"name":"` + words + `","address":"street","url":"https://x.example/"}`),
		"contacts":    received(`"type":"contacts","contacts":[{"name":{"formatted_name":"` + words + `","first_name":"B"},"phones":[{"phone":"+1 650","type":"CELL","wa_id":"1650"}],"emails":[{"email":"b@x.example"}],"birthday":"2000-01-01","org":{"company":"X"},"urls":[{"url":"https://x.example"}],"addresses":[{"city":"X"}]}]`),
		"button":      received(`"type":"button","button":{"payload":"yes","text":"` + words + `"},"context":{"from":"15550783881","id":"wamid.0"}`),
		"tap":         received(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"yes","title":"` + words + `"}},"context":{"from":"15550783881","id":"wamid.0"}`),
		"row":         received(`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"yes","title":"` + words + `","description":"` + words + `"}},"context":{"from":"15550783881","id":"wamid.0"}`),
		"flow":        received(`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{}"}},"context":{"from":"15550783881","id":"wamid.0"}`),
		"reaction":    received(`"type":"reaction","reaction":{"message_id":"wamid.0","emoji":"👍"}`),
		"order":       received(`"type":"order","order":{"catalog_id":"1","text":"` + words + `","product_items":[{"product_retailer_id":"1","quantity":1,"item_price":5,"currency":"EUR"}]}`),
		"unsupported": received(`"type":"unsupported","errors":[{"code":131051,"title":"Message type unknown","message":"` + words + `","error_data":{"details":"d"}}],"unsupported":{"type":"poll"}`),
		"welcome":     received(`"type":"request_welcome"`),
		"edit":        received(`"type":"edit","edit":{"original_message_id":"wamid.0","message":{"context":{"id":"wamid.1"},"type":"text","text":{"body":"` + words + `"}}}`),
		"revoke":      received(`"type":"revoke","revoke":{"original_message_id":"wamid.0"}`),
		"system":      received(`"type":"system","system":{"body":"` + words + `","wa_id":"16505550000","type":"user_changed_number"}`),
		"user id":     received(`"type":"system","system":{"body":"` + words + `","user_id":"US.77","previous_user_id":"US.13491208655302741918","type":"user_changed_user_id"}`),
		"group":       received(`"group_id":"Y2FwaV9ncm91cDox","type":"text","text":{"body":"` + words + `"}`),
		"future":      received(`"type":"hologram","hologram":{"of":"` + words + `"}`),
		"sent":        status(`"status":"sent","conversation":{"id":"c","expiration_timestamp":"1750263773","origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}`),
		"failed":      status(`"status":"failed","errors":[{"code":131047,"title":"Re-engagement message","message":"m","href":"https://x.example","error_data":{"details":"d"}}]`),
		"of a group":  status(`"status":"read","recipient_type":"group","recipient_participant_id":"1","biz_opaque_callback_data":"x"`),
		"error":       inMessages(fakewhatsapp.PhoneNumberID, `"errors":[{"code":#,"title":"Rate limit hit","message":"m","error_data":{"details":"d"}}]`),
		"account":     change("account_update", `{"phone_number":"15550783881","event":"VERIFIED_ACCOUNT","n":#}`),
		"template":    change("message_template_status_update", `{"event":"APPROVED","message_template_id":#,"message_template_name":"n","message_template_language":"en","reason":null}`),
		"calls":       change("calls", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"`+fakewhatsapp.PhoneNumberID+`"},"calls":[{"id":"wacid.#","to":"1","from":"2","event":"connect"}]}`),
		"field":       change("time_travel", `{"to":#,"words":"`+words+`"}`),
	},
	text: func(user string, n int, text string) string {
		return inMessages(fakewhatsapp.PhoneNumberID, fmt.Sprintf(`"contacts":[{"profile":{"name":"Ada"},"wa_id":%q}],"messages":[{"from":%q,"id":"wamid.text%d","timestamp":"1749416383","type":"text","text":{"body":%q}}]`, user, user, n, text))
	},
	join: func(entries ...string) string {
		var changes []string
		for _, e := range entries {
			e = strings.TrimSuffix(e, `]}`)
			changes = append(changes, e[strings.Index(e, `[`)+1:])
		}
		return `{"id":"102290129340398","changes":[` + strings.Join(changes, ",") + `]}`
	},
	start: func(tb testing.TB) (*fakemeta.Server, *http.Client) {
		s := fakewhatsapp.New(tb)
		s.AddPerson(fakewhatsapp.Person{Phone: adasPhone, Scoped: "US.13491208655302741918"})
		return s.Server, nil
	},
	adapter: func(tb testing.TB, url string, client *http.Client) adapter {
		a, err := whatsapp.New(whatsapp.Config{
			AccessToken: fakewhatsapp.Token, AppSecret: appSecret, VerifyToken: verifyToken, PhoneNumberIDs: []string{fakewhatsapp.PhoneNumberID}, APIURL: url, HTTPClient: client,
		})
		require.NoError(tb, err)
		return a
	},
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
	refusals: []refusal{
		{401, 0, 0, chat.ErrAuthentication},
		{401, 190, 0, chat.ErrAuthentication},
		{400, 190, 463, chat.ErrAuthentication},
		{500, 3, 0, chat.ErrPermission},
		{403, 10, 0, chat.ErrPermission},
		{403, 200, 0, chat.ErrPermission},
		{403, 219, 0, chat.ErrPermission},
		{403, 299, 0, chat.ErrPermission},
		{400, 4, 0, chat.ErrRateLimited},
		{400, 80007, 0, chat.ErrRateLimited},
		{400, 130429, 0, chat.ErrRateLimited},
		{429, 130429, 0, chat.ErrRateLimited},
		{400, 131048, 0, chat.ErrRateLimited},
		{400, 131056, 0, chat.ErrRateLimited},
		{400, 133016, 0, chat.ErrRateLimited},
		{403, 368, 0, chat.ErrPermission},
		{403, 130497, 0, chat.ErrPermission},
		{403, 131031, 0, chat.ErrPermission},
		{403, 131005, 0, chat.ErrPermission},
		{400, 131050, 0, chat.ErrPermission},
		{400, 1, 0, nil},
		{503, 2, 0, chat.ErrTemporary},
		{500, 2, 0, chat.ErrTemporary},
		{400, 33, 0, nil},
		{400, 100, 0, chat.ErrInvalid},
		{400, 100, 33, chat.ErrNotFound},
		{400, 130472, 0, nil},
		{500, 131000, 0, chat.ErrTemporary},
		{400, 131008, 0, chat.ErrInvalid},
		{400, 131009, 0, chat.ErrInvalid},
		{500, 131016, 0, chat.ErrTemporary},
		{400, 131021, 0, chat.ErrInvalid},
		{400, 131026, 0, nil},
		{400, 131037, 0, nil},
		{400, 131042, 0, nil},
		{500, 131045, 0, nil},
		{400, 131047, 0, whatsapp.ErrWindowClosed},
		{400, 131047, 0, chat.ErrInvalid},
		{400, 131049, 0, nil},
		{400, 131051, 0, chat.ErrInvalid},
		{400, 131052, 0, nil},
		{400, 131053, 0, chat.ErrInvalid},
		{500, 131057, 0, chat.ErrTemporary},
		{400, 132000, 0, chat.ErrInvalid},
		{404, 132001, 0, chat.ErrNotFound},
		{400, 132005, 0, chat.ErrInvalid},
		{400, 132007, 0, nil},
		{400, 132012, 0, chat.ErrInvalid},
		{400, 132015, 0, nil},
		{400, 132016, 0, nil},
		{400, 132018, 0, nil},
		{400, 132068, 0, nil},
		{400, 132069, 0, nil},
		{500, 133000, 0, nil},
		{503, 133004, 0, chat.ErrTemporary},
		{400, 133010, 0, nil},
		{500, 134011, 0, nil},
		{400, 135000, 0, nil},
		{400, 4711, 0, chat.ErrInvalid},
		{418, 4711, 0, nil},
	},
}
