package gchattest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

const (
	ada    = "users/100000000000000000001"
	helper = "users/100000000000000000050" // in whose name the app makes calls
	room   = "spaces/AAAA"
	dm     = "spaces/DDDD"
	thread = room + "/threads/TTTT"

	inThread = chat.ThreadID("gchat:spaces/AAAA:c3BhY2VzL0FBQUEvdGhyZWFkcy9UVFRU")
	inDM     = chat.ThreadID("gchat:spaces/DDDD:dm")
)

func newChat(tb testing.TB) *fakegchat.Server {
	tb.Helper()
	s := fakegchat.New(tb)
	s.AddUser(fakegchat.User{Name: ada, DisplayName: "Ada", Email: "ada@example.com"})
	s.AddUser(fakegchat.User{Name: helper, DisplayName: "Helper", Email: fakegchat.Delegate})
	s.AddUser(fakegchat.User{Name: fakegchat.BotID, DisplayName: "The Bot", Type: "BOT"})
	s.AddSpace(fakegchat.Space{Name: room, Type: "SPACE", DisplayName: "General", Threads: []string{thread}, Members: []string{ada, helper}})
	s.AddSpace(fakegchat.Space{Name: dm, Type: "DIRECT_MESSAGE", Members: []string{ada}})
	return s
}

func newAdapter(tb testing.TB, s *fakegchat.Server, change ...func(*gchat.Config)) *gchat.Adapter {
	tb.Helper()
	cfg := gchat.Config{
		Credentials: fakegchat.Credentials(), ProjectNumber: fakegchat.ProjectNumber, EndpointURL: fakegchat.EndpointURL, AddOnServiceAccount: fakegchat.AddOnAccount,
		PubSubTopic: fakegchat.Topic, PubSubAudience: fakegchat.PushAudience, PubSubServiceAccount: fakegchat.PushAccount,
		ImpersonateUser: fakegchat.Delegate, BotUserID: fakegchat.BotID, APIURL: s.URL, HTTPClient: s.Client(),
	}
	for _, c := range change {
		c(&cfg)
	}
	a, err := gchat.New(cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = a.Close(context.Background()) })
	return a
}

// sign adds the token with which Chat or Pub/Sub sends a body.
func sign(r *http.Request, body []byte, _ time.Time) {
	token := fakegchat.ChatToken
	if strings.Contains(string(body), `"subscription":"projects/`) {
		token = fakegchat.PushToken
	}
	r.Header.Set("Authorization", "Bearer "+token())
}

// rig is a bot on a fake Google Chat, and what it has handled.
type rig struct {
	*chat.Chat
	*gchat.Adapter
	google  *fakegchat.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*gchat.Config)) *rig {
	t.Helper()
	return newRigOn(t, newChat(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Google Chat and state.
func newRigOn(t *testing.T, s *fakegchat.Server, st state.Adapter, change ...func(*gchat.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), google: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Mentions)
	b.OnSlashCommand(botrig.Keep[chat.SlashCommandEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	b.OnMembership(botrig.Keep[chat.MembershipEvent](b))
	b.OnInstallation(botrig.Keep[chat.InstallationEvent](b))
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnModalClosed(botrig.Keep[chat.ModalClosedEvent](b))
	return r
}

// deliver sends a webhook with a token and returns the answer.
func (r *rig) deliver(t *testing.T, body string, token ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/gchat", strings.NewReader(body))
	sign(req, []byte(body), time.Time{})
	if len(token) > 0 {
		req.Header.Set("Authorization", "Bearer "+token[0])
	}
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := r.deliver(t, body)
	require.Equal(t, http.StatusOK, w.Code, "%s\n%s", w.Body, r.log)
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
