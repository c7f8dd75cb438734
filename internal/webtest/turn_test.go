package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestATurnCarriesAllThatTheBotPosts(t *testing.T) {
	for _, posts := range [][]string{{}, {"one"}, {"one", "two", "three"}} {
		b := newBot(t, botOptions{handle: reply(posts...)})
		chunks := b.say("ada", "c1", "m1", "hello")
		require.Equal(t, strings.TrimSpace("start "+strings.Repeat("text-start text-delta text-end ", len(posts))+"finish"), kinds(chunks))
		require.NotEmpty(t, chunks[0].MessageID)
		require.Equal(t, append([]string{}, posts...), texts(chunks))
		want := []string{"user: hello"}
		for _, p := range posts {
			want = append(want, "assistant: "+p)
		}
		require.Equal(t, want, b.history("ada", "c1"))
	}
}

func TestTheHandlerSeesTheMessage(t *testing.T) {
	seen := make(chan *chat.MessageEvent, 1)
	b := newBot(t, botOptions{handle: func(_ context.Context, ev *chat.MessageEvent) error {
		seen <- ev
		return nil
	}})
	b.say("ada:lovelace", "c:1", "m:1", "some **text**")
	ev := <-seen
	require.Equal(t, chat.KindDirect, ev.Kind)
	require.True(t, ev.Thread.IsDM())
	require.Equal(t, chat.ThreadID("web:ada%3Alovelace:c%3A1"), ev.Thread.ID())
	require.Equal(t, chat.ChannelID("web:ada%3Alovelace:c%3A1"), ev.Thread.Channel().ID(), "as in the TypeScript SDK")
	m := ev.Message
	require.Equal(t, chat.MessageID("ada%3Alovelace:c%3A1:m:1"), m.ID)
	require.Equal(t, "some **text**", m.Text)
	require.EqualExportedValues(t, chat.Author{UserID: "ada:lovelace", UserName: "ada:lovelace", FullName: "ada:lovelace", Bot: new(false)}, m.Author)
	require.JSONEq(t, `{"id":"m:1","role":"user","parts":[{"type":"text","text":"some **text**"}]}`, string(m.Raw))
	require.Equal(t, "m:1", b.messages("ada:lovelace", "c:1")[0].ID, "the page knows it by its own id")
}

func TestStreamedAnswers(t *testing.T) {
	step := make(chan struct{})
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			for _, s := range []string{"Hel", "", "lo \xf0\x9f", "\x98\x80", "!"} {
				if !yield(s, nil) {
					return
				}
			}
			<-step // the reader has all that came before
			yield("\n\nend", nil)
		}))
		return err
	}})
	page, _ := b.open("ada", "c1")
	resp := b.do(http.MethodPost, "/", "ada", turn("c1", "m1", "go"))
	stream := newEvents(t, resp.Body)
	text := ""
	for text != "Hello 😀!" {
		e, ok := stream.next()
		require.True(t, ok)
		var c chunk
		require.NoError(t, json.Unmarshal([]byte(e.data), &c))
		text += c.Delta
	}
	// A page that comes now sees what there is, and the rest.
	late, history := b.open("ada", "c1")
	require.Equal(t, []string{"user: go", "assistant: Hello 😀!"}, lines(history))
	require.True(t, history[1].Metadata.Streaming)
	close(step)
	for _, p := range []*events{page, late} {
		growth := ""
		p.await("its growth", func(name string, _ message, data string) bool {
			var d struct {
				At    int
				Delta string
			}
			if name == "delta" {
				require.NoError(t, json.Unmarshal([]byte(data), &d))
				growth = d.Delta
			}
			if growth == "\n\nend" {
				require.Equal(t, 9, d.At, "lengths are JavaScript's")
			}
			return growth == "\n\nend"
		})
		p.awaitText("Hello 😀!\n\nend")
	}
	for {
		e, ok := stream.next()
		require.True(t, ok)
		if e.data == "[DONE]" {
			break
		}
	}
	require.Equal(t, []string{"user: go", "assistant: Hello 😀!\n\nend"}, b.history("ada", "c1"))
}

func TestAStreamThatFailsKeepsWhatCame(t *testing.T) {
	cause := errors.New("model away: key sk-123")
	tries := 0
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		tries++
		sent, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			if yield("half", nil) {
				yield("", cause)
			}
		}))
		if !errors.Is(err, cause) || sent == nil {
			return errors.New("the error of the stream did not come back")
		}
		return nil
	}})
	chunks := b.say("ada", "c1", "m1", "go")
	require.Equal(t, "start text-start text-delta text-delta text-end finish", kinds(chunks))
	require.Equal(t, 1, tries)
	require.Equal(t, []string{"user: go", "assistant: half …"}, b.history("ada", "c1"))
}

// What a failed attempt has shown is edited by the next one. A reader of the stream,
// which can take nothing back, is told what the message says in the end.
func TestAReaderOfTheStreamGetsTheWholeAnswerOfALaterAttempt(t *testing.T) {
	b := newBot(t, botOptions{config: func(c *chat.Config) { c.Retry = chat.Retry{Backoff: time.Millisecond} }, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			if yield("half", nil) && ev.Attempt < 3 {
				yield("", errors.New("the model is away"))
				return
			}
			yield(" and half", nil)
		}))
		return err
	}})
	chunks := b.say("ada", "c1", "m1", "go")
	require.Equal(t, "start text-start text-delta text-delta text-end text-start text-delta text-end finish", kinds(chunks))
	require.Equal(t, []string{"half …", "half and half"}, texts(chunks))
	require.Equal(t, []string{"user: go", "assistant: half and half"}, b.history("ada", "c1"))
}

func TestStreamsWithoutText(t *testing.T) {
	var err error
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err = ev.Thread.Post(ctx, chat.Stream(func(func(string, error) bool) {}))
		return nil
	}})
	require.Equal(t, "start finish", kinds(b.say("ada", "c1", "m1", "go")))
	require.NoError(t, err)
	require.Equal(t, []string{"user: go"}, b.history("ada", "c1"))
}

func TestAFailedHandlerTellsNothing(t *testing.T) {
	for name, handle := range map[string]chat.MessageHandler{
		"error": func(context.Context, *chat.MessageEvent) error { return errors.New("password hunter2") },
		"panic": func(context.Context, *chat.MessageEvent) error { panic("password hunter2") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBot(t, botOptions{handle: handle})
			resp := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
			body := string(readAll(t, resp))
			require.Contains(t, body, `"type":"error"`)
			require.Contains(t, body, "Something went wrong")
			require.NotContains(t, body, "hunter2")
			require.True(t, strings.HasSuffix(body, "data: {\"type\":\"finish\"}\n\ndata: [DONE]\n\n"), "%s", body)
		})
	}
}

func TestAMessageSentAgainIsHandledOnce(t *testing.T) {
	handled := make(chan string, 10)
	release := make(chan struct{})
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		handled <- ev.Message.Text
		<-release
		return reply("answer")(ctx, ev)
	}})
	first := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "hello"))
	require.Equal(t, "hello", <-handled)
	_ = first.Body.Close() // the connection breaks; the page sends again
	again := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "hello"))
	close(release)
	require.Contains(t, string(readAll(t, again)), `"delta":"answer"`)
	require.Equal(t, "start finish", kinds(b.say("ada", "c1", "m1", "hello")))
	require.Empty(t, handled)
	require.Equal(t, []string{"user: hello", "assistant: answer"}, b.history("ada", "c1"))

	// The same id of another person or in another conversation is another message.
	require.Len(t, texts(b.say("bob", "c1", "m1", "hello")), 1)
	require.Len(t, texts(b.say("ada", "c2", "m1", "hello")), 1)
}

func TestTypingIsShown(t *testing.T) {
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := ev.Thread.StartTyping(ctx, ""); err != nil {
			return err
		}
		return reply("done")(ctx, ev)
	}})
	page, _ := b.open("ada", "c1")
	chunks := b.say("ada", "c1", "m1", "go")
	require.Equal(t, "start data-typing text-start text-delta text-end finish", kinds(chunks))
	require.True(t, chunks[1].Transient)
	page.await("typing", func(name string, _ message, _ string) bool { return name == "typing" })
}

func TestConversationsAreListed(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	list := func(user string) []string {
		resp := b.do(http.MethodGet, "/conversations", user, "")
		var v struct{ Conversations []struct{ ID, Title string } }
		require.NoError(t, json.Unmarshal(readAll(t, resp), &v))
		all := []string{}
		for _, c := range v.Conversations {
			all = append(all, c.ID+": "+c.Title)
		}
		return all
	}
	require.Empty(t, list("ada"))
	b.say("ada", "c1", "m1", "First question\nwith details")
	b.say("ada", "c:2", "m1", "Second")
	b.say("ada", "c1", "m2", "more")
	require.Equal(t, []string{"c1: First question with details", "c:2: Second"}, list("ada"))
	require.Empty(t, list("bob"))
}

func TestTypingIsTakenAway(t *testing.T) {
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := ev.Thread.StartTyping(ctx, "looking"); err != nil {
			return err
		}
		return ev.Thread.StopTyping(ctx)
	}})
	page, _ := b.open("ada", "c1")
	chunks := b.say("ada", "c1", "m1", "go")
	require.Equal(t, "start data-typing data-typing finish", kinds(chunks))
	require.JSONEq(t, `{"status":"looking"}`, string(chunks[1].Data))
	require.JSONEq(t, `{"stopped":true}`, string(chunks[2].Data))
	page.await("its end", func(name string, _ message, data string) bool { return name == "typing" && data == `{"stopped":true}` })
}

func TestSessionIsMarked(t *testing.T) {
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		return ev.Thread.MarkSession(ctx, chat.SessionSuspended)
	}})
	page, _ := b.open("ada", "c1")
	chunks := b.say("ada", "c1", "m1", "go")
	require.Equal(t, "start data-session finish", kinds(chunks))
	require.True(t, chunks[1].Transient)
	require.JSONEq(t, `{"status":"suspended"}`, string(chunks[1].Data))
	page.await("the status", func(name string, _ message, data string) bool {
		return name == "session" && data == `{"status":"suspended"}`
	})
}
