package telegramtest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

// rig is a bot on a fake Telegram, and what it has handled.
type rig struct {
	*chat.Chat
	*telegram.Adapter
	telegram *faketelegram.Server
	state    state.Adapter
	handled  chan chat.Inbound
	log      *botrig.Log
}

func newRig(t *testing.T, change ...func(*telegram.Config)) *rig {
	t.Helper()
	return newRigOn(t, newTelegram(t), newMemory(t), change...)
}

// newRigOn returns one of several bots on the same Telegram and state.
func newRigOn(t *testing.T, s *faketelegram.Server, st state.Adapter, change ...func(*telegram.Config)) *rig {
	t.Helper()
	change = append([]func(*telegram.Config){func(c *telegram.Config) { c.AlbumWait = 100 * time.Millisecond }}, change...)
	r := &rig{Adapter: newAdapter(t, s, change...), telegram: s, state: st, handled: make(chan chat.Inbound, 100), log: &botrig.Log{}}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{r.Adapter}, State: botrig.KeptOpen{Adapter: st},
		Logger: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	require.NoError(t, err)
	r.Chat = bot
	require.NoError(t, st.Connect(t.Context())) // for those who call the adapter without the bot
	bot.OnMessage(regexp.MustCompile(`(?s)^`), func(_ context.Context, ev *chat.MessageEvent) error {
		for _, m := range append(ev.Skipped, ev.Message) {
			r.handled <- m
		}
		return nil
	})
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		for _, m := range append(ev.Skipped, ev.Message) {
			mention := *m
			mention.Mention = new(true)
			r.handled <- &mention
		}
		return nil
	})
	bot.OnSlashCommand(func(_ context.Context, ev *chat.SlashCommandEvent) error { r.handled <- ev; return nil })
	bot.OnAction(func(_ context.Context, ev *chat.ActionEvent) error { r.handled <- ev; return nil })
	bot.OnReaction(func(_ context.Context, ev *chat.ReactionEvent) error { r.handled <- ev; return nil })
	bot.OnPlatformEvent(func(_ context.Context, ev *chat.PlatformEvent) error { r.handled <- ev; return nil })
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = bot.Shutdown(ctx)
	})
	return r
}

// deliver sends an update and returns the answer.
func (r *rig) deliver(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/telegram", strings.NewReader(body))
	sign(req, nil, time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends an update that is taken.
func (r *rig) send(t *testing.T, fields string) {
	t.Helper()
	w := r.deliver(t, updateOf(fields))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, 10*time.Second, r.log)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	botrig.Quiet(t, r.handled)
}

// handOver returns a handler that hands events over.
func handOver[E any](to chan<- *E) func(context.Context, *E) error {
	return func(_ context.Context, ev *E) error {
		to <- ev
		return nil
	}
}
