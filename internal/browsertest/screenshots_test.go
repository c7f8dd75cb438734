package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// The pictures are for people to look at:
//
//	go test ./internal/browsertest -run Screenshots -args -screenshots=/tmp/shots
//
// What a program can see in them is tested where nothing sticks out of its box.

var windows = []struct {
	name string
	size size
}{{"wide", wide}, {"phone", phone}}

const (
	talk = "Some code:\n```go\nfunc main() {\n    fmt.Println(\"hello\")\n}\n```\n- [x] done\n- [ ] to do\n- not a task\n  - within\n\n1. one\n2. two\n\n> quoted, with a [link](https://example.com)"

	// What people write from right to left, with left-to-right words in it.
	hebrew = "שלום! איך אפשר לעזור לך עם React היום?\n\n- ראשון, עם API\n- שני\n\n1. אחת\n2. שתיים\n\n> ציטוט של `code` בעברית.\n\n| שם | ערך |\n|---|---|\n| גודל | 12 MB |"

	longTitle = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
)

// startConversation opens a new conversation.
func (b *tab) startConversation() {
	b.t.Helper()
	if eval[bool](b, `getComputedStyle(document.querySelector('#sidebar')).visibility === 'hidden'`) {
		b.click("#open-sidebar")
		b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'visible'`, "the list slides in")
	}
	b.click("#new-conversation")
	b.waitOnline()
	b.wait(`!document.querySelector('#greeting').hidden`, "the new conversation is empty")
}

// look keeps pictures in light and dark colours.
func (b *tab) look(name string) {
	b.t.Helper()
	b.shoot(name)
	b.colours("dark")
	b.shoot(name + "-dark")
	b.colours("light")
}

// TestScreenshots keeps pictures of a conversation.
func TestScreenshots(t *testing.T) {
	for _, window := range windows {
		t.Run(window.name, func(t *testing.T) {
			bot := exampletest.Start(t, "memory://")
			b := newTab(t, window.size)
			b.open(bot.URL("/"))
			b.wait(`!document.querySelector('#greeting').hidden`, "the greeting shows")
			b.look("empty")
			b.send("Good morning!")
			b.waitAnswer("Good morning!")
			b.send("help")
			b.waitAnswer("What you write may be")
			b.look("help")
			b.send(talk)
			b.waitAnswer("quoted")
			b.look("talk")
			b.send("stream")
			b.wait(`document.querySelector('.message-bot:last-child')?.textContent.includes('queue')`, "the answer has begun")
			b.look("streaming")
			b.waitAnswer("would have gone on")
			b.look("streamed")
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#scroll').scrollTop = 0`))
			b.wait(`!document.querySelector('#jump').hidden`, "there are newer messages")
			b.look("scrolled")
			b.startConversation()
			b.send(hebrew)
			b.waitAnswer("12 MB")
			b.look("right-to-left")
			b.startConversation()
			b.send(longTitle)
			b.waitAnswer(longTitle)
			b.startConversation()
			b.send("A title that has more words than there is room for in the list of conversations")
			b.waitAnswer("A title")
			if window.size == phone {
				b.click("#open-sidebar")
				b.wait(`getComputedStyle(document.querySelector('#sidebar')).visibility === 'visible'`, "the list slides in")
			}
			b.wait(`document.querySelectorAll('.conversation').length === 4`, "all conversations are listed")
			b.look("titles")
			bot.Kill(t)
			b.wait(`!document.querySelector('#notice').hidden`, "the page says that the server is away")
			b.look("away")
			bot.Restart(t)
		})
	}
}

// TestScreenshotsOfTheShowcase keeps pictures of everything that a bot can say.
func TestScreenshotsOfTheShowcase(t *testing.T) {
	for _, window := range windows {
		t.Run(window.name, func(t *testing.T) {
			bot := exampletest.StartExample(t, "showcase", "memory://")
			b := newTab(t, window.size)
			b.open(bot.URL("/"))
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
				{"edit", "Not decided"},
				{"files", "notes.txt"},
			} {
				b.demo(demo.name, demo.shown)
				if demo.name == "files" {
					b.wait(`document.querySelector('.file-picture img').naturalWidth === 320 && document.querySelector('.reaction') && document.querySelector('#jump').hidden`, "the picture is loaded, and the page still at its end")
				}
				b.look(demo.name)
			}
			b.demo("form", "Plan a trip")
			b.click("[data-action=open-form]")
			b.wait(`document.querySelector('dialog[open] input')`, "the form is open")
			b.look("form")
			b.click("dialog[open] [type=submit]")
			b.look("form-errors")
			require.NotEmpty(t, b.fieldErrors())
		})
	}
}
