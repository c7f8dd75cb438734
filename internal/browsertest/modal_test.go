package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// openTrip opens the showcase's form.
func (b *tab) openTrip() {
	b.t.Helper()
	b.demo("form", "Plan a trip")
	b.click("#log > li:last-child [data-action=open-form]")
	b.wait(`document.querySelector('dialog[open] h2')?.textContent === 'A trip'`, "the form is open")
}

func (b *tab) key(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// focused is the label of what has the focus.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, `(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()`)
}

func (b *tab) fieldErrors() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('dialog[open] .field')].filter((field) => field.querySelector('.field-error').textContent)
		.map((field) => field.querySelector('.field-label').textContent + ' ' + field.querySelector('.field-error').textContent)`)
}

// TestAFormByKeyboard fills the form in without a mouse.
func TestAFormByKeyboard(t *testing.T) {
	for name, window := range map[string]size{"wide": wide, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			bot := exampletest.StartExample(t, "showcase", "memory://")
			b := newTab(t, window)
			b.open(bot.Page())
			b.openTrip()
			require.Equal(t, "Who travels?", b.focused(), "one can write at once")
			b.enter(0)
			require.Equal(t, []string{
				"Who travels? Please fill in this field.", "Where to? Please choose one of the options.", "When? Please fill in this field.",
				"Class Please fill in this field.", "How? Please choose one of these.",
			}, b.fieldErrors())
			require.Equal(t, "Who travels?", b.focused(), "the first fault has the focus")
			require.Equal(t, "true", eval[string](b, `document.activeElement.getAttribute('aria-invalid')`))
			b.shoot("faults")

			b.key("Ada", kb.Tab)
			require.Equal(t, "Where to?", b.focused())
			b.key("b")
			b.wait(`document.querySelectorAll('[role=option]').length === 5`, "the bot has found cities")
			require.Equal(t, []string{"Berlin", "Bremen", "Hamburg", "Bordeaux", "Bologna"}, b.options())
			b.shoot("cities")
			b.key(kb.Escape)
			b.wait(`document.querySelector('[role=listbox]').hidden && document.querySelector('dialog[open]')`, "Escape closes the list only")
			b.key("o")
			b.wait(`document.querySelectorAll('[role=option]').length === 2`, "fewer cities")
			b.key(kb.ArrowDown, kb.ArrowDown)
			require.Equal(t, "Bologna", eval[string](b, `document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent`))
			b.enter(0)
			require.Equal(t, "Bologna", eval[string](b, `document.activeElement.value`))
			b.key(kb.Tab)
			require.Equal(t, "When?", b.focused())
			b.setDay("2020-01-31")
			b.do(chromedp.Focus(chromedp.CSS("dialog[open] [type=number]")))
			b.key(kb.ArrowUp, kb.Tab)
			require.Equal(t, "Class", b.focused())
			b.key(kb.ArrowDown, kb.ArrowDown, kb.Tab)
			require.Equal(t, "By train", b.focused())
			b.key(" ", kb.ArrowDown)
			require.Equal(t, "By boat", b.focused())
			b.enter(0)
			b.wait(`[...document.querySelectorAll('.field-error')].some((error) => error.textContent === 'That day is over.')`, "the bot refuses the day")
			require.Equal(t, []string{"When? That day is over."}, b.fieldErrors())
			require.Equal(t, "When?", b.focused())
			b.setDay("2099-01-31")
			b.click("dialog[open] [type=submit]")
			b.wait(`document.querySelectorAll('dialog[open]').length === 2`, "a second form is over the first")
			require.Equal(t, "Who|Ada and company of 3|Where|Bologna|When|31 January 2099|How|by boat",
				eval[string](b, `document.querySelector('dialog:last-of-type dl').innerText.replace(/\s*\n\s*/g, '|')`))
			b.shoot("confirm")
			b.click("dialog:last-of-type [type=submit]")
			b.wait(`!document.querySelector('dialog[open]')`, "both are closed")
			b.waitAnswer("Booked: Ada to Bologna, 31 January")
			require.Equal(t, "open-form", eval[string](b, `document.activeElement.dataset.action`), "the focus is back where it was")
			require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), window.width)
		})
	}
}

func (b *tab) options() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('[role=option]')].map((option) => option.textContent)`)
}

func (b *tab) setDay(day string) {
	b.t.Helper()
	require.True(b.t, eval[bool](b, `(() => { document.querySelector('dialog[open] [type=date]').value = %s; return true; })()`, day))
}

func TestAFormThatIsClosed(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.openTrip()
	// The focus stays inside.
	for range 12 {
		b.key(kb.Tab)
		require.True(t, eval[bool](b, `document.activeElement === document.body || document.querySelector('dialog[open]').contains(document.activeElement)`))
	}
	b.key(kb.Escape)
	b.wait(`!document.querySelector('dialog[open]')`, "Escape closes it")
	b.waitAnswer("You stayed at home.")
	require.Equal(t, "open-form", eval[string](b, `document.activeElement.dataset.action`), "the focus is back where it was")

	b.openTrip()
	bot.Kill(t)
	b.do(chromedp.Focus(chromedp.CSS("dialog[open] [role=combobox]")), chromedp.KeyEvent("b"))
	b.wait(`document.querySelector('.search-status').textContent.includes('cannot be reached')`, "the search says why there is nothing")
}
