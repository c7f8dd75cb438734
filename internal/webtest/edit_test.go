package webtest

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The last message of a user can be changed: the bot answers its next wording, and
// what it has answered before is gone on every page and every instance.
func TestAUserEditsTheLastMessage(t *testing.T) {
	type seen struct {
		text   string
		edited bool
	}
	handled := make(chan seen, 8)
	st := newMemory(t)
	b := newBot(t, botOptions{state: shared{st}, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		handled <- seen{ev.Message.Text, ev.Message.Edited}
		_, err := ev.Thread.Post(ctx, chat.Text("re "+ev.Message.Text))
		return err
	}})
	b.say("ada", "c1", "m0", "zero")
	b.say("ada", "c1", "m1", "first")
	page, _ := b.open("ada", "c1")
	old := b.messages("ada", "c1")[3]

	require.Equal(t, []string{"re second"}, texts(b.say("ada", "c1", "m1", "second")))
	page.await("the end of the old answer", func(name string, _ message, data string) bool {
		return name == "removed" && data == `{"id":"`+old.ID+`"}`
	})
	m := page.awaitText("second")
	require.Equal(t, "m1", m.ID, "it keeps the page's id")
	require.True(t, m.Metadata.Edited)
	page.awaitText("re second")
	want := []string{"user: zero", "assistant: re zero", "user: second", "assistant: re second"}
	require.Equal(t, want, b.history("ada", "c1"))
	require.Equal(t, "m1", b.messages("ada", "c1")[2].ID)

	b.say("ada", "c1", "m1", "second") // the same edit again
	require.Equal(t, want, b.history("ada", "c1"))
	for _, want := range []seen{{"zero", false}, {"first", false}, {"second", true}} {
		require.Equal(t, want, <-handled)
	}
	require.Empty(t, handled, "what is sent again is handled once")

	// Another instance that has only the state sees the same, and takes the next one,
	// even if it says what was said before.
	other := newBot(t, botOptions{state: shared{st}, handle: reply("from elsewhere")})
	require.Equal(t, want, other.history("ada", "c1"))
	other.say("ada", "c1", "m1", "first")
	want = []string{"user: zero", "assistant: re zero", "user: first", "assistant: from elsewhere"}
	require.Equal(t, want, other.history("ada", "c1"))
	require.Equal(t, want, b.history("ada", "c1"))
	b.say("ada", "c1", "m2", "third")
	require.Equal(t, append(want, "user: third", "assistant: re third"), b.history("ada", "c1"))
}

func TestAnEditThatIsRefused(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	b.say("ada", "c1", "m1", "first")
	b.say("ada", "c1", "m2", "second")
	answer := b.messages("ada", "c1")[3].ID
	before := b.history("ada", "c1")
	for _, id := range []string{"m1", answer} {
		resp := b.do(http.MethodPost, "", "ada", turn("c1", id, "changed"))
		require.Equal(t, http.StatusConflict, resp.StatusCode)
		require.Contains(t, errorText(t, resp), "is not your last one")
	}
	require.Equal(t, before, b.history("ada", "c1"))
}

// An edit stops the answer to the wording before.
func TestAnEditStopsTheAnswer(t *testing.T) {
	stopped := make(chan error, 2)
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if ev.Message.Text == "go" {
			return untilStopped(stopped)(ctx, ev)
		}
		_, err := ev.Thread.Post(ctx, chat.Text("done"))
		return err
	}})
	page, _ := b.open("ada", "c1")
	b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
	page.await("the answer's beginning", func(name string, m message, _ string) bool { return name == "message" && m.Metadata.Streaming })
	require.Equal(t, []string{"done"}, texts(b.say("ada", "c1", "m1", "do it at once")))
	require.ErrorIs(t, <-stopped, chat.ErrTurnCancelled)
	require.Equal(t, []string{"user: do it at once", "assistant: done"}, b.history("ada", "c1"))
}

// Other files are an edit too.
func TestAnEditOfFilesAlone(t *testing.T) {
	got := make(chan string, 8)
	b := newBot(t, botOptions{web: web.Config{UserFiles: true}, handle: func(_ context.Context, ev *chat.MessageEvent) error {
		names := ev.Message.Text
		for _, at := range ev.Message.Attachments {
			names += " " + at.Name
		}
		got <- names
		return nil
	}})
	file := func(name string) map[string]string {
		return map[string]string{"filename": name, "url": dataURL("text/plain", "content of "+name)}
	}
	for _, body := range []string{
		fileTurn("c1", "m1", "look", file("a"), file("b")), fileTurn("c1", "m1", "look", file("b")),
		fileTurn("c1", "m1", "look", file("b")), fileTurn("c1", "m1", "look"),
	} {
		resp := b.do(http.MethodPost, "", "ada", body)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Contains(t, string(readAll(t, resp)), "[DONE]")
	}
	for _, want := range []string{"look a b", "look b", "look"} {
		require.Equal(t, want, <-got)
	}
	require.Empty(t, got)
	require.Equal(t, []string{"user: look"}, b.history("ada", "c1"))
}
