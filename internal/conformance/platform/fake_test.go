package platform

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func newState(t *testing.T) state.Adapter {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	return st
}

func openFake(t *testing.T) chattest.Harness {
	t.Helper()
	f := chattest.NewFake("fake")
	return chattest.Harness{
		Adapter: f, State: newState(t),
		Posts:  func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) { return f.Posts(thread), nil },
		Typing: func(_ context.Context, thread chat.ThreadID) (int, error) { return f.Typed(thread), nil },
	}
}

func fakeFeatures(t *testing.T) chattest.Features {
	t.Helper()
	body := func(m *chat.Message) string {
		data, err := json.Marshal(m)
		require.NoError(t, err)
		return string(data)
	}
	message := &chat.Message{
		ID: "m1", ThreadID: "fake:general:1", Text: "hello", SentAt: time.UnixMilli(1_700_000_000_123),
		Author: chat.Author{UserID: "u1", UserName: "ada", FullName: "Ada", Bot: new(false)},
	}
	direct := &chat.Message{ID: "m2", ThreadID: "fake:dm-ada:1", Text: "psst", Author: chat.Author{UserID: "u1"}}
	own := &chat.Message{ID: "m3", ThreadID: "fake:general:1", Text: "hello", Author: chat.Author{UserID: "u2", Me: true}}
	return chattest.Features{
		Unsigned: true,
		Samples: []chattest.Sample{
			{Name: "message", Body: body(message), Want: []chat.Inbound{message}},
			{Name: "direct message", Body: body(direct), Want: []chat.Inbound{direct}},
			{Name: "own message", Body: body(own), Own: true},
		},
	}
}

func TestFake(t *testing.T) {
	chattest.Run(t, openFake, fakeFeatures(t))
}

func FuzzFake(f *testing.F) {
	chattest.Fuzz(f, openFake, fakeFeatures(&testing.T{}))
}
