package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
)

const slackSecret = "benchmark-secret"

var slackPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return slack.New(slack.Config{SigningSecret: slackSecret, BotToken: "xoxb-benchmark", APIURL: base + "/", HTTPClient: client})
	},
	request: func(n int) (*http.Request, string) {
		ts := fmt.Sprintf("%d.%06d", 1_700_000_000+n/1_000_000, n%1_000_000)
		body := fmt.Sprintf(`{"type":"event_callback","team_id":"T0BENCH","api_app_id":"A0APP","event_id":"Ev%d","event_time":1700000000,`+
			`"authorizations":[{"team_id":"T0BENCH","user_id":"U0BOT","is_bot":true}],"event":{"type":"app_mention","channel":"C0BENCH",`+
			`"channel_type":"channel","user":"U0ADA","ts":"%s","event_ts":"%s","team":"T0BENCH","text":"<@U0BOT> hello"}}`, n, ts, ts)
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		mac := hmac.New(sha256.New, []byte(slackSecret))
		fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/slack", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Slack-Request-Timestamp", stamp)
		r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
		return r, "C0BENCH:" + ts
	},
	answer: func(w http.ResponseWriter, r *http.Request, _ []byte, posted *atomic.Int64) {
		switch path.Base(r.URL.Path) {
		case "chat.postMessage":
			fmt.Fprintf(w, `{"ok":true,"channel":"C0BENCH","ts":"1800000000.%06d","message":{"text":"hello"}}`, posted.Add(1))
		case "auth.test":
			fmt.Fprint(w, `{"ok":true,"user_id":"U0BOT","bot_id":"B0BOT","team_id":"T0BENCH","user":"bot"}`)
		case "users.info":
			fmt.Fprint(w, `{"ok":true,"user":{"id":"U0ADA","name":"ada","real_name":"Ada","profile":{"display_name":"ada"}}}`)
		default:
			fmt.Fprint(w, `{"ok":true}`)
		}
	},
}
