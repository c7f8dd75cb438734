package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// gchatPlatform has each message in a space of its own, where it names the bot. Both
// adapters check the token of each.
var gchatPlatform = platform{
	adapter: func(base string, client *http.Client) (chat.Adapter, error) {
		google := *client
		google.Transport = withGoogle{client.Transport}
		return gchat.New(gchat.Config{
			Credentials: fakegchat.Credentials(), ProjectNumber: fakegchat.ProjectNumber, BotUserID: "users/99", APIURL: base, HTTPClient: &google,
		})
	},
	request: func(n int) (*http.Request, string) {
		space := fmt.Sprintf(`"space":{"name":"spaces/S%d","type":"ROOM","spaceType":"SPACE"}`, n)
		const ada = `{"name":"users/100","displayName":"Ada","type":"HUMAN"}`
		body := fmt.Sprintf(`{"commonEventObject":{"hostApp":"CHAT"},"chat":{"user":%s,"eventTime":"2026-01-01T00:00:00Z","messagePayload":{%s,"message":{"name":"spaces/S%d/messages/T.M","sender":%s,`+
			`"createTime":"2026-01-01T00:00:00Z","text":"@thebot hello","thread":{"name":"spaces/S%d/threads/T"},%s,"annotations":[{"type":"USER_MENTION","startIndex":0,"length":7,`+
			`"userMention":{"type":"MENTION","user":{"name":"users/99","displayName":"thebot","type":"BOT"}}}]}}}}`, ada, space, n, ada, n, space)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/gchat", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+fakegchat.ChatToken())
		return r, fmt.Sprintf("spaces/S%d/messages/T.M", n)
	},
	rooted: "/v1/spaces/",
	answer: func(w http.ResponseWriter, r *http.Request, _ []byte, posted *atomic.Int64) {
		_, space, _ := strings.Cut(r.URL.Path, "/v1/")
		space, _, _ = strings.Cut(space, "/messages")
		fmt.Fprintf(w, `{"name":"%s/messages/T.B%d","sender":{"name":"users/99","type":"BOT"},"thread":{"name":"%s/threads/T"}}`, space, posted.Add(1), space)
	},
}

// withGoogle answers for Google's keys and tokens, which are at Google's addresses
// whatever the adapter is told.
type withGoogle struct{ others http.RoundTripper }

func (t withGoogle) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := map[string]string{
		"www.googleapis.com": fakegchat.ChatKeys(), "oauth2.googleapis.com": `{"access_token":"benchmark-token","expires_in":3600,"token_type":"Bearer"}`,
	}[r.URL.Host]
	if answer == "" {
		return t.others.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
	return w.Result(), nil
}
