package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// thread returns a conversation outside of a turn.
func (b *testBot) thread(user, conversation string) *chat.Thread {
	b.t.Helper()
	thread, err := b.Thread(chat.ThreadID("web:" + user + ":" + conversation))
	require.NoError(b.t, err)
	return thread
}

func TestAPostWithoutATurnReachesOpenPages(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	b.say("ada", "c1", "m1", "hi")
	page, history := b.open("ada", "c1")
	require.Equal(t, []string{"user: hi", "assistant: ok"}, lines(history))
	sent, err := b.thread("ada", "c1").Post(t.Context(), chat.Text("no *emphasis*"))
	require.NoError(t, err)
	m := page.await("the post", func(name string, m message, _ string) bool { return name == "message" && m.ID == string(sent.ID()) })
	require.Equal(t, `no \*emphasis\*`, m.text(), "plain text is no formatting")
}

func TestEditsAndDeletions(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("first", "second")})
	chunks := b.say("ada", "c1", "m1", "hi")
	first, second := chat.MessageID(chunks[1].ID), chat.MessageID(chunks[4].ID)
	page, _ := b.open("ada", "c1")
	sent, err := b.thread("ada", "c1").Post(t.Context(), chat.Markdown("third"))
	require.NoError(t, err)
	page.awaitText("third")

	ctx, thread := t.Context(), chat.ThreadID("web:ada:c1")
	adapter := b.thread("ada", "c1").Adapter()
	require.NoError(t, adapter.EditMessage(ctx, thread, first, &chat.Post{Markdown: "**changed**"}))
	m := page.awaitText("**changed**")
	require.Equal(t, string(first), m.ID)
	require.True(t, m.Metadata.Edited)
	for range 300 { // more edits than any list keeps
		require.NoError(t, adapter.EditMessage(ctx, thread, first, &chat.Post{Markdown: "again"}))
	}
	require.Greater(t, page.awaitText("again").Metadata.Version, m.Metadata.Version)
	require.NoError(t, adapter.DeleteMessage(ctx, thread, second))
	page.await("the deletion", func(name string, _ message, data string) bool {
		return name == "removed" && data == `{"id":"`+string(second)+`"}`
	})
	require.NoError(t, sent.Edit(ctx, chat.Text("plain")))
	require.Equal(t, []string{"user: hi", "assistant: again", "assistant: plain"}, b.history("ada", "c1"), "edits outlive the page")

	post := &chat.Post{Text: "x"}
	require.ErrorIs(t, adapter.EditMessage(ctx, thread, second, post), chat.ErrNotFound)
	require.ErrorIs(t, adapter.DeleteMessage(ctx, thread, second), chat.ErrNotFound)
	require.ErrorIs(t, adapter.EditMessage(ctx, thread, "no-such", post), chat.ErrNotFound)
	require.ErrorIs(t, adapter.EditMessage(ctx, thread, "ada:c1:m1", post), chat.ErrPermission)
	require.ErrorIs(t, adapter.EditMessage(ctx, "web:nonsense", first, post), chat.ErrInvalidArgument)
	require.ErrorIs(t, adapter.EditMessage(ctx, thread, first, &chat.Post{}), chat.ErrInvalid)
}

func TestEditsLiveAsLongAsTheirHistory(t *testing.T) {
	memory := newMemory(t)
	b := newBot(t, botOptions{state: memory, handle: reply("first")})
	id := b.say("ada", "c1", "m1", "hi")[1].ID
	require.NoError(t, b.thread("ada", "c1").Adapter().EditMessage(t.Context(), "web:ada:c1", chat.MessageID(id), &chat.Post{Markdown: "edited"}))
	key := "web:content:web:ada:c1:" + id
	read := func() (e struct {
		Version, StoredAt int64
	},
	) {
		data, err := memory.Get(t.Context(), key)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &e))
		return e
	}
	stored := read()
	// Two days later.
	old := fmt.Appendf(nil, `{"version":%d,"body":{"text":"edited"},"storedAt":%d}`, stored.Version, stored.StoredAt-2*24*3600*1000)
	require.NoError(t, memory.Set(t.Context(), key, old, time.Hour))
	require.Equal(t, []string{"user: hi", "assistant: edited"}, b.history("ada", "c1"))
	renewed := read()
	require.Equal(t, stored.Version, renewed.Version)
	require.GreaterOrEqual(t, renewed.StoredAt, stored.StoredAt, "reading renews it")
	list, err := memory.GetList(t.Context(), "web:contents:web:ada:c1")
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, []string{"user: hi", "assistant: edited"}, b.history("ada", "c1"))
}

// shared lets two bots use one state: each closes only its own view of it.
type shared struct{ state.Adapter }

func (shared) Close(context.Context) error { return nil }

func (s shared) Unwrap() state.Adapter { return s.Adapter }

func TestTwoInstances(t *testing.T) {
	memory := newMemory(t)
	one := newBot(t, botOptions{state: shared{memory}, handle: reply("from one")})
	two := newBot(t, botOptions{state: shared{memory}, handle: reply("from two")})
	page, _ := one.open("ada", "c1")
	chunks := two.say("ada", "c1", "m1", "hi")
	require.Equal(t, []string{"from two"}, texts(chunks))
	page.awaitText("hi")
	page.awaitText("from two")

	id := chat.MessageID(chunks[1].ID)
	adapter := two.thread("ada", "c1").Adapter()
	require.NoError(t, adapter.EditMessage(t.Context(), "web:ada:c1", id, &chat.Post{Markdown: "edited"}))
	page.awaitText("edited")
	require.NoError(t, adapter.DeleteMessage(t.Context(), "web:ada:c1", id))
	page.await("the deletion", func(name string, _ message, data string) bool {
		return name == "removed" && data == `{"id":"`+string(id)+`"}`
	})
}

func TestATurnWhoseHandlerRunsElsewhere(t *testing.T) {
	memory := newMemory(t)
	running, release := make(chan struct{}), make(chan struct{})
	busy := newBot(t, botOptions{state: shared{memory}, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if ev.Message.Text == "first" {
			close(running)
			<-release
		}
		return reply("on "+ev.Message.Text)(ctx, ev)
	}})
	idle := newBot(t, botOptions{state: shared{memory}, handle: reply("never")})
	first := busy.do(http.MethodPost, "", "ada", turn("c1", "m1", "first"))
	<-running
	// The thread is locked by the busy instance, which handles this one too.
	second := idle.do(http.MethodPost, "", "ada", turn("c1", "m2", "second"))
	require.Equal(t, http.StatusOK, second.StatusCode)
	close(release)
	require.Contains(t, string(readAll(t, first)), `"delta":"on first"`)
	require.Contains(t, string(readAll(t, second)), `"delta":"on second"`)
}

func TestThePageEndsWithTheBot(t *testing.T) {
	b := newBot(t, botOptions{handle: reply("ok")})
	page, _ := b.open("ada", "c1")
	go func() { _, _ = b.thread("ada", "c1").Post(context.Background(), chat.Text("bye")) }()
	page.awaitText("bye")
	require.NoError(t, b.Shutdown(t.Context()))
	resp := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "late"))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("Retry-After"))
}

// broken is a state that can be made to fail.
type broken struct {
	state.Adapter
	failing chan struct{} // closed while it fails
}

func (s broken) Unwrap() state.Adapter { return s.Adapter }

func (s broken) GetList(ctx context.Context, key string) ([][]byte, error) {
	select {
	case <-s.failing:
		return nil, state.ErrUnavailable
	default:
		return s.Adapter.GetList(ctx, key)
	}
}

func TestAStateThatIsAway(t *testing.T) {
	failing := make(chan struct{})
	b := newBot(t, botOptions{state: broken{newMemory(t), failing}, handle: reply("ok")})
	b.say("ada", "c1", "m1", "hi")
	close(failing)
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPost, "", turn("c1", "m2", "hi")},
		{http.MethodGet, "/events?conversation=c1", ""},
		{http.MethodGet, "/messages?conversation=c1", ""},
		{http.MethodGet, "/conversations", ""},
	} {
		resp := b.do(request.method, request.path, "ada", request.body)
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "%+v", request)
		require.NotContains(t, errorText(t, resp), "unavailable", "the state's words stay inside")
	}
}
