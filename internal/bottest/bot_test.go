package bottest

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// newBot returns a running bot on memory with one fake platform.
func newBot(t *testing.T, change func(*chat.Config)) (*chat.Chat, *chattest.Fake) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	fake := chattest.NewFake(chattest.Config{})
	cfg := chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: st, Logger: slog.New(slog.DiscardHandler)}
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
		n, err := chat.ThreadData[int](ev.Thread).Update(ctx, func(n int) (int, error) { return n + 1, nil })
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

// keeper is a platform without a history of its own.
type keeper struct{ *chattest.Adapter }

func (keeper) KeepsHistory() bool { return true }

// A message stands in the history before its handler runs, and l: a history that
// cannot be kept stops no message.
func TestHistoryHasTheMessageBeforeItsAnswer(t *testing.T) {
	for _, strategy := range []chat.Strategy{chat.StrategyQueue, chat.StrategyDrop} {
		fake := chattest.NewFake(chattest.Config{})
		bot, _ := newBot(t, func(c *chat.Config) {
			c.Adapters = []chat.Adapter{keeper{fake.Adapter()}}
			c.Concurrency.Strategy = strategy
		})
		bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Text("answer"))
			return err
		})
		for n := range 200 {
			m := fake.Message(fake.Thread("c", fmt.Sprint("t", n)), "@bot question")
			r, err := fake.Send(t.Context(), m)
			require.NoError(t, err)
			require.NoError(t, r.Wait(t.Context()))
			th, err := bot.Thread(m.ThreadID)
			require.NoError(t, err)
			history, err := chat.Take(th.Messages(t.Context(), chat.OldestFirst), 10)
			require.NoError(t, err)
			require.Len(t, history, 2)
			require.Equal(t, []string{"@bot question", "answer"}, []string{history[0].Text, history[1].Text})
		}
	}
}

// brokenLists is a state whose lists do not work.
type brokenLists struct{ *memorystate.Adapter }

func (brokenLists) AppendToList(context.Context, string, []byte, state.ListOptions) error {
	return state.ErrUnavailable
}

func TestHistoryThatCannotBeKeptStopsNoMessage(t *testing.T) {
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	fake := chattest.NewFake(chattest.Config{})
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{fake.Adapter()}}
		c.State = brokenLists{st}
	})
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("answer"))
		return err
	})
	m := fake.Message(fake.Thread("c", "t"), "@bot question")
	r, err := fake.Send(t.Context(), m)
	require.NoError(t, err)
	require.NoError(t, r.Wait(t.Context()))
	require.Len(t, fake.Posts(m.ThreadID), 1)
}
