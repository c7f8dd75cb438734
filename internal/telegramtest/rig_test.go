package telegramtest

import (
	"context"
	"net/http"
	"net/http/httptest"
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
	return newRigOn(t, newTelegram(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Telegram and state.
func newRigOn(t *testing.T, s *faketelegram.Server, st state.Adapter, change ...func(*telegram.Config)) *rig {
	t.Helper()
	change = append([]func(*telegram.Config){func(c *telegram.Config) { c.AlbumWait = 100 * time.Millisecond }}, change...)
	r := &rig{Adapter: newAdapter(t, s, change...), telegram: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Mentions)
	b.OnSlashCommand(botrig.Keep[chat.SlashCommandEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
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
	return botrig.Next[T](t, r.handled, r.log)
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
