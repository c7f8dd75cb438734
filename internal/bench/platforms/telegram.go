package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	telegramSecret = "benchmark-secret"
	telegramToken  = "4711:benchmark"
)

// telegramPlatform has each message in a group of its own, where it names the bot.
var telegramPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return telegram.New(telegram.Config{BotToken: telegramToken, WebhookSecret: telegramSecret, APIURL: base, HTTPClient: client})
	},
	request: func(n int) (*http.Request, string) {
		group := fmt.Sprintf("-100%d", 1_000_000+n)
		body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1700000000,"chat":{"id":%s,"type":"supergroup","title":"Bench"},`+
			`"from":{"id":100,"is_bot":false,"first_name":"Ada","username":"ada"},"text":"@thebot hello","entities":[{"type":"mention","offset":0,"length":7}]}}`, n, group)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/telegram", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", telegramSecret)
		return r, group + ":1"
	},
	answer: func(w http.ResponseWriter, r *http.Request, _ []byte, posted *atomic.Int64) {
		const bot = `{"id":4711,"is_bot":true,"first_name":"Bot","username":"thebot"}`
		switch method := path.Base(r.URL.Path); method {
		case "getMe":
			fmt.Fprintf(w, `{"ok":true,"result":%s}`, bot)
		case "sendMessage", "sendRichMessage": // the npm SDK's is the richer one
			fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d,"date":1700000000,"chat":{"id":-1001,"type":"supergroup"},"from":%s,"text":"hello"}}`, posted.Add(1), bot)
		default:
			fmt.Fprint(w, `{"ok":true,"result":true}`)
		}
	},
}
