package gchattest

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

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
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

func newMemory(tb testing.TB) state.Adapter {
	tb.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(tb, err)
	return st
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
	return newRigOn(t, newChat(t), newMemory(t), change...)
}

// newRigOn returns one of several bots on the same Google Chat and state.
func newRigOn(t *testing.T, s *fakegchat.Server, st state.Adapter, change ...func(*gchat.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), google: s, state: st, handled: make(chan chat.Inbound, 100), log: &botrig.Log{}}
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
	bot.OnSlashCommand(handOver[chat.SlashCommandEvent](r.handled))
	bot.OnReaction(handOver[chat.ReactionEvent](r.handled))
	bot.OnPlatformEvent(handOver[chat.PlatformEvent](r.handled))
	bot.OnMembership(handOver[chat.MembershipEvent](r.handled))
	bot.OnInstallation(handOver[chat.InstallationEvent](r.handled))
	bot.OnMessageUpdated(handOver[chat.MessageUpdatedEvent](r.handled))
	bot.OnMessageDeleted(handOver[chat.MessageDeletedEvent](r.handled))
	bot.OnModalClosed(handOver[chat.ModalClosedEvent](r.handled))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = bot.Shutdown(ctx)
	})
	return r
}

// handOver returns a handler that hands events over.
func handOver[E any, P interface {
	*E
	chat.Inbound
}](to chan<- chat.Inbound) func(context.Context, *E) error {
	return func(_ context.Context, ev *E) error {
		to <- P(ev)
		return nil
	}
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
	return botrig.Next[T](t, r.handled, 10*time.Second, r.log)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	botrig.Quiet(t, r.handled)
}
