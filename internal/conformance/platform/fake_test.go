package platform

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
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
		Posts: func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
			return readMarkdown(f.Posts(thread)), nil
		},
		Typing: func(_ context.Context, thread chat.ThreadID) (int, error) { return f.Typed(thread), nil },
		Ephemeral: func(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
			return f.Ephemeral(thread, user), nil
		},
		Limit: func(pass int, d time.Duration) {
			refusals := make([]error, pass, pass+1)
			f.FailNext(append(refusals, &chat.PlatformError{Adapter: "fake", Op: "post", Code: chat.CodeRateLimited, RetryAfter: d})...)
		},
		Break: func() { f.Fail(&chat.PlatformError{Adapter: "fake", Op: "call", Code: chat.CodeTemporary}) },
		// The adapter has nothing of its own that could be lost.
		Restart: func() (chat.Adapter, error) { return restarted{a}, nil },
		Scheduled: func(_ context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error) {
			return f.Scheduled(thread), nil
		},
		Click: func(ctx context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			id, value, err := actionOf(p, label)
			if err != nil {
				return nil, err
			}
			_, err = f.Host().Deliver(ctx, &chat.ActionEvent{
				EventBase: chat.EventBase{ID: "click-" + rand.Text(), ThreadID: p.Thread, User: chattest.Ada()}, MessageID: p.ID, ActionID: id, Value: value, TriggerID: "t-" + rand.Text(),
			})
			return nil, err
		},
		Modals: func(context.Context) ([]chattest.OpenedModal, error) { return f.Modals(), nil },
		Submit: func(ctx context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			_, err := f.Submit(ctx, m, values)
			return nil, err
		},
		Session: func(_ context.Context, thread chat.ThreadID) (status chat.SessionStatus, _ error) {
			if all := f.Sessions(thread); len(all) > 0 {
				status = all[len(all)-1]
			}
			return status, nil
		},
		Read: func(_ context.Context, thread chat.ThreadID) (chat.MessageID, error) { return f.Read(thread), nil },
	}
}

// restarted is a fake that begins again, with another bot.
type restarted struct{ chat.Adapter }

// readMarkdown reads what a platform shows that shows Markdown.
func readMarkdown(posts []chattest.Posted) []chattest.Posted {
	for i := range posts {
		p := &posts[i]
		p.Content = markdown.Parse(p.Text)
		for text := range markdown.FindAll[*markdown.Text](p.Content) {
			for _, mention := range mentions.FindAllStringSubmatch(text.Value, -1) {
				p.Mentions = append(p.Mentions, chat.UserID(mention[1]))
			}
		}
	}
	return posts
}

// mentions are what the platform takes as such, outside of code.
var mentions = regexp.MustCompile(`<@([^>]+)>`)

// actionOf returns the id and the value of a card's button, or of an option of its
// menus.
func actionOf(p chattest.Posted, label string) (id, value string, err error) {
	if p.Card != nil {
		for _, child := range p.Card.Children {
			row, ok := child.(*card.Actions)
			if !ok {
				continue
			}
			for _, action := range row.Children {
				switch a := action.(type) {
				case *card.Button:
					if a.Label == label {
						return a.ID, a.Value, nil
					}
				case *card.Select:
					for _, o := range a.Options {
						if o.Label == label {
							return a.ID, o.Value, nil
						}
					}
				}
			}
		}
	}
	return "", "", fmt.Errorf("the message has no %q", label)
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
	mention := &chat.Message{ID: "m5", ThreadID: "fake:general:1", Text: "@bot help", Author: chat.Author{UserID: "u1"}}
	inCode := &chat.Message{ID: "m6", ThreadID: "fake:general:1", Text: "type @bot help", Formatted: markdown.Parse("type `@bot help`"), Author: chat.Author{UserID: "u1"}}
	return adaptertest.Features{
		Unsigned: true, User: "u1", Formats: adaptertest.AllFormats,
		Mention:       adaptertest.Sample{Body: body(mention), Want: []chat.Inbound{mention}},
		MentionInCode: adaptertest.Sample{Body: body(inCode), Want: []chat.Inbound{inCode}},
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
	features.Samples = slices.DeleteFunc(features.Samples, func(s adaptertest.Sample) bool { return len(s.Files) > 0 })
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		f := newFake()
		return fakeHarness(t, f, struct{ chat.Adapter }{f.Adapter()})
	}, features)
}

// fixed is an adapter whose messages cannot be changed, so that streams are shown when
// they are whole.
type fixed struct{ chat.Adapter }

func (f fixed) EditMessage(ctx context.Context, thread chat.ThreadID, _ chat.MessageID, _ *chat.Post) error {
	return f.refuse(ctx, thread)
}

func (f fixed) DeleteMessage(ctx context.Context, thread chat.ThreadID, _ chat.MessageID) error {
	return f.refuse(ctx, thread)
}

func (f fixed) refuse(ctx context.Context, thread chat.ThreadID) error {
	if _, err := f.DecodeThreadID(thread); err != nil {
		return err
	}
	return errors.Join(ctx.Err(), errors.ErrUnsupported)
}

func (fixed) ShowDraft(context.Context, chat.ThreadID, int32, *chat.Post) (time.Duration, error) {
	return 0, nil
}

func (fixed) BuffersStreams() bool { return true }

// TestFixedFake runs the suite on an adapter whose messages cannot be changed.
func TestFixedFake(t *testing.T) {
	features := fakeFeatures(t)
	features.Samples = slices.DeleteFunc(features.Samples, func(s adaptertest.Sample) bool { return len(s.Files) > 0 })
	features.NoEdits, features.NoDeletes = true, true
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		f := newFake()
		return fakeHarness(t, f, fixed{f.Adapter()})
	}, features)
}

func FuzzFake(f *testing.F) {
	adaptertest.Fuzz(f, openFake, fakeFeatures(&testing.T{}))
}
