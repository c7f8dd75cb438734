package chat_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

// connectable is a state that can be connected, and no more.
type connectable struct{ state.Adapter }

func (connectable) Connect(context.Context) error { return nil }
func (connectable) SetIfNotExists(context.Context, string, []byte, time.Duration) (bool, error) {
	return true, nil
}

// posting is a bot that only posts: its state is connected, and nothing else is asked
// of it.
type posting struct {
	*chat.Chat
	fake   *chattest.Fake
	thread *chat.Thread
}

func newPosting(t *testing.T, change func(*chat.Config)) *posting {
	t.Helper()
	return newPostingOn(t, chattest.Config{}, change)
}

// without is a bot whose platform lacks the abilities.
func without(t *testing.T, abilities ...chattest.Ability) *posting {
	t.Helper()
	return newPostingOn(t, chattest.Config{Without: abilities}, nil)
}

func newPostingOn(t *testing.T, platform chattest.Config, change func(*chat.Config)) *posting {
	t.Helper()
	fake := chattest.NewFake(platform)
	cfg := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: connectable{}, Durability: chat.DurabilityNone, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	bot, err := chat.New(cfg)
	require.NoError(t, err)
	thread, err := bot.Thread(fake.Thread("c", "t"))
	require.NoError(t, err)
	return &posting{Chat: bot, fake: fake, thread: thread}
}

// on replaces the adapter by one that wraps the fake.
func on(wrap func(*chattest.Adapter) chat.Adapter) func(*chat.Config) {
	return func(c *chat.Config) { c.Adapters[0] = wrap(c.Adapters[0].(*chattest.Adapter)) }
}

// texts are what the thread shows.
func (p *posting) texts() []string { return textsOf(p.fake.Posts(p.thread.ID())) }

func textsOf(posts []chattest.Posted) []string {
	texts := []string{}
	for _, post := range posts {
		if !post.Deleted {
			texts = append(texts, post.Text)
		}
	}
	return texts
}

func limited(d time.Duration) error {
	return &chat.PlatformError{Adapter: "fake", Op: "test", Code: chat.CodeRateLimited, RetryAfter: d}
}

func failure(code chat.Code) error {
	return &chat.PlatformError{Adapter: "fake", Op: "test", Code: code}
}

// onlyReader hides what else a reader can.
type onlyReader struct{ io.Reader }

// pause waits in virtual time, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
