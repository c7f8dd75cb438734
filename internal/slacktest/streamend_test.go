package slacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// stepObserver gets the steps of all messages.
type stepObserver chan chat.Step

func (s stepObserver) Observe(_ context.Context, o chat.Observation) { s <- o.Step }

// TestUserStopsAStream has the user stop an answer: it stays as it is, and nobody
// answers again.
func TestUserStopsAStream(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"chat.appendStream", "chat.stopStream"} {
		s := newSlack(t)
		adapter := newAdapter(t, s)
		steps := make(chan chat.Step, 9)
		bot, err := chat.New(chat.Config{
			UserName: "bot", Adapters: []chat.Adapter{adapter}, State: newMemory(t),
			Observer: stepObserver(steps),
		})
		require.NoError(t, err)
		var turns atomic.Int32
		bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
			turns.Add(1)
			_, err := ev.Thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
				_ = yield(chat.Chunk{Text: "part 0. "}, nil)
				for len(s.Calls("chat.startStream")) == 0 {
					<-s.Changed()
				}
				s.Fail(method, fakeslack.Failure{Error: "stopped_by_user"})
				_ = yield(chat.Chunk{Text: "part 1. "}, nil)
			}))
			return err
		})
		root := s.Post("C0GENERAL", "", "U0ADA", "<@U0BOT> hello")
		w := serve(bot, webhook(jsonType, callback(`{"type":"app_mention","channel":"C0GENERAL","user":"U0ADA","ts":"`+root+`","text":"<@U0BOT> hello"}`)))
		require.Equal(t, 200, w.Code, w.Body.String())
		for step := range steps {
			require.NotEqual(t, chat.StepFailed, step, method)
			if step == chat.StepCancelled {
				break
			}
		}
		require.NoError(t, bot.Shutdown(t.Context()))
		require.EqualValues(t, 1, turns.Load(), method)
		require.Len(t, s.Calls("chat.startStream"), 1, method)
	}
}

// longStream is a text that no message takes whole.
type longStream struct {
	before string
	parts  []string
	after  string
	each   string // what each message has
}

func longStreams() map[string]longStream {
	lines := func(format string, n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return all
	}
	return map[string]longStream{
		"code":   {"Here:\n\n```go\n", lines("line of code number %05d\n", 1_000), "```\n\nDone.", "```go\n"},
		"quote":  {"", lines("> a quoted line number %05d with words\n", 700), "\nDone.", "> "},
		"tables": {"", lines("| a | b |\n|---|---|\n| row%05d | 2 |\n\n", 55), "", "|---|"},
		"rows":   {"| a | b |\n|---|---|\n", lines("| row%05d | some more text in a cell |\n", 500), "", "| a | b |\n|---|---|\n| row"},
		"bold":   {"**", lines("word%05d ", 2_000), "end**", "**"},
	}
}

// stream streams the text in chunks of so many bytes, and checks that nothing is
// lost and that each message reads by itself.
func (c longStream) stream(t *testing.T, o *outbound, name string, size int, pause time.Duration) {
	t.Helper()
	text := c.before + strings.Join(c.parts, "") + c.after
	_, got, err := o.StreamMessage(t.Context(), o.room, func(yield func(chat.Chunk, error) bool) {
		for rest := text; rest != ""; time.Sleep(pause) {
			n := min(len(rest), size)
			if !yield(chat.Chunk{Text: rest[:n]}, nil) {
				return
			}
			rest = rest[n:]
		}
	}, recipient)
	require.NoError(t, err, name)
	require.Equal(t, text, got, name)
	require.Greater(t, len(o.shown()), 1, name)
	at, whole := 0, ""
	for _, m := range o.shown() {
		about := fmt.Sprintf("%s %d: %.40q … %q", name, size, m.Markdown, m.Markdown[max(0, len(m.Markdown)-60):])
		require.False(t, m.Streaming, about)
		require.Zero(t, strings.Count(m.Markdown, "```")%2, about)
		require.Zero(t, strings.Count(m.Markdown, "**")%2, about)
		if strings.Trim(m.Markdown, "\nDone.") != "" {
			require.Contains(t, m.Markdown, c.each, about)
		}
		whole += m.Markdown
	}
	for _, part := range c.parts {
		word := strings.TrimSpace(part)
		if i := strings.Index(word, "row"); i > 0 {
			word = word[i : i+8]
		}
		if rest, ok := strings.CutPrefix(word, "> a quoted line number "); ok { // which may go on in a further line
			word, _, _ = strings.Cut(rest, " ")
		}
		i := strings.Index(whole[at:], word)
		require.GreaterOrEqual(t, i, 0, "%s %d: %q is missing, torn, or not in its place", name, size, word)
		at += i
	}
}

// TestStreamsThatAreTooLong streams more than one message takes, as fast as can be.
func TestStreamsThatAreTooLong(t *testing.T) {
	t.Parallel()
	for name, c := range longStreams() {
		for _, size := range []int{20, 4_000, 20_000_000} {
			c.stream(t, newOutbound(t), name, size, 0)
		}
	}
}

// TestSlowStreams streams the same so slowly that each piece is sent by itself, and
// that messages grow old.
func TestSlowStreams(t *testing.T) {
	t.Parallel()
	for name, c := range longStreams() {
		for _, size := range []int{20, 27, 333} {
			inVirtualTime(t, func(t *testing.T, o *outbound) {
				t.Helper()
				c.stream(t, o, name, size, 700*time.Millisecond)
				for _, call := range o.slack.Calls("chat.startStream", "chat.appendStream", "chat.stopStream") {
					require.Empty(t, call.Error, "%s %d: %s", name, size, call.Method)
				}
			})
		}
	}
}

// inVirtualTime runs a test in a bubble, with a fake that needs no connections.
func inVirtualTime(t *testing.T, test func(t *testing.T, o *outbound)) {
	t.Helper()
	s := newSlack(t)
	synctest.Test(t, func(t *testing.T) {
		adapter, err := slack.New(slack.Config{
			SigningSecret: signingSecret, BotToken: fakeslack.Token, APIURL: s.APIURL, LookupTimeout: patience, HTTPClient: &http.Client{Transport: s},
		})
		require.NoError(t, err)
		h := &host{state: newMemory(t)}
		require.NoError(t, adapter.Attach(h))
		require.NoError(t, h.state.Connect(t.Context()))
		root := s.Post("C0GENERAL", "", "U0ADA", "a question")
		test(t, &outbound{adapter, s, chat.ThreadID("slack:C0GENERAL:" + root), root})
	})
}

// TestMarkupGoesOnInAnotherMessage has Slack end a message in the middle of markup,
// before more of it comes.
func TestMarkupGoesOnInAnotherMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][4]string{ // what comes before and after, and what the two messages show
		"bold":      {"some **bold ", "words** end", "some **bold**", "**words** end"},
		"quote":     {"> quoted **words\n", "> and more**", "> quoted **words**", "> **and more**"},
		"one line":  {"> quoted ", "words", "> quoted", "> words"},
		"link":      {"see [the la", "bel](https://example.com/x) end", "see", "[the label](https://example.com/x) end"},
		"code":      {"```go\none\n", "two\n```\nend", "```go\none\n```", "```go\ntwo\n```\nend"},
		"code span": {"run `make ", "all` now", "run", "`make all` now"},
		"table":     {"|a|b|\n|-|-|\n|1|2|\n", "|3|4|\n", "|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|3|4|\n"},
		"address":   {"see https://exam", "ple.com/x now", "see", "https://example.com/x now"},
	} {
		o := newOutbound(t)
		l := o.live(t, recipient)
		l.chunks <- chat.Chunk{Text: c[0]}
		o.called(t, "chat.startStream", 1)
		o.slack.ExpireStream("C0GENERAL", o.shown()[0].TS)
		l.chunks <- chat.Chunk{Text: c[1]}
		close(l.chunks)
		require.NoError(t, <-l.result, name)
		own := o.shown()
		require.Len(t, own, 2, name)
		require.Equal(t, c[2], own[0].Markdown, name)
		require.Equal(t, c[3], own[1].Markdown, name)
		require.Equal(t, c[0]+c[1], l.text, name)
	}
}

// TestSilentStreams is silent for longer than Slack keeps a message open.
func TestSilentStreams(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, o *outbound) {
		t.Helper()
		_, text, err := o.StreamMessage(t.Context(), o.room, func(yield func(chat.Chunk, error) bool) {
			_ = yield(chat.Chunk{Text: "**before", Task: &chat.Task{ID: "a", Title: "A", Status: chat.TaskInProgress}}, nil)
			time.Sleep(6 * time.Minute)
			_ = yield(chat.Chunk{Text: " after**", Task: &chat.Task{ID: "a", Title: "A", Status: chat.TaskComplete}}, nil)
		}, recipient)
		require.NoError(t, err)
		require.Equal(t, "**before after**", text)
		own := o.shown()
		require.Len(t, own, 2)
		require.Equal(t, "**before**", own[0].Markdown, "the first message is whole")
		require.Equal(t, "**after**", own[1].Markdown)
		require.Equal(t, "pending", taskStatus(t, own[0]), "it does not look as if it still ran there")
		require.Equal(t, "complete", taskStatus(t, own[1]))
		stop := o.slack.Calls("chat.stopStream")
		require.Len(t, stop, 2)
		require.Empty(t, stop[0].Error, "it is ended before Slack ends it")
	})
}

func taskStatus(t *testing.T, m fakeslack.Message) string {
	t.Helper()
	require.Len(t, m.Tasks, 1)
	var task struct{ Status string }
	require.NoError(t, json.Unmarshal(m.Tasks[0], &task))
	return task.Status
}

// TestTasksOfAFailedStreamEnd breaks streams off while a task runs.
func TestTasksOfAFailedStreamEnd(t *testing.T) {
	t.Parallel()
	running := chat.Chunk{Text: "x", Task: &chat.Task{ID: "a", Title: "A", Status: chat.TaskInProgress}}
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(t.Context())
	for name, chunks := range map[string]func(yield func(chat.Chunk, error) bool){
		"an error": func(yield func(chat.Chunk, error) bool) { _ = yield(running, nil) && yield(chat.Chunk{}, broken) },
		"a cancelled": func(yield func(chat.Chunk, error) bool) {
			_ = yield(running, nil)
			cancel()
			_ = yield(chat.Chunk{}, nil)
		},
	} {
		o := newOutbound(t)
		_, _, err := o.StreamMessage(ctx, o.room, chunks, recipient)
		require.Error(t, err, name)
		require.Equal(t, "error", taskStatus(t, o.shown()[0]), name)
		require.False(t, o.shown()[0].Streaming, name)
		if name == "a cancelled" {
			ctx, cancel = context.WithCancel(t.Context())
		}
	}
	cancel()
	o := newOutbound(t)
	o.slack.Fail("chat.stopStream", fakeslack.Failure{Error: "invalid_chunks"})
	_, _, err := o.StreamMessage(t.Context(), o.room, func(yield func(chat.Chunk, error) bool) { _ = yield(running, nil) && yield(chat.Chunk{}, broken) }, recipient)
	require.ErrorIs(t, err, broken)
	require.False(t, o.shown()[0].Streaming, "it is stopped without what Slack does not take")
}

// TestStopStreamRefused has Slack refuse what should stand under an answer.
func TestStopStreamRefused(t *testing.T) {
	t.Parallel()
	end := chat.StreamOptions{Recipient: "U0ADA", End: card.New("", card.NewActions(card.NewButton("again", "Again")))}
	for _, code := range []string{"invalid_blocks", "msg_blocks_too_many", "msg_blocks_too_long"} {
		o := newOutbound(t)
		o.slack.Fail("chat.stopStream", fakeslack.Failure{Error: code})
		id, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "part 0. ", "part 1."), end)
		require.NoError(t, err, code)
		own := o.shown()
		require.Len(t, own, 2, code)
		require.False(t, own[0].Streaming, code)
		require.Equal(t, "part 0. part 1.", own[0].Markdown, code)
		require.Contains(t, string(own[1].Blocks), `"again"`, code)
		require.NoError(t, o.DeleteMessage(t.Context(), o.room, id))
		require.Empty(t, o.shown(), "both are one message to the bot")
	}
	o := newOutbound(t)
	o.slack.Fail("chat.stopStream", fakeslack.Failure{Error: "invalid_blocks"})
	o.slack.Fail("chat.postMessage", fakeslack.Failure{Error: "invalid_blocks"})
	_, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "the answer"), end)
	require.NoError(t, err, "the answer is there")
	require.Len(t, o.shown(), 1)

	o = newOutbound(t)
	o.slack.Fail("chat.stopStream", fakeslack.Failure{Error: "internal_error"}, fakeslack.Failure{Status: 503})
	_, _, err = o.StreamMessage(t.Context(), o.room, pieces(nil, "the answer"), end)
	require.NoError(t, err, "what fails for the moment is tried again")
	require.False(t, o.shown()[0].Streaming)
}

// TestStreamsOfRefusedMarkdown has Slack refuse what a stream would begin with.
func TestStreamsOfRefusedMarkdown(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_blocks", "msg_blocks_too_many", "msg_too_long"} {
		o := newOutbound(t)
		o.slack.Refuse("chat.startStream", func(args fakeslack.Args) string {
			if strings.Contains(args["chunks"], "table") {
				return code
			}
			return ""
		})
		o.slack.Refuse("chat.appendStream", func(args fakeslack.Args) string {
			if strings.Contains(args["chunks"], "table") {
				return code
			}
			return ""
		})
		l := o.live(t, recipient)
		l.chunks <- chat.Chunk{Text: "intro."}
		o.called(t, "chat.startStream", 1)
		l.chunks <- chat.Chunk{Text: "\n\na table "}
		o.called(t, "chat.postMessage", 1)
		l.chunks <- chat.Chunk{Text: "and the end"}
		close(l.chunks)
		require.NoError(t, <-l.result, code)
		own := o.shown()
		require.Len(t, own, 2, code)
		require.Equal(t, "intro.", own[0].Markdown)
		require.False(t, own[0].Streaming, code)
		require.Equal(t, "a table and the end", own[1].Markdown, code)
		require.Equal(t, chat.MessageID("C0GENERAL:"+own[0].TS), l.id)
	}
}

// TestRefusedMarkdown has Slack refuse Markdown for reasons of its own.
func TestRefusedMarkdown(t *testing.T) {
	t.Parallel()
	var cells []string
	source := "# Title\n\n"
	for i := range 55 {
		cells = append(cells, fmt.Sprintf("cell%02d", i))
		source += "| a | b |\n|---|---|\n| " + cells[i] + " | **2** |\n\n"
	}
	source += "The <@U0ADA> end."
	for rule, refuses := range map[string]func(text string) bool{
		"nothing":      func(string) bool { return false },
		"many blocks":  func(text string) bool { return len(markdown.Parse(text).Children) > 20 },
		"long texts":   func(text string) bool { return len(text) > 1_600 },
		"tables":       func(text string) bool { return strings.Contains(text, "|---|") },
		"all Markdown": func(text string) bool { return text != "" },
	} {
		for _, code := range []string{"invalid_blocks", "msg_blocks_too_many", "msg_blocks_too_long", "msg_too_long"} {
			o := newOutbound(t)
			refuse := func(args fakeslack.Args) string {
				if refuses(args["markdown_text"]) {
					return code
				}
				return ""
			}
			for _, method := range []string{"chat.postMessage", "chat.update", "chat.postEphemeral"} {
				o.slack.Refuse(method, refuse)
			}
			id, err := o.PostMessage(t.Context(), o.room, &chat.Post{Markdown: source})
			require.NoError(t, err, rule)
			check := func() {
				t.Helper()
				whole := ""
				for _, m := range o.shown() {
					whole += m.Shown()
				}
				for _, cell := range append(cells, "Title", "<@U0ADA> end") {
					require.Equal(t, 1, strings.Count(whole, cell), "%s: %s", rule, cell)
				}
			}
			check()
			bodies := map[string]bool{}
			for _, call := range o.slack.Calls("chat.postMessage") {
				body := call.Args["markdown_text"] + "|" + call.Args["text"]
				require.False(t, bodies[body], "%s: the same was sent again", rule)
				bodies[body] = true
			}
			require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: "short"}))
			require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: source}))
			check()
			require.NoError(t, o.DeleteMessage(t.Context(), o.room, id))
			require.Empty(t, o.shown(), rule)
			_, err = o.PostEphemeral(t.Context(), o.room, "U0ADA", &chat.Post{Markdown: source})
			require.NoError(t, err)
			check()
		}
	}
}

// TestPicturesThatSlackCannotFetch posts a card whose picture is refused.
func TestPicturesThatSlackCannotFetch(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	o.slack.Refuse("chat.postMessage", func(args fakeslack.Args) string {
		if strings.Contains(args["blocks"], "image_url") {
			return "invalid_blocks"
		}
		return ""
	})
	_, m := o.post(t, &chat.Post{Card: card.New("Title", card.NewText("text"), card.NewImage("https://example.com/a.png", "A chart"), card.NewActions(card.NewButton("ok", "OK")))})
	require.Len(t, o.shown(), 1)
	require.Contains(t, string(m.Blocks), `https://example.com/a.png|A chart`)
	require.Contains(t, string(m.Blocks), `"action_id":"ok"`)
	require.Contains(t, string(m.Blocks), `"text"`)

	o.slack.Refuse("chat.postMessage", func(args fakeslack.Args) string {
		if args.Has("blocks") {
			return "invalid_blocks"
		}
		return ""
	})
	_, m = o.post(t, &chat.Post{Card: card.New("Title", card.NewText("text"))})
	require.Equal(t, "*Title*\ntext", m.Text)
	_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Card: card.New("Title", card.NewActions(card.NewButton("ok", "OK")))})
	require.ErrorIs(t, err, chat.ErrInvalid, "a card without its buttons is not the same")
}
