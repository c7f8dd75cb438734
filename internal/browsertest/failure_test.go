package browsertest

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A message that the bot has given up stays marked after a reload, and its button has
// it answered.
func TestAMessageThatWasNotAnsweredIsTriedAgain(t *testing.T) {
	var works atomic.Bool
	bot := newPageBot(t, func() chat.Postable {
		if !works.Load() {
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

	b.click(".message-user [data-action=retry]")
	b.wait(marked, "it has failed again")
	works.Store(true)
	b.click(".message-user [data-action=retry]")
	b.waitAnswer("here it is")
	b.wait(`!document.querySelector('.message-user.failed, [data-action=retry]')`, "the mark is gone")
	require.Equal(t, int64(1), eval[int64](b, `document.querySelectorAll('.message-user').length`))
	b.reload()
	b.waitAnswer("here it is")
	require.Equal(t, []string{"user: where is it?", "bot: here it is"}, b.messages())
}
