package browsertest

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// outside measures the page: it returns what sticks out of its box, in words.
// Boxes that may scroll sideways are those of code and tables, and a line that
// ends in an ellipsis may be longer than its box.
func (b *tab) outside() []string {
	b.t.Helper()
	return eval[[]string](b, `(() => {
		const wrong = [];
		const name = (e) => e.localName + (e.id ? '#' + e.id : '') + [...e.classList].map((each) => '.' + each).join('') + ' "' + e.textContent.trim().slice(0, 40) + '"';
		const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.hidden, svg, option, .skip, .sidebar:not(.open) .only-narrow');
		const scrolls = (e) => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.matches('.table, .code pre');
		const cuts = (e) => getComputedStyle(e).textOverflow === 'ellipsis';
		// The box that the element must stay in: its parent's, or the window.
		const frame = (e) => {
			for (let up = e.parentElement; up; up = up.parentElement) {
				if (scrolls(up) || cuts(up)) return null;
				if (getComputedStyle(up).display !== 'inline' && getComputedStyle(up).display !== 'contents') {
					const box = up.getBoundingClientRect();
					return { left: box.left, right: box.right, by: name(up) };
				}
			}
			return { left: 0, right: innerWidth, by: 'the window' };
		};
		const check = (what, rect, box) => {
			if (rect.width > 0 && box && (rect.left < box.left - 1 || rect.right > box.right + 1)) {
				wrong.push(what + ' from ' + Math.round(rect.left) + ' to ' + Math.round(rect.right) + ' is outside of ' + box.by + ' from ' + Math.round(box.left) + ' to ' + Math.round(box.right));
			}
		};
		for (const e of document.body.querySelectorAll('*')) {
			if (!seen(e)) continue;
			const style = getComputedStyle(e);
			const rect = e.getBoundingClientRect();
			if (style.position === 'fixed' || e.localName === 'dialog') check(name(e), rect, { left: 0, right: innerWidth, by: 'the window' });
			else if (!(parseFloat(style.marginLeft) < 0 || parseFloat(style.marginRight) < 0)) check(name(e), rect, frame(e));
			for (const text of e.childNodes) {
				if (text.nodeType !== Node.TEXT_NODE || !text.data.trim() || scrolls(e) || cuts(e)) continue;
				const range = document.createRange();
				range.selectNodeContents(text);
				const box = style.display === 'inline' ? frame(e) : { left: rect.left, right: rect.right, by: name(e) };
				for (const line of range.getClientRects()) check('the text of ' + name(e), line, box);
				const lines = new Set([...range.getClientRects()].map((line) => Math.round(line.top)));
				if (lines.size > 1 && e.matches('.jump, .status, kbd, .new-button')) wrong.push(name(e) + ' has ' + lines.size + ' lines');
			}
			if (e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(style.overflowX) && !scrolls(e)) wrong.push(name(e) + ' has a scroll bar for ' + e.scrollWidth + ' of ' + e.clientWidth + ' px');
			const high = e.scrollHeight - e.clientHeight;
			if (high > 0 && high < 8 && ['auto', 'scroll'].includes(style.overflowY)) wrong.push(name(e) + ' has a scroll bar for ' + high + ' px');
			if (parseFloat(style.fontSize) < 12 && [...e.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.data.trim()) && !e.matches('.task-mark')) wrong.push(name(e) + ' has letters of ' + style.fontSize);
		}
		for (const drawing of document.querySelectorAll('svg text')) {
			const size = parseFloat(getComputedStyle(drawing).fontSize) * drawing.getScreenCTM().a;
			const box = drawing.ownerSVGElement.getBoundingClientRect();
			if (seen(drawing.ownerSVGElement.parentElement) && size < 11.5) wrong.push(drawing.textContent + ' has letters of ' + size + ' px');
			check('the label ' + drawing.textContent, drawing.getBoundingClientRect(), { left: box.left, right: box.right, by: 'its chart' });
		}
		return wrong;
	})()`)
}

func (b *tab) requireInside() {
	b.t.Helper()
	if wrong := b.outside(); len(wrong) > 0 {
		b.shoot("outside")
		require.Empty(b.t, wrong)
	}
}

var longWords = []string{
	longTitle,
	strings.Repeat("w", 120),
	"https://example.com/" + strings.Repeat("path/", 30) + "?q=" + strings.Repeat("x", 60),
	"A title that has more words than there is room for in the list of conversations, and goes on",
	"`" + strings.Repeat("code_", 40) + "`",
	"שלום, כותרת ארוכה מאוד שאין לה מקום ברשימת השיחות וגם לא בראש הדף 123",
	talk,
	hebrew,
	"| " + strings.Repeat("head ", 20) + " | b |\n|---|---|\n| " + strings.Repeat("x", 90) + " | y |",
}

// TestNothingIsOutsideOfItsBox writes what is long, in windows of all sizes.
func TestNothingIsOutsideOfItsBox(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.requireInside()
	for i, text := range longWords {
		if i > 0 {
			b.startConversation()
		}
		b.send(text)
		b.wait(`document.querySelectorAll('.message-bot:not(.streaming)').length === 2 && document.querySelector('#typing').hidden`, "the bot has answered")
		b.wait(`document.querySelectorAll('.conversation').length === %s`, "the conversation is listed", i+1)
		for _, window := range []size{wide, {1920, 1000}, {900, 700}, {761, 700}, {760, 700}, phone, {320, 568}} {
			b.resize(window)
			b.requireInside()
		}
		b.resize(wide)
	}
	b.resize(phone)
	b.click("#open-sidebar")
	b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'visible'`, "the list slides in")
	b.requireInside()
}

// longCard has long words wherever a card can have words.
func longCard() *card.Card {
	long := strings.Repeat("Donaudampfschiff", 8)
	button := card.NewButton("a", long)
	menu := card.NewSelect("s", long, card.NewOption(long, "1"))
	radio := card.NewRadioSelect("r", long, &card.Option{Label: long, Value: "1", Description: long})
	table := card.NewTable([]string{long, "b", "c"}, []string{long, "x", long})
	c := card.New(long,
		card.NewText(long), card.NewLink(long, "https://example.com/"+long), card.NewImage("https://example.com/a.png", long),
		card.NewFields(card.NewField(long, long), card.NewField("a", "b")),
		card.NewSection(card.NewText(long)), table,
		card.NewPie(long, card.Segment{Label: long, Value: 3}, card.Segment{Label: "b", Value: 1}),
		card.NewChart(card.Bar, long, long, "b", "c").AddSeries(long, 1_000_000, 2_500_000, 3).WithAxes(long, long),
		card.NewChart(card.Line, "Hours", "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12").AddSeries("a", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
		card.NewActions(button, card.NewLinkButton(long, "https://example.com"), menu, radio))
	c.Subtitle = long
	return c
}

func TestNothingIsOutsideOfItsCard(t *testing.T) {
	form := card.NewModal("form", strings.Repeat("Donaudampfschiff", 8),
		card.NewTextInput("text", strings.Repeat("Donaudampfschiff", 8)),
		card.NewSelect("s", "Choose", card.NewOption(strings.Repeat("Donaudampfschiff", 8), "1")),
		card.NewRadioSelect("r", "One", card.NewOption(strings.Repeat("Donaudampfschiff", 8), "1")))
	form.SubmitLabel, form.CloseLabel = strings.Repeat("Submit", 12), strings.Repeat("Close", 12)
	bot := newPageBot(t, func() chat.Postable { return chat.Card(longCard()) })
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error { return ev.OpenModal(ctx, form) }, "a")
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('.card')`, "the card is there")
	sizes := []size{wide, {900, 700}, phone, {320, 568}}
	for _, window := range sizes {
		b.resize(window)
		b.wait(`innerWidth === %s && [...document.querySelectorAll('.chart-drawing[width]')].every((drawing) => Math.abs(drawing.getAttribute('width') - Math.min(512, Math.max(160, drawing.parentElement.clientWidth))) < 1.5)`, "the charts fit", window.width)
		b.requireInside()
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-action=a]').click()`))
	b.wait(`document.querySelector('dialog[open]')`, "the form is open")
	for _, window := range sizes {
		b.resize(window)
		b.requireInside()
	}
}

// TestColumnsDoNotShift compares where things stand before and after the
// conversation has a scroll bar that takes room.
func TestColumnsDoNotShift(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("hello")
	b.waitAnswer("hello")
	places := func() []float64 {
		return eval[[]float64](b, `[...document.querySelectorAll('#log, #composer')].flatMap((e) => [e.getBoundingClientRect().left, e.getBoundingClientRect().right])`)
	}
	before := places()
	require.Equal(t, before[:2], before[2:], "the messages stand above the message box")
	require.False(t, eval[bool](b, `document.querySelector('#scroll').scrollHeight > document.querySelector('#scroll').clientHeight`))
	for range 3 {
		b.send("help")
		b.waitAnswer("What you write may be")
	}
	require.True(t, eval[bool](b, `document.querySelector('#scroll').scrollHeight > document.querySelector('#scroll').clientHeight`))
	require.Less(t, eval[int64](b, `document.querySelector('#scroll').clientWidth`), eval[int64](b, `document.querySelector('#scroll').offsetWidth`), "the scroll bar takes room")
	require.Equal(t, before, places())
}

func TestWideningClosesTheListOfAPhone(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, phone)
	b.open(bot.Page())
	b.click("#open-sidebar")
	b.wait(`document.querySelector('#shade').checkVisibility() && document.activeElement.id === 'close-sidebar'`, "the list is open")
	require.True(t, eval[bool](b, `document.querySelector('#main').inert`), "what is covered cannot be reached")
	b.resize(wide)
	b.wait(`!document.querySelector('#shade').checkVisibility() && !document.querySelector('#main').inert`, "nothing is shaded or locked")
	require.Equal(t, "new-conversation", eval[string](b, `document.activeElement.id`), "the focus is not where nothing is")
	b.resize(phone)
	require.Equal(t, "hidden", eval[string](b, `getComputedStyle(document.querySelector('#sidebar')).visibility`), "narrow again, it is closed")
}

// TestBulletsAreThoseOfADocument: the messages are a list themselves.
func TestBulletsAreThoseOfADocument(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("- one\n  - two\n    - three\n      - four")
	b.waitAnswer("four")
	require.Equal(t, []string{"disc", "circle", "square", "square"}, eval[[]string](b, `[...document.querySelectorAll('.prose li')].map((e) => getComputedStyle(e).listStyleType)`))
}
