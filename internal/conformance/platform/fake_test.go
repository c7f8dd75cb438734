package platform

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
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

func openFake(t *testing.T) adaptertest.Harness {
	t.Helper()
	f := newFake()
	return fakeHarness(t, f, f.Adapter())
}

// theFile is what the attachment of a sample holds.
const theFile = "content of the file"

func newFake() *chattest.Fake {
	f := chattest.NewFake(chattest.Config{With: []chattest.Ability{chattest.MessageFetcher, chattest.ChannelFetcher, chattest.AttachmentFetcher}})
	f.AddChannel(chat.ChannelInfo{ID: "fake:general", Name: "general"})
	f.AddChannel(chat.ChannelInfo{ID: "fake:dm-ada", DM: true})
	f.AddFile("notes.txt", []byte(theFile))
	f.AddMessages(&chat.Message{ID: "m0", ThreadID: "fake:general:0", Text: "before", SentAt: time.UnixMilli(1_700_000_000_000), Author: chattest.Ada()})
	return f
}

func fakeHarness(t *testing.T, f *chattest.Fake, a chat.Adapter) adaptertest.Harness {
	t.Helper()
	return adaptertest.Harness{
		Adapter: a, State: newState(t),
		Posts:  func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) { return f.Posts(thread), nil },
		Typing: func(_ context.Context, thread chat.ThreadID) (int, error) { return f.Typed(thread), nil },
		Ephemeral: func(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
			return f.Ephemeral(thread, user), nil
		},
		Limit: func(d time.Duration) {
			f.FailNext(&chat.PlatformError{Adapter: "fake", Op: "post", Code: chat.CodeRateLimited, RetryAfter: d})
		},
		Scheduled: func(_ context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error) {
			return f.Scheduled(thread), nil
		},
		Click: func(ctx context.Context, p chattest.Posted, button string) (*adaptertest.Sample, error) {
			_, err := f.Click(ctx, chattest.Ada(), p, button)
			return nil, err
		},
		Modals: func(context.Context) ([]chattest.OpenedModal, error) { return f.Modals(), nil },
		Submit: func(ctx context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			_, err := f.Submit(ctx, m, values)
			return nil, err
		},
		Read: func(_ context.Context, thread chat.ThreadID) (chat.MessageID, error) { return f.Read(thread), nil },
	}
}

func fakeFeatures(t *testing.T) adaptertest.Features {
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
	file := &chat.Message{ID: "m4", ThreadID: "fake:general:1", Text: "see", Author: chat.Author{UserID: "u1"}, Attachments: []chat.Attachment{newFake().AddFile("notes.txt", nil)}}
	own := &chat.Message{ID: "m3", ThreadID: "fake:general:1", Text: "hello", Author: chat.Author{UserID: "u2", Me: true}}
	return adaptertest.Features{
		Unsigned: true, User: "u1",
		Samples: []adaptertest.Sample{
			{Name: "message", Body: body(message), Want: []chat.Inbound{message}},
			{Name: "direct message", Body: body(direct), Want: []chat.Inbound{direct}},
			{Name: "message with a file", Body: body(file), Want: []chat.Inbound{file}, Files: []string{theFile}},
			{Name: "own message", Body: body(own), Own: true},
		},
	}
}

func TestFake(t *testing.T) {
	adaptertest.Run(t, openFake, fakeFeatures(t))
}

// TestPlainFake runs the suite on an adapter that can do nothing but what every
// adapter can.
func TestPlainFake(t *testing.T) {
	features := fakeFeatures(t)
	features.User = ""
	features.Samples = slices.DeleteFunc(features.Samples, func(s adaptertest.Sample) bool { return len(s.Files) > 0 })
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		f := newFake()
		return fakeHarness(t, f, struct{ chat.Adapter }{f.Adapter()})
	}, features)
}

func FuzzFake(f *testing.F) {
	adaptertest.Fuzz(f, openFake, fakeFeatures(&testing.T{}))
}
