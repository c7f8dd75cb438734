package bottest

import (
	"context"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// newBot returns a running bot on memory with one fake platform.
func newBot(t *testing.T, change func(*chat.Config)) (*chat.Chat, *chattest.Fake) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	fake := chattest.NewFake("fake")
	cfg := chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake}, State: st, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	bot, err := chat.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, bot.Shutdown(ctx))
	})
	return bot, fake
}

func TestMentionSubscribeAnswer(t *testing.T) {
	ctx := t.Context()
	bot, fake := newBot(t, nil)
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := ev.Thread.Subscribe(ctx); err != nil {
			return err
		}
		_, err := ev.Thread.Post(ctx, chat.Markdown("Hello **there**"))
		return err
	})
	bot.OnSubscribedMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		n, err := chat.ThreadState[int](ev.Thread).Update(ctx, func(n int) (int, error) { return n + 1, nil })
		if err != nil {
			return err
		}
		_, err = ev.Thread.Post(ctx, chat.Text("again "+string(rune('0'+n))))
		return err
	})
	bot.OnMessage(regexp.MustCompile(`^ping (\w+)`), func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("pong "+ev.Match[1]))
		return err
	})
	th := fake.Thread("c1", "t1")
	for _, text := range []string{"hey @bot", "more", "ping x"} {
		r, err := fake.Send(ctx, fake.Message(th, text))
		require.NoError(t, err)
		require.NoError(t, r.Wait(ctx))
	}
	posts := fake.Posts(th)
	require.Len(t, posts, 3)
	require.Equal(t, "again 2", posts[2].Text)
	other := fake.Thread("c1", "t2")
	r, err := fake.Send(ctx, fake.Message(other, "ping y"))
	require.NoError(t, err)
	require.NoError(t, r.Wait(ctx))
	require.Equal(t, "pong y", fake.Posts(other)[0].Text)
}
