package browsertest

import (
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// number returns what a counter of the demo shows.
func (b *tab) number(id string) int64 {
	b.t.Helper()
	return eval[int64](b, `Number(document.getElementById(%s).textContent)`, id)
}

// flows waits until the demo has handled more messages.
func (b *tab) flows() {
	b.t.Helper()
	b.wait(`Number(document.getElementById('once').textContent) >= %s`, "more messages are handled", b.number("once")+20)
}

// A person breaks everything that the demo lets one break, and sees that nothing
// is lost.
func TestDemoLosesNothing(t *testing.T) {
	demo := exampletest.StartExample(t, "demo", "")
	b := newTab(t, wide)
	b.open(demo.URL("/"))
	b.flows()
	require.Equal(t, int64(3), eval[int64](b, `document.querySelectorAll('#bots .card[data-state=running]').length`))
	b.shoot("wide")

	// A bot is killed, and another takes its place.
	b.click("#bots li:nth-child(1) [data-fault=kill]")
	b.wait(`document.querySelector('#bots li:nth-child(1)').dataset.state === 'killed'`, "the bot is gone")
	b.wait(`document.querySelector('#events').textContent.includes('bot-1 was killed')`, "the log says so")
	b.shoot("killed")
	b.wait(`document.querySelector('#bots li:nth-child(1)').dataset.name === 'bot-4'`, "another bot has started")
	b.flows()

	// A bot is paused by keyboard, and goes on.
	b.do(chromedp.Focus(chromedp.CSS("#bots li:nth-child(2) [data-fault=pause]")))
	b.enter(0)
	b.wait(`document.querySelector('#bots li:nth-child(2)').dataset.state === 'paused'`, "the bot is paused")
	b.wait(`document.querySelector('#bots li:nth-child(2)').dataset.state === 'running'`, "the bot goes on")
	b.flows()

	// Redis is killed, and its replica takes over; then it is told to.
	for _, fault := range []string{"#redis-kill", "#redis-failover"} {
		primary := eval[string](b, `document.querySelector('#redis [data-state=primary] .card-name').textContent`)
		b.click(fault)
		b.wait(`document.querySelector('#redis-kill').disabled && document.querySelector('#redis-failover').disabled`, "one thing at a time")
		b.wait(`[...document.querySelectorAll('#events .event')].some((e) => e.textContent.endsWith('takes the writes now.') && !e.textContent.includes(%s))`, "the replica has taken over", primary)
		b.wait(`!document.querySelector('#redis-kill').disabled && document.querySelectorAll('#redis :is([data-state=primary], [data-state=replica])').length === 2`, "both are there again")
		b.flows()
	}
	b.shoot("after")

	// All at once.
	for _, bot := range []string{"1", "2", "3"} {
		b.click("#bots li:nth-child(" + bot + ") [data-fault=kill]")
	}
	b.wait(`document.querySelectorAll('#bots [data-state=running]').length === 3 && !document.querySelector('#bots').textContent.includes('bot-4')`, "all have successors")
	b.flows()
	b.wait(`Number(document.getElementById('again').textContent) > 0 && document.getElementById('reasons').textContent.includes('its bot was killed')`, "what was begun was handled again")
	require.Zero(t, b.number("lost"))
	require.Zero(t, b.number("overlaps"))
	require.Equal(t, "yes", eval[string](b, `document.getElementById('disorder').textContent`))
	require.Empty(t, eval[string](b, `document.querySelector('.event[data-kind=trouble]')?.textContent ?? ''`))
	require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('.promise.broken')].map((e) => e.innerText)`))

	// It leaves no process behind.
	pids := eval[[]int](b, `[...document.querySelectorAll('#bots .card-note')].map((e) => Number(e.textContent.match(/process (\d+)/)[1]))`)
	require.Len(t, pids, 3)
	demo.Stop(t)
	b.wait(`document.querySelector('#status').dataset.state === 'offline' && document.querySelectorAll('button:enabled').length === 0`, "the page says that it is over")
	for _, pid := range pids {
		require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
	}
}

// The demo is for everybody, wide and on a phone, in both colours.
func TestDemoIsAccessible(t *testing.T) {
	source := axe(t)
	demo := exampletest.StartExample(t, "demo", "")
	for _, window := range windows {
		b := newTab(t, window.size)
		b.open(demo.URL("/"))
		b.flows()
		b.do(chromedp.Evaluate[chromedp.Void](source))
		b.click("#bots li:nth-child(1) [data-fault=kill]")
		b.click("#bots li:nth-child(2) [data-fault=pause]")
		b.wait(`document.querySelector('#bots [data-state=paused]') && document.querySelectorAll('#events .event').length >= 2`, "there is something of everything")
		require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), window.size.width, "nothing sticks out")
		for _, scheme := range []string{"light", "dark"} {
			b.colours(scheme)
			b.requireAccessible()
			b.resize(size{window.size.width, eval[int64](b, `document.documentElement.scrollHeight`)})
			b.shoot(window.name + "-" + scheme)
		}
	}
}
