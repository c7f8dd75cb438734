package botrig

import (
	"context"
	"log/slog"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// Memory returns a new state in memory.
func Memory(tb testing.TB) state.Adapter {
	tb.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(tb, err)
	return st
}

// Bot is a bot with one adapter, and what its handlers have taken.
type Bot struct {
	*chat.Chat
	Handled chan chat.Inbound
	Log     *Log
}

// New returns a bot on the state, which stays open for others. It has no handlers yet, and
// ends with the test.
func New(t *testing.T, adapter chat.Adapter, st state.Adapter, change ...func(*chat.Config)) *Bot {
	t.Helper()
	b := &Bot{Handled: make(chan chat.Inbound, 1000), Log: &Log{}}
	cfg := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{adapter}, State: KeptOpen{Adapter: st}, Logger: slog.New(slog.NewTextHandler(b.Log, nil)),
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	b.Chat, err = chat.New(cfg)
	require.NoError(t, err)
	require.NoError(t, st.Connect(t.Context())) // for those who call the adapter without the bot
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_ = b.Shutdown(ctx)
	})
	return b
}

// AnyText matches the text of every message.
var AnyText = regexp.MustCompile(`(?s)^`)

// Messages is a handler that hands over messages, those that were skipped first.
func (b *Bot) Messages(_ context.Context, ev *chat.MessageEvent) error {
	for _, m := range append(ev.Skipped, ev.Message) {
		b.Handled <- m
	}
	return nil
}

// Mentions is as Messages, and marks what it hands over as mentions.
func (b *Bot) Mentions(_ context.Context, ev *chat.MessageEvent) error {
	for _, m := range append(ev.Skipped, ev.Message) {
		mention := *m
		mention.Mention = new(true)
		b.Handled <- &mention
	}
	return nil
}

// Keep returns a handler that hands events over.
func Keep[E any, P interface {
	*E
	chat.Inbound
}](b *Bot) func(context.Context, *E) error {
	return func(_ context.Context, ev *E) error {
		b.Handled <- P(ev)
		return nil
	}
}
