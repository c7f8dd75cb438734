package browsertest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// sides returns, for each element, on which side its text begins: "left" or
// "right". A line begins where its first word stands.
func (b *tab) sides(selector string) []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll(%s)].map((e) => {
		const words = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
		let text = words.nextNode();
		while (text && !text.data.trim()) text = words.nextNode();
		const at = (from, to) => { const range = document.createRange(); range.setStart(text, from); range.setEnd(text, to); return range.getBoundingClientRect(); };
		const end = text.data.trimEnd().length;
		const first = at(0, 1), last = at(end - 1, end);
		return first.left < last.left ? 'left' : 'right';
	})`, selector)
}

// TestRightToLeftText has each text begin on the side of its own script, next to
// others that begin on the other side.
func TestRightToLeftText(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("שלום React!")
	b.waitAnswer("React!")
	require.Equal(t, []string{"right"}, b.sides(".message-user .message-body"))
	require.Equal(t, []string{"right"}, b.sides(".message-bot:last-child .prose > p:last-child"))
	require.Equal(t, []string{"left"}, b.sides(".message-bot:last-child .prose > p:first-child"), "Message 1:")
	b.wait(`document.querySelector('.conversation-title')`, "the conversation is listed")
	require.Equal(t, []string{"right", "right"}, b.sides(".conversation-title, #conversation-title"))
	// The mark at the end of a right-to-left sentence stands at its left.
	require.True(t, eval[bool](b, `(() => {
		const text = document.querySelector('.message-user .message-body').firstChild;
		const at = (i) => { const range = document.createRange(); range.setStart(text, i); range.setEnd(text, i + 1); return range.getBoundingClientRect().left; };
		return at(text.length - 1) < at(0);
	})()`))

	b.write("עברית")
	require.Equal(t, "rtl", eval[string](b, `getComputedStyle(document.querySelector('#composer-text')).direction`))
	b.enter(0)
	b.waitAnswer("עברית")

	b.send(hebrew)
	b.waitAnswer("12 MB")
	require.Equal(t, []string{"right", "right", "right", "right"}, b.sides(".message-bot:last-child .prose li"))
	right := eval[[]bool](b, `[...document.querySelectorAll('.message-bot:last-child .prose :is(ul, ol, blockquote)')].map((e) => {
		const style = getComputedStyle(e);
		return parseFloat(style.paddingRight) > parseFloat(style.paddingLeft) && (e.localName !== 'blockquote' || parseFloat(style.borderRightWidth) === 3);
	})`)
	require.Equal(t, []bool{true, true, true}, right, "bullets, numbers and the bar of a quote stand on the right")
	require.True(t, eval[bool](b, `(() => {
		const [first, second] = document.querySelectorAll('.message-bot:last-child th');
		return first.getBoundingClientRect().left > second.getBoundingClientRect().left;
	})()`), "the first column is the right one")

	b.send("```\nשלום = 1;\n```\n\nEnglish, then a list:\n\n- English\n- עברית, כאן")
	b.waitAnswer("כאן")
	require.Equal(t, "ltr", eval[string](b, `getComputedStyle(document.querySelector('.message-bot:last-child pre')).direction`), "code has one direction")
	require.Equal(t, []string{"left", "right"}, b.sides(".message-bot:last-child .prose li"), "each item has its own")
}

func TestRightToLeftCards(t *testing.T) {
	const hello = "שלום לכולם"
	form := card.NewModal("form", hello, card.NewText(hello), card.NewTextInput("t", hello), card.NewRadioSelect("r", hello, card.NewOption(hello, "1")))
	bot := newPageBot(t, func() chat.Postable {
		c := card.New(hello, card.NewText(hello), card.NewLink(hello, "https://example.com"), card.NewFields(card.NewField(hello, hello)),
			card.NewTable([]string{hello}, []string{hello}), card.NewPie(hello, card.Segment{Label: hello, Value: 1}),
			card.NewActions(card.NewButton("a", hello), card.NewSelect("s", hello, card.NewOption(hello, "1")), card.NewRadioSelect("r", hello, card.NewOption(hello, "1"))))
		c.Subtitle = hello
		return chat.Card(c)
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error { return ev.OpenModal(ctx, form) }, "a")
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('.card')`, "the card is there")
	const texts = `.card :is(h2, .card-subtitle, .prose > p, a, dt, dd > p, th, td, figcaption, .chart-legend li, .button, .field-label, .radio > span)`
	b.click("[data-action=a]")
	b.wait(`document.querySelector('dialog[open]')`, "the form is open")
	const fields = `dialog[open] :is(h2, .prose > p, .field-label, .radio > span)`
	for _, selector := range []string{texts, fields} {
		wrong := eval[[]string](b, `[...document.querySelectorAll(%s)].filter((e) => !e.closest('.hidden') && getComputedStyle(e).direction !== 'rtl').map((e) => e.outerHTML)`, selector)
		require.Empty(t, wrong)
		require.NotEmpty(t, b.sides(selector))
	}
}
