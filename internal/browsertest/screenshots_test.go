package browsertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

func TestLook(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	for _, window := range []struct {
		name string
		size size
	}{{"wide", wide}, {"phone", phone}} {
		t.Run(window.name, func(t *testing.T) {
			b := newTab(t, window.size)
			b.open(bot.URL("/"))
			b.wait(`!document.querySelector('#greeting').hidden`, "the greeting shows")
			b.shoot("empty")
			b.send("Good morning!")
			b.waitAnswer("Good morning!")
			b.send("help")
			b.waitAnswer("What you write may be")
			b.shoot("help")
			b.send("Some code:\n```go\nfunc main() {\n    fmt.Println(\"hello\")\n}\n```\n- [x] done\n- [ ] to do\n\n1. one\n2. two\n\n> quoted, with a [link](https://example.com)")
			b.waitAnswer("quoted")
			b.shoot("talk")
			b.send("stream")
			b.wait(`document.querySelector('.message-bot:last-child')?.textContent.includes('queue')`, "the answer has begun")
			b.shoot("streaming")
			b.waitAnswer("would have gone on")
			b.shoot("streamed")
			b.colours("dark")
			b.shoot("dark")
			require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), window.size.width, "the page must not scroll sideways")
		})
	}
}
