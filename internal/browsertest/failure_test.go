package browsertest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A message that the bot has given up stays marked after a reload, and its button has
// it answered.
func TestAMessageThatWasNotAnsweredIsTriedAgain(t *testing.T) {
	var works atomic.Bool
	tried := make(chan struct{}, 100)
	bot := newPageBot(t, func() chat.Postable {
		if !works.Load() {
			defer func() { tried <- struct{}{} }()
			return chat.Stream(func(yield func(string, error) bool) { yield("", errors.New("the model is away")) })
		}
		return chat.Text("here it is")
	})
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("where is it?")
	const marked = `document.querySelector('.message-user.failed .message-failure')?.textContent === 'Not answered'`
	b.wait(marked, "the message is marked")
	b.reload()
	b.wait(marked, "the message is marked after a reload")
	b.shoot("not-answered")

	for len(tried) > 0 {
		<-tried
	}
	const again = `document.querySelector('.message-user [data-action=retry]').click()`
	b.do(chromedp.Evaluate[chromedp.Void](again))
	<-tried
	require.Eventually(t, func() bool {
		letters, err := bot.DeadLetters(t.Context())
		return err == nil && len(letters) == 1
	}, time.Minute, 20*time.Millisecond, "it has failed again")
	b.wait(marked, "it is marked again")
	works.Store(true)
	b.do(chromedp.Evaluate[chromedp.Void](again))
	b.waitAnswer("here it is")
	b.wait(`!document.querySelector('.message-user.failed, [data-action=retry]')`, "the mark is gone")
	require.Equal(t, int64(1), eval[int64](b, `document.querySelectorAll('.message-user').length`))
	b.reload()
	b.waitAnswer("here it is")
	require.Equal(t, []string{"user: where is it?", "bot: here it is"}, b.messages())
}
