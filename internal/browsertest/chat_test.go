package browsertest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

func TestAPersonChats(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.URL("/"))
	require.Equal(t, bot.Page(), eval[string](b, `location.href.split('#')[0]`), "the root leads to the page")

	b.send("Hello **you**")
	b.waitAnswer("Hello you")
	require.Equal(t, []string{
		"user: Hello **you**",
		"bot: Hello! I am Echo, and we have just met.",
		"bot: Message 1:\n\nHello you",
	}, b.messages())
	require.Equal(t, "Echo", eval[string](b, `document.querySelector('.message-bot strong').textContent`), "Markdown is shown")

	b.watchGrowth()
	b.send("stream")
	b.waitAnswer("another one would have gone on.")
	b.requireGrowth()

	before := b.messages()
	require.Len(t, before, 5)
	b.reload()
	b.waitAnswer("another one would have gone on.")
	require.Equal(t, before, b.messages(), "a reload keeps the history")
	require.Equal(t, "Hello you", eval[string](b, `document.querySelector('#conversation-title').textContent`), "a title has no Markdown")
}

func TestReloadInTheMiddleOfAnAnswer(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("stream")
	b.wait(`document.querySelector('.message-bot:last-child')?.textContent.includes('message left')`, "the answer has begun")
	b.reload()
	b.waitAnswer("would have gone on")
	require.Len(t, b.messages(), 3)
	require.Equal(t, int64(1), eval[int64](b, `document.body.innerText.split('Once a message left').length - 1`))
}

func TestConversations(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("first talk")
	b.waitAnswer("first talk")
	b.click("#new-conversation")
	b.waitOnline()
	b.wait(`document.querySelectorAll('.message').length === 0 && !document.querySelector('#greeting').hidden`, "a new conversation is empty")
	b.send("second talk")
	b.waitAnswer("second talk")
	titles := `[...document.querySelectorAll('.conversation-title')].map((e) => e.textContent).join('|')`
	b.wait(titles+` === 'second talk|first talk'`, "both are listed, the last used first")
	require.Equal(t, "second talk", eval[string](b, `document.querySelector('.conversation[aria-current] .conversation-title').textContent`))

	b.click("li:nth-child(2) > .conversation")
	b.waitAnswer("first talk")
	require.Len(t, b.messages(), 3)
	b.send("more of the first")
	b.waitAnswer("Message 2:")
	b.wait(titles+` === 'first talk|second talk'`, "the used one goes to the top")
	b.do(chromedp.NavigateBack())
	b.waitAnswer("second talk")
	b.reload()
	b.waitAnswer("second talk")

	b.do(chromedp.Navigate("about:blank"))
	b.open(bot.Page())
	b.waitAnswer("Message 2:")
	require.Contains(t, b.messages()[0], "first talk", "without an address the last used one opens")
}

func TestServerAway(t *testing.T) {
	bot := exampletest.Start(t, redistest.Shared(t).URL()+"?prefix="+url.QueryEscape(redistest.Shared(t).Prefix()))
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("before")
	b.waitAnswer("before")
	awaitIdle(t)

	bot.Kill(t)
	b.wait(`!document.querySelector('#notice').hidden && document.querySelector('#notice').innerText.includes('cannot be reached')`, "the page says that the server is away")
	require.Equal(t, "offline", eval[string](b, `document.querySelector('#status').dataset.state`))
	b.send("sent while away")
	b.wait(`document.querySelector('.message-user.pending')?.innerText.includes('sent while away')`, "the message waits")
	b.wait(`document.querySelector('#notice').innerText.includes('will be sent')`, "the page says that it is kept")
	b.write("half a thou")
	b.shoot("away")

	bot.Restart(t)
	b.waitOnline()
	b.wait(`document.querySelector('#notice').hidden`, "the notice is gone")
	b.waitAnswer("Message 2:\n\nsent while away"[len("Message 2:\n\n"):])
	require.Equal(t, "half a thou", eval[string](b, `document.querySelector('#composer-text').value`))
	messages := b.messages()
	require.Len(t, messages, 5)
	require.Equal(t, "user: sent while away", messages[3])
	require.Equal(t, "bot: Message 2:\n\nsent while away", messages[4], "it was counted once")

	b.reload()
	b.waitAnswer("sent while away")
	require.Equal(t, messages, b.messages())
	require.Equal(t, "half a thou", eval[string](b, `document.querySelector('#composer-text').value`), "a draft survives a reload")
}

// awaitIdle waits until the bot has given back the locks of what it has answered: a
// lock of a bot that is killed lives on for as long as Config.Lock.TTL.
func awaitIdle(t *testing.T) {
	t.Helper()
	server := redistest.Shared(t)
	client := server.Client(t)
	require.Eventually(t, func() bool {
		held, err := client.Keys(t.Context(), server.Prefix()+":lock:*").Result()
		return err == nil && len(held) == 0
	}, time.Minute, 10*time.Millisecond, "locks are still held")
}

func TestUnsentMessagesSurviveTheirPage(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	bot.Kill(t)
	b.wait(`document.querySelector('#status').dataset.state === 'offline'`, "the server is away")
	b.send("one")
	b.send("two\nlines")
	b.wait(`document.querySelectorAll('.message-user.pending').length === 2`, "both wait")
	address := eval[string](b, `location.href`)
	b.do(chromedp.Navigate("about:blank"))
	bot.Restart(t)
	b.open(address)
	b.waitAnswer("two\nlines"[4:])
	var own []string
	for _, m := range b.messages() {
		if strings.HasPrefix(m, "user: ") {
			own = append(own, m)
		}
	}
	require.Equal(t, []string{"user: one", "user: two\nlines"}, own, "in their order, once each")
}

func TestTwoPagesOfOnePerson(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("hello")
	b.waitAnswer("hello")
	other := b.another(wide)
	other.open(eval[string](b, `location.href`))
	other.waitAnswer("hello")
	other.watchGrowth()
	b.send("stream")
	other.waitAnswer("would have gone on")
	other.requireGrowth()
	b.waitAnswer("would have gone on")
	require.Equal(t, b.messages(), other.messages())

	stranger := newTab(t, wide)
	stranger.open(eval[string](b, `location.href`))
	stranger.wait(`!document.querySelector('#greeting').hidden`, "another person's page is empty")
	require.Empty(t, stranger.messages())
}

func TestTwoInstances(t *testing.T) {
	state := redistest.Shared(t).URL() + "?prefix=" + url.QueryEscape(redistest.Shared(t).Prefix())
	one, two := exampletest.Start(t, state), exampletest.Start(t, state)
	b := newTab(t, wide)
	b.open(one.Page())
	b.send("through the first")
	b.waitAnswer("through the first")
	address := eval[string](b, `location.hash`)
	other := b.another(wide)
	other.open(two.Page() + address) // cookies do not care for ports
	other.waitAnswer("through the first")
	other.send("through the second")
	other.waitAnswer("Message 2:")
	b.waitAnswer("Message 2:")
	require.Equal(t, other.messages(), b.messages(), "a page learns what another instance posted")
}

// A file of the page that does not arrive must not leave a page that does
// nothing.
func TestAPageThatLoadsInPart(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	var lost atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/sender.js") && lost.Add(1) <= 2 {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		target, err := url.Parse(bot.URL("/"))
		if err != nil {
			panic(err)
		}
		httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	b := newTab(t, wide)
	b.navigate(chromedp.Navigate(proxy.URL + "/webhooks/web/"))
	b.waitOnline()
	require.Greater(t, lost.Load(), int32(2))
	b.send("hello")
	b.waitAnswer("hello")
	b.do(chromedp.Navigate("about:blank")) // its streams would keep the proxy open
}
