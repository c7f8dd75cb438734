package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const linearSecret = "benchmark-secret"

var linearPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return linear.New(linear.Config{WebhookSecret: linearSecret, APIKey: "benchmark-key", APIURL: base + "/graphql", HTTPClient: client})
	},
	request: func(n int) (*http.Request, string) {
		id := fmt.Sprintf("comment-%d", n)
		body := fmt.Sprintf(`{"action":"create","type":"Comment","createdAt":"2026-01-01T00:00:00Z","organizationId":"org-1","webhookId":"w","webhookTimestamp":%d,`+
			`"data":{"id":%q,"body":"@thebot hello","issueId":"issue-1","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z",`+
			`"user":{"id":"u-1","name":"Ada","email":"a@example.com","url":"https://linear.app/acme/profiles/ada"}}}`, time.Now().UnixMilli(), id)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/linear", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Linear-Signature", webhook.HMAC{Secrets: []string{linearSecret}}.Sign([]byte(body)))
		return r, id
	},
	answer: func(w http.ResponseWriter, _ *http.Request, body []byte, posted *atomic.Int64) {
		const comment = `{"__typename":"Comment","id":"c%d","body":"hello","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","url":"https://linear.app/x","reactions":[]}`
		switch {
		case strings.Contains(string(body), "commentCreate("):
			fmt.Fprintf(w, `{"data":{"commentCreate":{"success":true,"lastSyncId":1,"comment":`+comment+`}}}`, posted.Add(1))
		case strings.Contains(string(body), "comment("): // what the npm SDK asks for afterwards
			fmt.Fprintf(w, `{"data":{"comment":`+comment+`}}`, 1)
		default:
			fmt.Fprint(w, `{"data":{"viewer":{"id":"bot-1","displayName":"thebot","organization":{"id":"org-1"}}}}`)
		}
	},
}
