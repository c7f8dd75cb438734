package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// choose has the person choose a picture of 320 by 200 pixels, and text files of these
// sizes.
func (b *tab) choose(picture string, texts ...int) {
	b.t.Helper()
	eval[bool](b, `(async () => {
		const files = new DataTransfer();
		if (%s) {
			const canvas = new OffscreenCanvas(320, 200);
			const context = canvas.getContext('2d');
			context.fillStyle = 'teal';
			context.fillRect(0, 0, 320, 200);
			files.items.add(new File([await canvas.convertToBlob()], %s, { type: 'image/png' }));
		}
		(%s ?? []).forEach((size, i) => files.items.add(new File(['x'.repeat(size)], 'notes-' + (i + 1) + '.txt', { type: 'text/plain' })));
		const input = document.querySelector('#files');
		input.files = files.files;
		input.dispatchEvent(new Event('change'));
		return true;
	})()`, picture, picture, texts)
}

// A person sends a picture and a file without a word, sees both, and so does the page
// that is loaded again.
func TestAPersonSendsFiles(t *testing.T) {
	source := axe(t)
	for _, window := range windows {
		t.Run(window.name, func(t *testing.T) {
			bot := newPageBot(t, func() chat.Postable { return chat.Text("seen") })
			b := newTab(t, window.size)
			b.open(bot.url)
			require.True(t, eval[bool](b, `document.querySelector('#send').disabled`))
			b.choose("teal.png", 40, 50, 1<<20)
			b.wait(`document.querySelectorAll('.chosen-file').length === 3 && document.querySelector('.chosen-picture').width === 96`, "what was chosen is shown")
			require.Equal(t, "notes-3.txt is larger than 65.5 kB.", eval[string](b, `document.querySelector('#chosen-problem').textContent`))
			require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), window.size.width)
			b.do(chromedp.Evaluate[chromedp.Void](source))
			for _, scheme := range []string{"dark", "light"} {
				b.colours(scheme)
				b.requireAccessible()
				b.shoot("chosen-" + scheme)
			}

			// One is taken away by keyboard, which stays at the next.
			b.do(chromedp.Focus(chromedp.CSS(".chosen-file:nth-child(2) .chosen-remove")))
			b.enter(0)
			b.wait(`document.querySelectorAll('.chosen-file').length === 2 && document.activeElement.getAttribute('aria-label') === 'Remove notes-2.txt'`, "one is gone")
			b.click("#send")
			b.waitAnswer("seen")
			shown := `document.querySelectorAll('.message-user .files li').length === 2
				&& document.querySelector('.message-user .file-picture img')?.naturalWidth === 320 && document.querySelectorAll('.chosen-file').length === 0`
			b.wait(shown, "the message has its files")
			b.shoot("sent")
			b.reload()
			b.wait(shown, "they are kept")
			b.do(chromedp.Evaluate[chromedp.Void](source))
			b.requireAccessible()
		})
	}
}

// Files wait with their message until the server is there.
func TestFilesAreKeptWhileTheServerIsAway(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	bot.Kill(t)
	b.wait(`!document.querySelector('#notice').hidden`, "the server is away")
	for range 5 { // more than the browser stores
		b.choose("", 1000<<10)
		b.wait(`document.querySelectorAll('.chosen-file').length === 1`, "a file is chosen")
		b.send("with a file")
	}
	b.send("the last")
	b.wait(`document.querySelectorAll('.message-user').length === 6`, "all wait")
	bot.Restart(t)
	b.wait(`document.querySelectorAll('.message-user .files a.file').length === 5 && !document.querySelector('.message-user.pending')`, "all are sent with their files")
	texts := eval[[]string](b, `[...document.querySelectorAll('.message-user .message-body')].map((e) => e.textContent)`)
	require.Equal(t, strings.Repeat("with a file|", 5)+"the last", strings.Join(texts, "|"))
}

// The last message can be changed, by keyboard too, and its answer goes with it.
func TestAPersonEditsTheLastMessage(t *testing.T) {
	source := axe(t)
	bot := newPageBot(t, func() chat.Postable { return chat.Text("an answer") })
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("first")
	b.waitAnswer("an answer")
	b.choose("teal.png")
	b.wait(`document.querySelector('.chosen-file')`, "a picture is chosen")
	b.send("second")
	b.wait(`document.querySelectorAll('.message-bot').length === 2 && document.querySelector('#typing').hidden`, "it is answered")
	require.Equal(t, int64(1), eval[int64](b, `document.querySelectorAll('[data-action=edit]').length`), "the last one alone")

	// Escape leaves all as it was.
	b.do(chromedp.Focus(chromedp.CSS("[data-action=edit]")))
	b.enter(0)
	b.wait(`!document.querySelector('#editing').hidden && document.querySelector('#composer-text').value === 'second' && document.querySelectorAll('.chosen-file').length === 1`, "it is in the box")
	require.Equal(t, "composer-text", eval[string](b, `document.activeElement.id`))
	b.do(chromedp.Evaluate[chromedp.Void](source))
	for _, scheme := range []string{"dark", "light"} {
		b.colours(scheme)
		b.requireAccessible()
		b.shoot("editing-" + scheme)
	}
	b.key(kb.Escape)
	b.wait(`document.querySelector('#editing').hidden && document.querySelector('#composer-text').value === ''`, "nothing is changed")

	answer := eval[string](b, `document.querySelector('.message-bot:last-child').dataset.id`)
	b.click("[data-action=edit]")
	b.wait(`!document.querySelector('#editing').hidden`, "it is in the box")
	eval[bool](b, `(document.querySelector('#composer-text').value = '', true)`)
	b.send("changed")
	b.wait(`document.querySelector('#log > li:last-child').classList.contains('message-bot') && document.querySelector('#log > li:last-child').dataset.id !== %s && document.querySelector('#typing').hidden`, "it is answered anew", answer)
	want := []string{"user: first", "bot: an answer", "user: changed", "bot: an answer"}
	require.Equal(t, want, b.messages())
	b.wait(`document.querySelector('.message-user:nth-child(3) .message-meta').textContent.includes('edited') && document.querySelector('.message-user:nth-child(3) img')?.naturalWidth === 320`, "it says so, and keeps its picture")
	b.shoot("edited")
	b.reload()
	b.wait(`document.querySelectorAll('.message').length === 4`, "the history is there")
	require.Equal(t, want, b.messages())
}
