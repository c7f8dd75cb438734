package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const whatsappSecret = "benchmark-secret"

// whatsappPlatform has each message from a user of its own.
var whatsappPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return whatsapp.New(whatsapp.Config{
			AccessToken: "benchmark-token", AppSecret: whatsappSecret, VerifyToken: "benchmark", PhoneNumberIDs: []string{"106540352242922"}, APIURL: base, HTTPClient: client,
		})
	},
	request: func(n int) (*http.Request, string) {
		user, id := fmt.Sprintf("1650%07d", n), fmt.Sprintf("wamid.%d", n)
		body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ada"},"wa_id":%q}],`+
			`"messages":[{"from":%q,"id":%q,"timestamp":"1700000000","type":"text","text":{"body":"@thebot hello"}}]}}]}]}`, user, user, id)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/whatsapp", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Hub-Signature-256", webhook.HMAC{Secrets: []string{whatsappSecret}, Prefix: "sha256="}.Sign([]byte(body)))
		return r, id
	},
	answer: func(w http.ResponseWriter, _ *http.Request, _ []byte, posted *atomic.Int64) {
		fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.out%d"}]}`, posted.Add(1))
	},
}
