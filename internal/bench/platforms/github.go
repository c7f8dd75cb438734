package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const githubSecret = "benchmark-secret"

// githubPlatform has each comment on an issue of its own.
var githubPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return github.New(github.Config{WebhookSecret: githubSecret, Token: "benchmark-token", UserName: "thebot", APIURL: base, HTTPClient: client})
	},
	request: func(n int) (*http.Request, string) {
		body := fmt.Sprintf(`{"action":"created","issue":{"id":%d,"number":%[1]d,"title":"Bench","state":"open","user":{"id":100,"login":"ada","type":"User"}},`+
			`"comment":{"id":%[1]d,"node_id":"IC_%[1]d","body":"@thebot hello","html_url":"https://github.com/acme/bench/issues/%[1]d#issuecomment-%[1]d",`+
			`"user":{"id":100,"login":"ada","type":"User"},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"},`+
			`"repository":{"id":1,"name":"bench","full_name":"acme/bench","owner":{"id":2,"login":"acme"}},"sender":{"id":100,"login":"ada","type":"User"}}`, n+1)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/github", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GitHub-Event", "issue_comment")
		r.Header.Set("X-GitHub-Delivery", fmt.Sprintf("delivery-%d", n))
		r.Header.Set("X-Hub-Signature-256", "sha256="+webhook.HMAC{Secrets: []string{githubSecret}}.Sign([]byte(body)))
		return r, fmt.Sprintf("issuecomment-%d", n+1)
	},
	answer: func(w http.ResponseWriter, r *http.Request, _ []byte, posted *atomic.Int64) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/comments"):
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"id":%d,"body":"hello","user":{"id":4711,"login":"thebot","type":"Bot"},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`, 1_000_000_000+posted.Add(1))
		default:
			fmt.Fprint(w, `{"id":4711,"login":"thebot","type":"User","name":"bench","full_name":"acme/bench"}`)
		}
	},
}
