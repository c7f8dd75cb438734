package webtest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
)

const friend = "https://app.example"

func TestAllowedOrigins(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok"), web: web.Config{AllowedOrigins: []string{friend, "http://localhost:3000"}}})
	for _, origin := range []string{friend, "http://localhost:3000"} {
		ask := b.do(http.MethodOptions, "", "", "", "Origin", origin, "Sec-Fetch-Site", "cross-site",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
		require.Equal(t, http.StatusNoContent, ask.StatusCode, "a browser asks without a user")
		require.Equal(t, origin, ask.Header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, "true", ask.Header.Get("Access-Control-Allow-Credentials"))
		require.Equal(t, "GET, POST, DELETE", ask.Header.Get("Access-Control-Allow-Methods"))
		require.Equal(t, "authorization,content-type", ask.Header.Get("Access-Control-Allow-Headers"))

		resp := b.do(http.MethodPost, "", "ada", turn("c1", origin, "hi"), "Origin", origin, "Sec-Fetch-Site", "cross-site")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, origin, resp.Header.Get("Access-Control-Allow-Origin"))
		require.Contains(t, resp.Header.Get("Access-Control-Expose-Headers"), "X-Vercel-Ai-Ui-Message-Stream")
		require.Contains(t, resp.Header.Values("Vary"), "Origin")
		require.Equal(t, origin, b.do(http.MethodGet, "/messages?conversation=c1", "ada", "", "Origin", origin).Header.Get("Access-Control-Allow-Origin"))
		bad := b.do(http.MethodPost, "", "", turn("c1", "m", "hi"), "Origin", origin, "Sec-Fetch-Site", "cross-site")
		require.Equal(t, http.StatusUnauthorized, bad.StatusCode)
		require.Equal(t, origin, bad.Header.Get("Access-Control-Allow-Origin"), "the page can read what is wrong")
	}
}

func TestOtherOriginsStayOut(t *testing.T) {
	for name, allowed := range map[string][]string{"none is allowed": nil, "one is allowed": {friend}} {
		t.Run(name, func(t *testing.T) {
			b := newBot(t, botOptions{handle: reply("ok"), web: web.Config{AllowedOrigins: allowed}})
			for _, origin := range []string{"https://evil.example", "https://app.example.evil.example", "https://xapp.example", "http://app.example", friend + ":8443", "null", friend + "/"} {
				ask := b.do(http.MethodOptions, "", "", "", "Origin", origin, "Access-Control-Request-Method", "POST")
				require.Empty(t, ask.Header.Get("Access-Control-Allow-Origin"), origin)
				for _, header := range [][]string{{"Origin", origin}, {"Origin", origin, "Sec-Fetch-Site", "cross-site"}} {
					resp := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "hi"), header...)
					require.Equal(t, http.StatusForbidden, resp.StatusCode, "%v", header)
				}
				read := b.do(http.MethodGet, "/messages?conversation=c1", "ada", "", "Origin", origin)
				require.Empty(t, read.Header.Get("Access-Control-Allow-Origin"), origin)
			}
			require.Empty(t, b.history("ada", "c1"))
		})
	}
}

func TestAllowedOriginsAreExact(t *testing.T) {
	for _, origin := range []string{
		"", "*", "null", "app.example", "https://*.example", "https://app.example/", "https://app.example/path", "https://APP.example",
		"https://app.example:443", "http://app.example:80", "ftp://app.example", "https://user@app.example", "https://app.example?x", "https://", "https://app.example:",
	} {
		_, err := web.New(web.Config{AllowedOrigins: []string{friend, origin}})
		require.ErrorIs(t, err, chat.ErrInvalidConfig, origin)
		require.ErrorContains(t, err, "AllowedOrigins[1]")
	}
}
