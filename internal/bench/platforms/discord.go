package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
)

var discordKey = ed25519.NewKeyFromSeed([]byte("thirty-two bytes for benchmarks!"))

// discordPlatform has slash commands, which both sides take by webhook: messages come
// over Discord's gateway alone.
var discordPlatform = platform{
	commands: true,
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		return discord.New(discord.Config{
			BotToken: "MTIz.bench.mark", ApplicationID: "123", PublicKey: hex.EncodeToString(discordKey.Public().(ed25519.PublicKey)), WebhooksOnly: true,
			APIURL: base + "/api/v10", HTTPClient: client,
		})
	},
	request: func(n int) (*http.Request, string) {
		user := strconv.Itoa(400_000_000_000_000_000 + n)
		body := fmt.Sprintf(`{"id":"%d","application_id":"123","type":2,"token":"token-%d","version":1,"guild_id":"10","channel_id":"%d",`+
			`"channel":{"id":"%[3]d","type":0},"member":{"user":{"id":%q,"username":"ada","global_name":"Ada"},"roles":[]},"data":{"id":"7","name":"hello","type":1}}`,
			500_000_000_000_000_000+n, n, 600_000_000_000_000_000+n, user)
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/discord", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Signature-Timestamp", stamp)
		r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(discordKey, []byte(stamp+body))))
		return r, user
	},
	answer: func(w http.ResponseWriter, r *http.Request, _ []byte, posted *atomic.Int64) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/callback"): // of the response to an interaction
			fmt.Fprintf(w, `{"interaction":{"id":"1","type":2,"response_message_id":"%[1]d"},"resource":{"type":4,"message":{"id":"%[1]d","channel_id":"600","content":"hello"}}}`, 700_000_000_000_000_000+posted.Add(1))
		case r.Method == http.MethodPost || r.Method == http.MethodPatch:
			fmt.Fprintf(w, `{"id":"%d","channel_id":"600","content":"hello","author":{"id":"123","username":"thebot","bot":true},"timestamp":"2026-01-01T00:00:00Z"}`,
				700_000_000_000_000_000+posted.Add(1))
		default:
			fmt.Fprint(w, `{"id":"600","type":0,"guild_id":"10","name":"general","username":"thebot"}`)
		}
	},
}
