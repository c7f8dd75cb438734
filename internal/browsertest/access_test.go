package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

func TestKeyboard(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	require.Equal(t, "composer-text", eval[string](b, `document.activeElement.id`), "one can write at once")
	b.write("one\ntwo")
	require.Equal(t, "one\ntwo", eval[string](b, `document.querySelector('#composer-text').value`), "Shift and Enter make a line")
	b.enter(0)
	b.waitAnswer("two")
	require.Equal(t, "user: one\ntwo", b.messages()[0])
	require.Equal(t, "composer-text", eval[string](b, `document.activeElement.id`))
	b.enter(0)
	require.Empty(t, eval[string](b, `document.querySelector('#composer-text').value`))
	require.Len(t, b.messages(), 3, "nothing is not sent")

	// Everything that can be used can be reached, shows its focus and has a name.
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
	reached := map[string]bool{}
	for range 12 {
		b.do(chromedp.KeyEvent(kb.Tab))
		name := eval[string](b, `(() => {
			const at = document.activeElement;
			if (at === document.body) return '';
			const outline = getComputedStyle(at).outlineStyle !== 'none' || at.id === 'composer-text' || at.id === 'scroll';
			return (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent).trim() + (outline ? '' : ' (invisible)');
		})()`)
		reached[name] = true
	}
	for _, name := range []string{"Skip to the message box", "New conversation", "Message to Echo"} {
		require.Contains(t, reached, name)
	}
	for name := range reached {
		require.NotContains(t, name, "(invisible)")
	}
	unnamed := eval[[]string](b, `[...document.querySelectorAll('button, input, textarea, a')]
		.filter((e) => !(e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).trim()).map((e) => e.outerHTML)`)
	require.Empty(t, unnamed)
	b.wait(`document.querySelector('#announcer').textContent.includes('Message 1')`, "screen readers are told")
}

func TestPhone(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, phone)
	b.open(bot.Page())
	b.send("on the phone")
	b.waitAnswer("on the phone")
	require.Equal(t, "hidden", eval[string](b, `getComputedStyle(document.querySelector('#sidebar')).visibility`))
	b.click("#open-sidebar")
	b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'visible' && document.activeElement.id === 'close-sidebar'`, "the list slides in")
	b.wait(`document.querySelector('.conversation-title')?.textContent === 'on the phone'`, "the conversation is listed")
	b.shoot("list")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'hidden' && document.activeElement.id === 'open-sidebar'`, "Escape closes it")
	b.click("#open-sidebar")
	b.click(".conversation")
	b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'hidden'`, "choosing closes it")

	// Nothing sticks out, and what is touched is large enough.
	b.send("a very long word: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz and `code_that_does_not_end_code_that_does_not_end_code_that_does_not_end`")
	b.waitAnswer("does_not_end")
	require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), phone.width)
	require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('button')].filter((e) => e.offsetParent && !e.classList.contains('text-button') && e.getBoundingClientRect().height < 30).map((e) => e.outerHTML)`))
}
