package browsertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// tabTo presses Tab until the element that the selector names has the focus.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 60 {
		if eval[bool](b, `document.activeElement.matches(%s)`, selector) {
			return
		}
		b.key(kb.Tab)
	}
	b.shoot("unreachable")
	b.t.Fatalf("Tab does not reach %s; the focus is on %s", selector, eval[string](b, `document.activeElement.outerHTML`))
}

// TestEverythingByKeyboard does what a person does, without a mouse.
func TestEverythingByKeyboard(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.demo("menu", "What shall I show?")
	b.tabTo("[data-action=charts]")
	b.enter(0)
	b.wait(`document.querySelectorAll('.chart svg[role=img]').length === 4`, "a button works")
	b.wait(`!document.querySelector('[aria-busy]') && document.querySelector('#typing').hidden`, "the bot has done its work, so that nothing but keys scrolls")
	b.painted()

	// The conversation scrolls.
	b.tabTo("#scroll")
	require.NotEqual(t, "none", eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`), "the focus shows")
	bottom := eval[float64](b, `document.querySelector('#scroll').scrollTop`)
	require.Greater(t, bottom, 100.0)
	b.key(kb.Home)
	b.wait(`document.querySelector('#scroll').scrollTop === 0`, "Home goes to the beginning")
	b.painted() // the browser's scrolling is a frame behind what scripts see
	b.key(kb.PageDown)
	b.wait(`document.querySelector('#scroll').scrollTop > 30`, "Page Down goes on")
	b.painted()
	require.False(t, eval[bool](b, `document.querySelector('#jump').hidden`), "the page says that there is more")
	b.key(kb.End)
	b.wait(`document.querySelector('#jump').hidden`, "End goes to the newest messages")

	// An answer is stopped.
	b.tabTo("#composer-text")
	b.send("stream")
	b.wait(`document.querySelector('.streaming .prose')`, "the answer has begun")
	b.tabTo("#stop")
	b.enter(0)
	b.wait(`document.querySelector('#stop').hidden && !document.querySelector('.streaming')`, "it is stopped")
	require.Equal(t, "composer-text", eval[string](b, `document.activeElement.id`), "one can go on writing")

	// A second conversation is begun, and the first deleted.
	b.tabTo("#new-conversation")
	b.enter(0)
	b.wait(`!document.querySelector('#greeting').hidden`, "a new conversation")
	b.demo("table", "TypeScript")
	b.wait(`document.querySelectorAll('.conversation').length === 2`, "both are listed")
	b.tabTo("li:nth-child(2) > .conversation-delete")
	require.Equal(t, "1", eval[string](b, `getComputedStyle(document.activeElement).opacity`), "what has the focus is seen")
	b.enter(0)
	b.wait(`document.querySelector('#deletion').open`, "the page asks")
	b.tabTo("#deletion-yes")
	b.enter(0)
	b.wait(`!document.querySelector('#deletion').open && document.querySelectorAll('.conversation').length === 1`, "it is gone")
	require.True(t, eval[bool](b, `document.activeElement.matches('.conversation')`), "the focus is on its neighbour")
	b.key(kb.Tab)
	b.enter(0)
	b.tabTo("#deletion-yes")
	b.enter(0)
	b.wait(`!document.querySelector('#deletion').open && document.querySelectorAll('.conversation').length === 0`, "none is left")
	require.Equal(t, "new-conversation", eval[string](b, `document.activeElement.id`))
}

// TestFocusSurvivesTheListOfConversations: it is drawn anew whenever something
// happens, and whenever the connection is back.
func TestFocusSurvivesTheListOfConversations(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable { return chat.Text("an answer") })
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hello")
	b.waitAnswer("an answer")
	b.wait(`document.querySelector('.conversation')`, "the conversation is listed")
	for _, selector := range []string{".conversation", ".conversation-delete"} {
		b.tabTo(selector)
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('.conversation-item').dataset.old = ''`))
		bot.cutConnections()
		b.wait(`document.querySelector('.conversation-item:not([data-old])')`, "the list is drawn anew")
		b.wait(`document.activeElement.matches(%s)`, "the focus stays", selector)
	}
}

// TestClickedButtons: a click leaves a mark, a double click is one.
func TestClickedButtons(t *testing.T) {
	var tickets atomic.Int32
	bot := newPageBot(t, func() chat.Postable {
		return chat.Card(card.New("Help", card.NewActions(card.NewButton("ticket", "Open a ticket").WithStyle(card.Primary), card.NewButton("form", "Write more").WithModal())))
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text(fmt.Sprintf("Ticket %d is open.", tickets.Add(1))))
		return err
	}, "ticket")
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		return ev.OpenModal(ctx, card.NewModal("form", "More", card.NewTextInput("t", "Text")))
	}, "form")
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('[data-action=ticket]')`, "the card is there")
	look := func() string {
		return eval[string](b, `(() => { const style = getComputedStyle(document.querySelector('[data-action=ticket]')); return style.backgroundColor + style.borderColor; })()`)
	}
	before := look()
	clickTicket := func(detail int) (taken bool) {
		return eval[bool](b, `(() => {
			const button = document.querySelector('[data-action=ticket]');
			button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: %s }));
			return button.hasAttribute('aria-busy');
		})()`, detail)
	}
	require.True(t, clickTicket(1))
	b.wait(`document.querySelector('[data-action=ticket]').classList.contains('clicked')`, "the button looks clicked")
	b.waitAnswer("is open.")
	require.False(t, clickTicket(2), "a double click is one click")
	require.Equal(t, int32(1), tickets.Load())
	require.NotEqual(t, before, look())
	require.Equal(t, "Open a ticket (clicked)", eval[string](b, `document.querySelector('[data-action=ticket]').textContent`), "screen readers are told")

	b.reload()
	b.wait(`document.querySelector('[data-action=ticket].clicked')`, "it still does after a reload")
	b.click("[data-action=form]")
	b.wait(`document.querySelector('dialog[open]')`, "the form is open")
	b.key(kb.Escape)
	b.wait(`!document.querySelector('dialog[open]') && !document.querySelector('[aria-busy]')`, "the form is closed")
	require.False(t, eval[bool](b, `document.querySelector('[data-action=form]').classList.contains('clicked')`), "a form that was only opened is not done")
	b.click("[data-action=ticket]")
	b.waitAnswer("Ticket 2 is open.")
}

// TestAButtonThatCountsOnceIsClickedOnce: by the page, after a reload, and in
// another tab, which does not know of the click.
func TestAButtonThatCountsOnceIsClickedOnce(t *testing.T) {
	var tickets atomic.Int32
	bot := newPageBot(t, func() chat.Postable {
		return chat.Card(card.New("Help", card.NewActions(card.NewButton("ticket", "Open a ticket").WithStyle(card.Primary).WithOnce(), card.NewButton("show", "Show"))))
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		n := tickets.Add(1)
		if n == 1 {
			return errors.New("the tickets are away")
		}
		_, err := ev.Thread.Post(ctx, chat.Text(fmt.Sprintf("Ticket %d is open.", n)))
		return err
	}, "ticket")
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("shown"))
		return err
	}, "show")
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('[data-action=ticket]')`, "the card is there")
	b.tabTo("[data-action=ticket]")
	b.enter(0)
	b.wait(`document.querySelector('.card-problem')`, "the failure is told")
	require.Empty(t, eval[string](b, `document.querySelector('[data-action=ticket]').ariaDisabled ?? ''`), "a click that failed does not count")
	b.click(".card-status button")
	b.waitAnswer("Ticket 2 is open.")
	const used = `document.querySelector('[data-action=ticket].clicked')?.ariaDisabled === 'true'`
	b.wait(used, "the button is used")
	require.False(t, eval[bool](b, `(() => {
		const button = document.querySelector('[data-action=ticket]');
		button.click();
		return button.hasAttribute('aria-busy');
	})()`), "it does nothing any more")

	b.reload()
	b.wait(used, "it is used after a reload")
	b.click("[data-action=ticket]")
	for n := range 2 {
		b.click("[data-action=show]")
		b.wait(`document.querySelectorAll('.message-bot').length === %s && !document.querySelector('[aria-busy]')`, "other buttons work as often as they are clicked", n+3)
	}

	other := b.another(wide)
	other.open(eval[string](b, `location.href`))
	other.wait(`document.querySelector('[data-action=ticket]')`, "the card is there")
	other.do(chromedp.Evaluate[chromedp.Void](`sessionStorage.clear()`))
	other.reload()
	other.wait(`document.querySelector('[data-action=ticket]')`, "the card is there")
	other.click("[data-action=ticket]")
	other.wait(`document.querySelector('.ephemeral')?.textContent.includes('This was clicked before')`, "the person is told")
	other.wait(used, "the button is used here too")
	require.Equal(t, int32(2), tickets.Load())
}

// TestStopButton stops an answer that grows, and one that has not begun.
func TestStopButton(t *testing.T) {
	held := make(chan struct{})
	bot := newPageBot(t, func() chat.Postable {
		return chat.Stream(func(yield func(string, error) bool) {
			if yield("The first words", nil) {
				<-held
			}
		})
	})
	bot.Use(func(next chat.Handler) chat.Handler {
		return func(ctx context.Context, ev chat.Event) error {
			go func() {
				<-ctx.Done()
				close(held)
			}()
			return next(ctx, ev)
		}
	})
	b := newTab(t, wide)
	b.open(bot.url)
	require.True(t, eval[bool](b, `document.querySelector('#stop').hidden`))
	b.send("hi")
	b.wait(`document.querySelector('.streaming .prose')?.textContent === 'The first words' && !document.querySelector('#stop').hidden`, "the answer has begun")
	b.requireInside()
	b.click("#stop")
	b.wait(`!document.querySelector('.streaming') && document.querySelector('#stop').hidden`, "it is stopped")
	b.wait(`document.querySelector('.message-bot .message-meta').innerText.includes('stopped')`, "the page says so")
	require.Equal(t, "The answer was stopped.", eval[string](b, `document.querySelector('.message-note').textContent`))
	require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('.message-problem')].map((e) => e.textContent)`), "what the person wants is no failure")
	b.reload()
	b.wait(`document.querySelector('.message-bot .message-meta')?.innerText.includes('stopped')`, "also after a reload")
}

func TestAnswersAreCopied(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	for _, permission := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.Call(b.ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: permission}, Setting: browser.PermissionSettingGranted})
		require.NoError(t, err)
	}
	b.open(bot.Page())
	b.demo("stream", "it is kept")
	copied := func() string { return eval[string](b, `navigator.clipboard.readText()`) }
	b.click("#log > li:last-child .tool-button")
	b.wait(`document.querySelector('#log > li:last-child .tool-button').textContent === 'Copied'`, "the button says that it is done")
	require.Contains(t, copied(), "1. **Markdown** comes word by word", "an answer is copied as Markdown")
	require.Contains(t, copied(), "```go\nfmt.Println(\"hello\")\n```")
	b.demo("card", "Order #1234")
	b.click("#log > li:last-child .tool-button")
	b.wait(`document.querySelector('#log > li:last-child .tool-button').textContent === 'Copied'`, "the button says that it is done")
	require.Contains(t, copied(), "**Order #1234**", "a card is copied as its text")
	b.wait(`document.querySelector('#log > li:last-child .tool-button').textContent === 'Copy'`, "it can be copied again")
}

// TestLengthsAreCountedInCharacters, not in bytes, whatever the script.
func TestLengthsAreCountedInCharacters(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	fill := func(text string) string {
		return eval[string](b, `(() => {
			const box = document.querySelector('#composer-text');
			box.value = %s;
			box.dispatchEvent(new Event('input'));
			return document.querySelector('#composer-hint').textContent + (document.querySelector('#send').disabled ? '' : ' (sends)');
		})()`, text)
	}
	const most = 32 << 10
	require.Contains(t, fill("hello"), "starts a new line (sends)")
	require.Equal(t, "Room for about 68 characters more (sends)", fill(strings.Repeat("x", most-68)))
	require.Equal(t, "Too long by 1 character", fill(strings.Repeat("x", most+1)))
	require.Equal(t, "Room for about 34 characters more (sends)", fill(strings.Repeat("ש", (most-68)/2)))
	require.Equal(t, "Too long by 1,000 characters", fill(strings.Repeat("😀", most/4+1000)))
	require.Contains(t, fill(""), "starts a new line")
}

func TestTheStateIsAway(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable { return chat.Text("an answer") })
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.waitAnswer("an answer")
	// The page may have tried by itself before, and then the button is hidden.
	tryNow := func() {
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#notice-button').click()`))
	}
	bot.broken.Store(true)
	// The stream of events is still open: only sending shows that something is wrong.
	b.send("sent meanwhile")
	b.wait(`document.querySelector('#notice').checkVisibility() && document.querySelector('#notice').innerText.includes('The bot is not available right now.')`, "the page says what is wrong")
	require.Contains(t, eval[string](b, `document.querySelector('#notice').innerText`), "Your message is kept and will be sent.")
	require.NotContains(t, eval[string](b, `document.body.innerText`), "cannot be reached", "the server is there")
	require.Equal(t, "Not available", eval[string](b, `document.querySelector('#status').innerText`))
	bot.broken.Store(false)
	tryNow()
	b.wait(`!document.querySelector('#notice').checkVisibility() && document.querySelectorAll('.message-bot').length === 2`, "the message is sent when the state is back")

	bot.broken.Store(true)
	b.navigate(chromedp.Reload())
	b.wait(`document.querySelector('#notice').innerText.includes('The bot is not available right now.')`, "a page that is opened meanwhile says it too")
	bot.broken.Store(false)
	tryNow()
	b.waitOnline()
}

// TestTitlesHaveNoMarkdown: neither those that the list has, nor the one that the
// page makes itself until the server has the message.
func TestTitlesHaveNoMarkdown(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable { return chat.Text("an answer") })
	b := newTab(t, wide)
	b.open(bot.url)
	for text, title := range map[string]string{
		"# Plan **B** for `main`":                   "Plan B for main",
		"[the docs](https://example.com), *please*": "the docs, please",
		"- one\n- two":                              "one two",
		"```\nx := 1\n```\nwhat is it?":             "x := 1 what is it?",
		"2 * 3 * 4 and snake_case":                  "2 * 3 * 4 and snake_case",
	} {
		bot.broken.Store(true)
		b.send(text)
		b.wait(`document.querySelector('#notice').checkVisibility()`, "the message waits")
		require.Equal(t, title, eval[string](b, `document.querySelector('#conversation-title').textContent`), "as the page says it")
		bot.broken.Store(false)
		b.waitAnswer("an answer")
		b.wait(`document.querySelector('.conversation[aria-current] .conversation-title')?.textContent === %s`, title, title)
		require.Equal(t, title, eval[string](b, `document.querySelector('#conversation-title').textContent`), "as the server says it")
		b.startConversation()
	}
}

// TestSessionIsShown shows where the bot's work stands, also a bot that works on
// without a word, which can be stopped.
func TestSessionIsShown(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable { return chat.Text("done") })
	bot.Use(func(next chat.Handler) chat.Handler {
		return func(ctx context.Context, ev chat.Event) error {
			if err := next(ctx, ev); err != nil {
				return err
			}
			m, ok := ev.(*chat.MessageEvent)
			if !ok {
				return nil
			}
			return m.Thread.MarkSession(ctx, chat.SessionStatus(m.Message.Text))
		}
	})
	b := newTab(t, wide)
	b.open(bot.url)
	shown := `!document.querySelector('#session').hidden && document.querySelector('#session').textContent.includes(%s)`
	b.send("suspended")
	b.wait(shown, "it waits", "waits for somebody")
	b.requireInside()
	b.send("closed")
	b.wait(shown, "it is closed", "is done")
	b.send("active")
	b.wait(`document.querySelector('#session').hidden && document.querySelector('#typing').hidden`, "nothing is said of one that goes on")
	b.send("processing")
	b.wait(`!document.querySelector('#stop').hidden && !document.querySelector('#typing').hidden && document.querySelectorAll('.message-bot').length === 4`, "it works")
}
