package webtest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
)

func TestWithoutAUserNothingIsServed(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	for _, request := range []struct{ method, path, body string }{
		{http.MethodGet, "/", ""},
		{http.MethodPost, "", turn("c", "m", "hi")},
		{http.MethodGet, "/events?conversation=c", ""},
		{http.MethodGet, "/messages?conversation=c", ""},
		{http.MethodGet, "/conversations", ""},
	} {
		resp := b.do(request.method, request.path, "", request.body)
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, "%+v", request)
		require.Equal(t, "you are not signed in", errorText(t, resp), "the reason is the program's business")
	}
}

func TestUsersThatCannotBeLookedUpNow(t *testing.T) {
	b := newBot(t, botOptions{web: web.Config{User: func(*http.Request) (chat.Author, error) {
		return chat.Author{}, fmt.Errorf("session store: %w", chat.ErrTemporary)
	}}})
	resp := b.do(http.MethodGet, "/conversations", "", "")
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "the page tries again instead of asking to sign in")
}

func TestAUserReachesOwnConversationsOnly(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("for your eyes only")})
	b.say("ada", "c1", "m1", "secret")
	// Whatever ids another user combines, none leads to Ada's thread.
	for _, user := range []string{"bob", "ada:c1", "web:ada", "ada%3A", "a"} {
		for _, conversation := range []string{"c1", "ada:c1", "web:ada:c1", "../ada/c1", ":c1", "da:c1"} {
			require.Empty(t, b.history(user, conversation), "%q %q", user, conversation)
			_, history := b.open(user, conversation)
			require.Empty(t, history)
		}
	}
}

func TestUnusableUsers(t *testing.T) {
	for _, id := range []chat.UserID{"", "a\x00b", "\xff", chat.UserID(strings.Repeat("x", 257))} {
		b := newBot(t, botOptions{web: web.Config{User: func(*http.Request) (chat.Author, error) { return chat.Author{UserID: id}, nil }}})
		resp := b.do(http.MethodGet, "/conversations", "", "")
		require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
		require.Contains(t, b.log.String(), "user-invalid", "the operator is told")
	}
}

func TestOtherSitesCannotAct(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
	} {
		resp := b.do(http.MethodPost, "", "ada", turn("c", "m", "hi"), header...)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, "%v", header)
		require.NotEmpty(t, errorText(t, resp))
	}
	require.Equal(t, http.StatusUnsupportedMediaType, b.do(http.MethodPost, "", "ada", turn("c", "m", "hi"), "Content-Type", "text/plain").StatusCode)
	require.Empty(t, b.history("ada", "c"))
	for _, header := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", b.server.URL}, nil} {
		require.Equal(t, http.StatusOK, b.do(http.MethodPost, "", "ada", turn("c", rand.Text(), "hi"), header...).StatusCode, "%v", header)
	}
}

func TestTheDefaultUserIsABrowser(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok"), cookies: true})
	visit := func(jar http.CookieJar, path string) *http.Response {
		client := &http.Client{Jar: jar}
		resp, err := client.Get(b.server.URL + "/webhooks/web" + path)
		require.NoError(t, err)
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	resp := visit(jar, "/")
	require.Len(t, resp.Cookies(), 1)
	cookie := resp.Cookies()[0]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.GreaterOrEqual(t, len(cookie.Value), 26, "128 random bits")
	require.Empty(t, visit(jar, "/").Cookies(), "the browser is known now")

	client := &http.Client{Jar: jar}
	resp, err = client.Post(b.server.URL+"/webhooks/web", "application/json", strings.NewReader(turn("c", "m", "hi")))
	require.NoError(t, err)
	readAll(t, resp)
	require.Contains(t, string(readAll(t, visit(jar, "/messages?conversation=c"))), `"text":"hi"`)
	other, err := cookiejar.New(nil)
	require.NoError(t, err)
	require.NotContains(t, string(readAll(t, visit(other, "/messages?conversation=c"))), `"text":"hi"`)
}

func TestBadRequests(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok"), config: func(c *chat.Config) { c.Webhook.MaxBodyBytes = 100_000 }})
	for _, test := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{http.MethodPost, "", `{`, 400, "not JSON"},
		{http.MethodPost, "", `{"id":"c","messages":[]}`, 400, "messages"},
		{http.MethodPost, "", turn("", "m", "x"), 400, "id is empty"},
		{http.MethodPost, "", turn("c", "", "x"), 400, "messages[0].id is empty"},
		{http.MethodPost, "", turn("c", "m", strings.Repeat("x", 33<<10)), 413, "want at most 32768"},
		{http.MethodPost, "", turn("c", "m", strings.Repeat("x", 200_000)), 413, "more than 100000 bytes"},
		{http.MethodGet, "/events", "", 400, "conversation is empty"},
		{http.MethodGet, "/messages?conversation=" + url.QueryEscape("a\nb"), "", 400, "conversation holds a control character"},
		{http.MethodGet, "/nothing", "", 404, "nothing"},
		{http.MethodDelete, "/messages", "", 404, "nothing"},
		{http.MethodDelete, "/conversations", "", 400, "conversation is empty"},
		{http.MethodGet, "/assets/../doc.go", "", 404, "nothing"},
		{http.MethodPost, "//", turn("c", "m", "x"), 404, "nothing"},
	} {
		resp := b.do(test.method, test.path, "ada", test.body)
		require.Equal(t, test.status, resp.StatusCode, "%s %s", test.method, test.path)
		require.Contains(t, errorText(t, resp), test.text)
	}
	require.Equal(t, http.StatusNoContent, b.do(http.MethodGet, "/some/id/stream", "ada", "").StatusCode, "there is no stream to resume")
}

func TestThePageIsLockedDown(t *testing.T) {
	b := newBot(t, botOptions{web: web.Config{Title: `<b>"Bot"</b>`, Greeting: "Hi <i>there</i>"}})
	resp := b.do(http.MethodGet, "", "ada", "")
	require.Equal(t, http.StatusTemporaryRedirect, resp.StatusCode)
	require.Equal(t, "./web/", resp.Header.Get("Location"), "relative, for proxies that cut the path")

	resp = b.do(http.MethodGet, "/", "ada", "")
	body := string(readAll(t, resp))
	require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	require.Contains(t, body, "<title>&lt;b&gt;&#34;Bot&#34;&lt;/b&gt;</title>")
	require.Contains(t, body, "Hi &lt;i&gt;there&lt;/i&gt;")
	require.NotContains(t, body, "<i>there")
	policy := resp.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	for header, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
		require.Equal(t, value, resp.Header.Get(header))
	}

	asset := b.do(http.MethodGet, "/assets/app.js", "ada", "")
	require.Equal(t, "text/javascript; charset=utf-8", asset.Header.Get("Content-Type"))
	again := b.do(http.MethodGet, "/assets/app.js", "ada", "", "If-None-Match", asset.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
}
