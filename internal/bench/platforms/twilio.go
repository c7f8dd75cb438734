package main

import (
	"crypto/sha1" //nolint:gosec // Reason: Twilio signs with HMAC-SHA1.
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	twilioToken   = "benchmark-token"
	twilioAccount = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	twilioURL     = "http://localhost/webhooks/twilio"
)

// twilioPlatform has each message from a user of its own to a number of its own: the npm
// adapter of that version has one lock for all users of a number.
var twilioPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return twilio.New(twilio.Config{AccountSID: twilioAccount, AuthToken: twilioToken, WebhookURL: twilioURL, APIURL: base, HTTPClient: client})
	},
	request: func(n int) (*http.Request, string) {
		id := fmt.Sprintf("SM%032d", n)
		fields := url.Values{"AccountSid": {twilioAccount}, "Body": {"@thebot hello"}, "From": {fmt.Sprintf("+1650%07d", n)}, "MessageSid": {id}, "NumMedia": {"0"}, "To": {fmt.Sprintf("+1500%07d", n)}}
		signed := []byte(twilioURL)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			signed = append(signed, name+fields.Get(name)...)
		}
		r := httptest.NewRequest(http.MethodPost, "/webhooks/twilio", strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", webhook.HMAC{Secrets: []string{twilioToken}, Hash: sha1.New, Encoding: webhook.Base64}.Sign(signed))
		return r, id
	},
	rooted: "/2010-04-01/",
	answer: func(w http.ResponseWriter, _ *http.Request, _ []byte, posted *atomic.Int64) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"sid":"SMf%031d","status":"queued","direction":"outbound-api"}`, posted.Add(1))
	},
}
