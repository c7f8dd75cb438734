package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
	"github.com/chat-adapter/chat-go/internal/nodejs"
)

// axe returns the source of axe-core, which package-lock.json pins.
func axe(t *testing.T) string {
	t.Helper()
	require.NoError(t, nodejs.InstallPackages(t.Context(), "."))
	source, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	require.NoError(t, err)
	return string(source)
}

// requireAccessible fails for what axe-core finds, by its rules for WCAG 2.2 AA
// and good practice (https://github.com/dequelabs/axe-core).
func (b *tab) requireAccessible() {
	b.t.Helper()
	wrong := eval[[]string](b, `axe.run().then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ html, failureSummary }) => id + ': ' + help + '\n' + html.slice(0, 300) + '\n' + failureSummary)))`)
	if len(wrong) > 0 {
		b.shoot("inaccessible")
		b.t.Fatalf("%d faults, the first:\n%s", len(wrong), wrong[0])
	}
}

// TestAxeFindsNothing has axe-core look at everything that the page shows, in
// both colours, wide and on a phone.
func TestAxeFindsNothing(t *testing.T) {
	source := axe(t)
	for _, window := range windows {
		t.Run(window.name, func(t *testing.T) {
			bot := exampletest.StartExample(t, "showcase", "memory://")
			b := newTab(t, window.size)
			b.open(bot.Page())
			b.do(chromedp.Evaluate[chromedp.Void](source))
			look := func() {
				for _, scheme := range []string{"light", "dark"} {
					b.colours(scheme)
					b.requireAccessible()
				}
			}
			look()
			for _, demo := range []struct{ name, shown string }{
				{"menu", "What shall I show?"},
				{"card", "Order #1234"},
				{"choices", "Another round"},
				{"table", "TypeScript"},
				{"charts", "As areas"},
				{"stream", "it is kept"},
				{"plan", "Tea is ready"},
				{"approval", "Delete them"},
				{"ephemeral", "nobody else"},
				{"files", "notes.txt"},
			} {
				b.demo(demo.name, demo.shown)
			}
			b.send(hebrew)
			b.waitAnswer("")
			b.click("#log > li:last-child .button")
			b.wait(`document.querySelector('.button.clicked')`, "a button was clicked")
			look()
			b.demo("form", "Plan a trip")
			b.click("[data-action=open-form]")
			b.wait(`document.querySelector('dialog[open] input')`, "the form is open")
			look()
			b.click("dialog[open] [type=submit]")
			b.wait(`document.querySelector('.field-error:not(:empty)')`, "there are faults")
			look()
			b.key("\x1b")
			if window.size == phone {
				b.click("#open-sidebar")
				b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'visible'`, "the list slides in")
			}
			look()
			bot.Kill(t)
			b.wait(`!document.querySelector('#notice').hidden`, "the server is away")
			look()
			bot.Restart(t)
		})
	}
}
