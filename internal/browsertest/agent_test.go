package browsertest

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// approve is the selector of the button that approves what was asked last.
const approve = `#log > li:last-child [data-action="chat:approve"]`

// tasks returns the tasks that the page shows, each with its state.
func (b *tab) tasks() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('.tasks li')].map((task) => [...task.querySelectorAll('span')].map((e) => e.textContent).join(''))`)
}

// words returns what the page's messages say, in their order.
func (b *tab) words() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('#log .prose, #log .card-title')].map((e) => e.innerText.trim())`)
}

// A person asks the agent, sees its calls of tools, approves one, and stops an answer.
func TestAgentInThePage(t *testing.T) {
	told := make(chan string)
	seen, cancelled := make(chan struct{}), make(chan struct{})
	model := exampletest.NewModel(t, func(ctx context.Context, q exampletest.ModelQuestion, say *exampletest.ModelAnswer) {
		switch last := q.Last(); {
		case last == "user: time":
			say.Call("currentTime", `{"zone":"UTC"}`)
		case last == "user: post":
			say.Text("May I?")
			<-seen // else it is posted in the same millisecond as the card
			say.Call("postMessage", `{"message":"Tea for **all**"}`)
		case last == "user: story":
			for {
				select {
				case word := <-told:
					say.Text(word)
				case <-ctx.Done():
					close(cancelled)
					return
				}
			}
		case strings.HasPrefix(last, "tool: {"):
			say.Text("It stands there.")
		default:
			say.Text("It is time for tea.")
		}
	})
	bot := exampletest.StartExample(t, "agent", "memory://", "OPENAI_BASE_URL="+model.URL, "OPENAI_API_KEY=sk-test", "OPENAI_MODEL=test-1")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.wait(`document.querySelector('#greeting').innerText.includes('The model test-1 answers.')`, "the page says which model answers")

	b.send("time")
	b.waitAnswer("It is time for tea.")
	require.Equal(t, []string{"Look at the clock (done)"}, b.tasks())

	b.send("post")
	b.wait(`document.querySelector('.streaming .prose')?.textContent === 'May I?'`, "the answer has begun")
	close(seen)
	b.wait(`document.querySelector(%s)`, "the person is asked", approve)
	require.Equal(t, []string{"Look at the clock (done)", "Post a message (in progress)"}, b.tasks())
	b.requireInside()
	b.click(approve)
	b.wait(`document.querySelector('#log').innerText.includes('It stands there.') && document.querySelector('#stop').hidden`, "the turn goes on")
	require.Equal(t, []string{"Look at the clock (done)", "Post a message (done)"}, b.tasks())
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('[data-action="chat:approve"]').length`), "it is approved once")
	require.Contains(t, strings.Join(b.messages(), "\n"), "bot: Tea for all")

	b.send("story")
	b.watchGrowth()
	for _, word := range strings.SplitAfter("Once a message left for another machine", " ") {
		told <- word
		b.wait(`document.querySelector('.streaming .prose')?.textContent.endsWith(%s)`, "the page shows the word", strings.TrimSpace(word))
	}
	b.requireGrowth()
	shown, tasks := b.words(), b.tasks()
	b.click("#stop")
	b.wait(`!document.querySelector('.streaming') && document.querySelector('#stop').hidden`, "it is stopped")
	<-cancelled
	b.wait(`[...document.querySelectorAll('.message-meta')].at(-1)?.innerText.includes('stopped')`, "the page says so")

	b.reload()
	b.wait(`[...document.querySelectorAll('.message-meta')].at(-1)?.innerText.includes('stopped')`, "all is there again")
	require.Equal(t, shown, b.words())
	require.Equal(t, tasks, b.tasks())
}

// A call that is stopped does not look as if it went on, nor does it after a reload.
func TestAgentIsStoppedWhileItAsks(t *testing.T) {
	bot := exampletest.StartExample(t, "agent", "memory://", "OPENAI_BASE_URL=", "OPENAI_API_KEY=", "OPENAI_MODEL=")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.send("post")
	b.wait(`document.querySelector(%s)`, "the person is asked", approve)
	b.click("#stop")
	b.wait(`document.querySelector('#stop').hidden && !document.querySelector('.streaming')`, "it is stopped")
	b.wait(`![...document.querySelectorAll('.tasks li')].some((task) => task.textContent.includes('in progress'))`, "no task goes on")
	b.reload()
	b.wait(`document.querySelector('.tasks li')`, "all is there again")
	require.NotContains(t, strings.Join(b.tasks(), "\n"), "in progress")
}

// TestScreenshotsOfTheAgent keeps pictures of the agent with its canned answers.
func TestScreenshotsOfTheAgent(t *testing.T) {
	for _, window := range windows {
		t.Run(window.name, func(t *testing.T) {
			bot := exampletest.StartExample(t, "agent", "memory://", "OPENAI_BASE_URL=", "OPENAI_API_KEY=", "OPENAI_MODEL=")
			b := newTab(t, window.size)
			b.open(bot.URL("/"))
			b.wait(`document.querySelector('#greeting').innerText.includes('No model is set')`, "the page says so")
			b.look("empty")
			b.requireInside()
			b.send("hello")
			b.waitAnswer("This answer is canned")
			b.look("help")
			b.send("time")
			b.waitAnswer("UTC.")
			b.look("time")
			b.send("post")
			b.wait(`document.querySelector(%s)`, "the person is asked", approve)
			b.look("asks")
			b.requireInside()
			b.click(approve)
			b.wait(`document.querySelector('#log').innerText.includes('It is posted.') && document.querySelector('#stop').hidden`, "the turn goes on")
			b.look("approved")
			b.send("story")
			b.wait(`document.querySelector('.streaming .prose')?.textContent.includes('queue')`, "the answer has begun")
			b.look("streaming")
			b.click("#stop")
			b.wait(`[...document.querySelectorAll('.message-meta')].at(-1)?.innerText.includes('stopped')`, "it is stopped")
			b.look("stopped")
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#scroll').scrollTop = 0`))
			b.startConversation()
			b.send("memory")
			b.waitAnswer("In an earlier conversation you wrote: “story”.")
			b.look("memory")
		})
	}
}
