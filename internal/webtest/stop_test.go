package webtest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// untilStopped is a handler that streams a word and then goes on until it has to
// end. It sends why to stopped.
func untilStopped(stopped chan<- error) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
			if yield("working", nil) {
				<-ctx.Done()
				yield("", context.Cause(ctx))
			}
		}))
		stopped <- context.Cause(ctx)
		return err
	}
}

// TestAUserStopsTheBot stops it by the instance that works and by another one.
func TestAUserStopsTheBot(t *testing.T) {
	for _, where := range []string{"the same instance", "another instance"} {
		t.Run(where, func(t *testing.T) {
			stopped := make(chan error, 1)
			st := newMemory(t)
			b := newBot(t, botOptions{state: st, handle: untilStopped(stopped)})
			asked := b
			if where == "another instance" {
				asked = newBot(t, botOptions{state: st, handle: untilStopped(stopped)})
			}
			page, _ := b.open("ada", "c1")
			resp := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
			stream := newEvents(t, resp.Body)
			var chunks []chunk
			for len(texts(chunks)) == 0 || texts(chunks)[0] != "working" {
				chunks = append(chunks, stream.chunk())
			}
			require.Equal(t, http.StatusNoContent, asked.do(http.MethodPost, "/stop?conversation=c1", "ada", "").StatusCode)
			require.ErrorIs(t, <-stopped, chat.ErrTurnCancelled)
			for {
				e, ok := stream.next()
				require.True(t, ok)
				if e.data == "[DONE]" {
					break
				}
				chunks = append(chunks, decodeChunk(t, e.data))
			}
			require.Equal(t, "abort", chunks[len(chunks)-1].Type, "%s", kinds(chunks))
			require.NotContains(t, kinds(chunks), "error", "what the user wants is no failure")
			require.NotContains(t, kinds(chunks), "finish")
			page.await("the stopped message", func(name string, m message, _ string) bool { return name == "message" && m.Metadata.Stopped })
			for _, each := range []*testBot{b, asked} {
				kept := each.messages("ada", "c1")
				require.Len(t, kept, 2)
				require.True(t, kept[1].Metadata.Stopped, "a page that comes later sees it too")
				require.False(t, kept[1].Metadata.Streaming)
			}
		})
	}
}

func TestStoppingABotThatHasSaidNothing(t *testing.T) {
	begun := make(chan struct{})
	b := newBot(t, botOptions{handle: func(ctx context.Context, _ *chat.MessageEvent) error {
		close(begun)
		<-ctx.Done()
		return context.Cause(ctx)
	}})
	answer := make(chan []chunk, 1)
	go func() { answer <- b.say("ada", "c1", "m1", "go") }()
	<-begun
	require.Equal(t, http.StatusNoContent, b.do(http.MethodPost, "/stop?conversation=c1", "ada", "").StatusCode)
	require.Equal(t, "start abort", kinds(<-answer))
}

func TestStoppingReachesOwnConversationsOnly(t *testing.T) {
	stopped := make(chan error, 1)
	b := newBot(t, botOptions{handle: untilStopped(stopped)})
	page, _ := b.open("ada", "c1")
	b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
	page.await("the answer's beginning", func(name string, m message, _ string) bool { return name == "message" && m.Metadata.Streaming })
	for _, user := range []string{"bob", "ada:c1"} {
		require.Equal(t, http.StatusNoContent, b.do(http.MethodPost, "/stop?conversation=c1", user, "").StatusCode)
	}
	require.Equal(t, http.StatusForbidden, b.do(http.MethodPost, "/stop?conversation=c1", "ada", "", "Sec-Fetch-Site", "cross-site").StatusCode)
	require.Equal(t, http.StatusBadRequest, b.do(http.MethodPost, "/stop", "ada", "").StatusCode)
	require.Empty(t, stopped, "nobody else's request stops it")
	require.Equal(t, http.StatusNoContent, b.do(http.MethodPost, "/stop?conversation=c1", "ada", "").StatusCode)
	require.ErrorIs(t, <-stopped, chat.ErrTurnCancelled)
	require.Equal(t, http.StatusNoContent, b.do(http.MethodPost, "/stop?conversation=c1", "ada", "").StatusCode, "when nothing runs, nothing happens")
}

func TestAStopThatCannotBeStored(t *testing.T) {
	b := newBot(t, botOptions{state: brokenLists{newMemory(t)}, handle: reply("ok")})
	resp := b.do(http.MethodPost, "/stop?conversation=c1", "ada", "")
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.NotContains(t, errorText(t, resp), errBroken.Error())
}

var errBroken = errors.New("redis is away")

// brokenLists is a state that takes no entry of a list.
type brokenLists struct{ state.Adapter }

func (b brokenLists) Unwrap() state.Adapter { return b.Adapter }

func (brokenLists) AppendToList(context.Context, string, []byte, state.ListOptions) error {
	return errBroken
}
