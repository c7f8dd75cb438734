package webtest

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A page that is loaded again goes on with the answer that is still growing. What is
// kept of it already comes with the messages.
func TestAStreamIsResumed(t *testing.T) {
	goOn := make(chan struct{})
	next := func(e *events) string {
		event, ok := e.next()
		require.True(t, ok, "the stream ends with [DONE]")
		return event.data
	}
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if _, err := ev.Thread.Post(ctx, chat.Text("whole")); err != nil {
			return err
		}
		_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			if yield("half", nil) {
				<-goOn
				yield(" and half", nil)
			}
		}))
		return err
	}})
	require.Equal(t, http.StatusNoContent, b.do(http.MethodGet, "/c1/stream", "ada", "").StatusCode, "nothing runs")

	page, _ := b.open("ada", "c1")
	asked := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
	page.await("the answer's beginning", func(name string, m message, _ string) bool { return name == "message" && m.Metadata.Streaming })
	require.NoError(t, asked.Body.Close(), "the page is left")

	require.Equal(t, http.StatusNoContent, b.do(http.MethodGet, "/c1/stream", "bob", "").StatusCode, "it is another user's")
	require.Equal(t, http.StatusNoContent, b.do(http.MethodGet, "/c2/stream", "ada", "").StatusCode)
	kept := b.messages("ada", "c1")
	require.Equal(t, []string{"user: go", "assistant: whole"}, lines(kept))
	readers := map[string]*events{}
	for _, path := range []string{"/c1/stream", "/c1/stream?after=m1", "/c1/stream?after=" + kept[1].ID} {
		resp := b.do(http.MethodGet, path, "ada", "")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "v1", resp.Header.Get("X-Vercel-Ai-Ui-Message-Stream"))
		readers[path] = newEvents(t, resp.Body)
		require.Equal(t, `{"type":"start"}`, next(readers[path]), "the reader goes on with the message that it has")
	}
	close(goOn)
	for path, want := range map[string][]string{
		"/c1/stream": {"half and half"}, "/c1/stream?after=m1": {"whole", "half and half"}, "/c1/stream?after=" + kept[1].ID: {"half and half"},
	} {
		var chunks []chunk
		for data := next(readers[path]); data != "[DONE]"; data = next(readers[path]) {
			chunks = append(chunks, decodeChunk(t, data))
		}
		require.Equal(t, want, texts(chunks), path)
		require.Equal(t, "finish", chunks[len(chunks)-1].Type)
	}
	require.Equal(t, http.StatusNoContent, b.do(http.MethodGet, "/c1/stream", "ada", "").StatusCode, "the turn is over")
}
