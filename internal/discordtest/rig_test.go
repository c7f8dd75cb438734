package discordtest

import (
	"net/http"
	"net/http/httptest"
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
	return newRigOn(t, newDiscord(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Discord and state.
func newRigOn(t *testing.T, s *fakediscord.Server, st state.Adapter, change ...func(*discord.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), discord: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnSlashCommand(botrig.Keep[chat.SlashCommandEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnMembership(botrig.Keep[chat.MembershipEvent](b))
	b.OnInstallation(botrig.Keep[chat.InstallationEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
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
	return botrig.Next[T](t, r.handled, r.log)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	botrig.Quiet(t, r.handled)
}
