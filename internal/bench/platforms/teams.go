package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// teamsToken is a token of the Bot Connector that is good for an hour.
var teamsToken = sync.OnceValue(func() string { return faketeams.SignedBy(faketeams.FirstKey(), faketeams.Claims(time.Now())) })

// teamsPlatform has each message in a channel of its own, where it mentions the bot. Both
// adapters check the token of each.
var teamsPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		to, err := url.Parse(base)
		if err != nil {
			return nil, err
		}
		microsoft := *client
		microsoft.Transport = withMicrosoft{client.Transport, to}
		return teams.New(teams.Config{AppID: faketeams.AppID, AppPassword: "benchmark", HTTPClient: &microsoft})
	},
	request: func(n int) (*http.Request, string) {
		channel, id := fmt.Sprintf("19:S%d@thread.tacv2", n), strconv.Itoa(1767225600000+n)
		body := fmt.Sprintf(`{"type":"message","id":%q,"timestamp":"2026-01-01T00:00:00Z","channelId":"msteams","serviceUrl":%q,"from":{"id":"29:ada","name":"Ada"},`+
			`"conversation":{"id":"%s;messageid=%s","conversationType":"channel","isGroup":true},"recipient":{"id":"28:%s","name":"thebot"},"text":"<at>thebot</at> hello","textFormat":"plain",`+
			`"entities":[{"type":"mention","text":"<at>thebot</at>","mentioned":{"id":"28:%s","name":"thebot"}}]}`, id, faketeams.ServiceURL, channel, id, faketeams.AppID, faketeams.AppID)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/teams", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+teamsToken())
		return r, string(faketeams.MessageID(channel, id))
	},
	answer: func(w http.ResponseWriter, _ *http.Request, _ []byte, posted *atomic.Int64) {
		fmt.Fprintf(w, `{"id":"%d"}`, 1769000000000+posted.Add(1))
	},
}

// withMicrosoft answers for Microsoft's keys and tokens, and has the fake be the Bot
// Connector: an activity names one of Microsoft's.
type withMicrosoft struct {
	others http.RoundTripper
	fake   *url.URL
}

func (t withMicrosoft) RoundTrip(r *http.Request) (*http.Response, error) {
	var answer any
	switch {
	case r.URL.Host == "login.microsoftonline.com":
		answer = map[string]any{"access_token": "benchmark-token", "expires_in": 3600, "token_type": "Bearer"}
	case strings.HasSuffix(r.URL.Path, "/keys"):
		answer = faketeams.KeySet(faketeams.FirstKey())
	case r.URL.Host == "login.botframework.com":
		answer = map[string]any{"jwks_uri": "https://login.botframework.com/v1/.well-known/keys"}
	default:
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host, r.URL.Path, r.URL.RawPath = t.fake.Scheme, t.fake.Host, t.fake.Path+r.URL.Path, ""
		return t.others.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		return nil, err
	}
	return w.Result(), nil
}
