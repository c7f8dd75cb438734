package messengertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

const (
	appSecret   = "5cc1f43bd1a0e5a2"
	verifyToken = "a text of one's own"
	page        = "100000000000001"
	ada         = "200000000000001"
	adasThread  = chat.ThreadID("messenger:" + ada)
)

func newMessenger(tb testing.TB) *fakemessaging.Server {
	tb.Helper()
	s := fakemessaging.New(tb, fakemessaging.Config{
		Adapter: "messenger", Account: "me", Thread: func(user string) chat.ThreadID { return chat.ThreadID("messenger:" + user) },
		// https://developers.facebook.com/docs/messenger-platform/reference/send-api
		Text: fakemeta.Text(2000), Fields: []string{"name", "first_name", "last_name", "profile_pic"}, WindowClosed: 2018278,
	})
	s.AddUser(fakemessaging.User{ID: ada, Fields: map[string]any{"first_name": "Ada", "last_name": "Lovelace", "profile_pic": "https://example.com/ada.png"}})
	return s
}

func newAdapter(tb testing.TB, s *fakemessaging.Server, change ...func(*messenger.Config)) *messenger.Adapter {
	tb.Helper()
	cfg := messenger.Config{
		AppSecret: appSecret, PageAccessToken: fakemessaging.Token, VerifyToken: verifyToken, PageID: page, APIURL: s.URL, HTTPClient: s.Client(),
	}
	for _, c := range change {
		c(&cfg)
	}
	a, err := messenger.New(cfg)
	require.NoError(tb, err)
	return a
}

var sign = fakemeta.Signer(appSecret)

// delivery is a delivery with an entry of the page that has the events.
func delivery(events ...string) string {
	return fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1772998024000,"messaging":[%s]}]}`, page, strings.Join(events, ","))
}

// from is an event that Ada has caused.
func from(at int64, content string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,%s}`, ada, page, at, content)
}

// rig is a bot on a fake Messenger, and what it has handled.
type rig struct {
	*chat.Chat
	*messenger.Adapter
	messenger *fakemessaging.Server
	state     state.Adapter
	handled   chan chat.Inbound
	accepted  *accepted
	log       *botrig.Log
}

// accepted counts what the bot has stored to be handled.
type accepted struct{ atomic.Int64 }

// Observe implements chat.Observer.
func (a *accepted) Observe(_ context.Context, o chat.Observation) {
	if o.Step == chat.StepAccepted {
		a.Add(1)
	}
}

func newRig(t *testing.T, change ...func(*messenger.Config)) *rig {
	t.Helper()
	return newRigOn(t, newMessenger(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Messenger and state.
func newRigOn(t *testing.T, s *fakemessaging.Server, st state.Adapter, change ...func(*messenger.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), messenger: s, state: st, accepted: &accepted{}}
	b := botrig.New(t, r.Adapter, st, func(c *chat.Config) { c.Observer = r.accepted })
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnDirectMessage(b.Messages)
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a delivery and returns the answer.
func (r *rig) deliver(t *testing.T, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/messenger", strings.NewReader(body))
	sign(req, []byte(body), time.Time{})
	for _, c := range change {
		c(req)
	}
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends events that are taken.
func (r *rig) send(t *testing.T, events ...string) {
	t.Helper()
	w := r.deliver(t, delivery(events...))
	require.Equal(t, http.StatusOK, w.Code, "%s %s", w.Body, r.log)
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
