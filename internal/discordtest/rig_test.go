package discordtest

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

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

// rig is a bot on a fake Discord, and what it has handled.
type rig struct {
	*chat.Chat
	*discord.Adapter
	discord *fakediscord.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*discord.Config)) *rig {
	t.Helper()
	return newRigOn(t, newDiscord(t), newMemory(t), change...)
}

// newRigOn returns one of several bots on the same Discord and state.
func newRigOn(t *testing.T, s *fakediscord.Server, st state.Adapter, change ...func(*discord.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), discord: s, state: st, handled: make(chan chat.Inbound, 1000), log: &botrig.Log{}}
	b, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{r.Adapter}, State: botrig.KeptOpen{Adapter: st},
		Logger: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	require.NoError(t, err)
	r.Chat = b
	require.NoError(t, st.Connect(t.Context())) // for those who call the adapter without the bot
	messages := func(_ context.Context, ev *chat.MessageEvent) error {
		for _, m := range append(ev.Skipped, ev.Message) {
			r.handled <- m
		}
		return nil
	}
	b.OnMessage(regexp.MustCompile(`(?s)^`), messages)
	b.OnMention(messages)
	b.OnSlashCommand(keep[chat.SlashCommandEvent](r))
	b.OnAction(keep[chat.ActionEvent](r))
	b.OnReaction(keep[chat.ReactionEvent](r))
	b.OnMessageUpdated(keep[chat.MessageUpdatedEvent](r))
	b.OnMessageDeleted(keep[chat.MessageDeletedEvent](r))
	b.OnMembership(keep[chat.MembershipEvent](r))
	b.OnInstallation(keep[chat.InstallationEvent](r))
	b.OnPlatformEvent(keep[chat.PlatformEvent](r))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = b.Shutdown(ctx)
	})
	return r
}

// keep is a handler that hands an event over to the test.
func keep[E any, P interface {
	*E
	chat.Inbound
}](r *rig) func(context.Context, *E) error {
	return func(_ context.Context, ev *E) error {
		r.handled <- P(ev)
		return nil
	}
}

// deliver sends a webhook as Discord signs it, and returns the answer.
func (r *rig) deliver(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/discord", strings.NewReader(body))
	signs(r.discord)(req, []byte(body), time.Now())
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := r.deliver(t, body)
	require.Less(t, w.Code, 300, w.Body)
	return w
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, 20*time.Second, r.log)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	botrig.Quiet(t, r.handled)
}
