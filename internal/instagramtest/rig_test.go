package instagramtest

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/instagram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

const (
	appSecret   = "5cc1f43bd1a0e5a2"
	verifyToken = "a text of one's own"
	account     = "17841400000000000"
	ada         = "200000000000001"
	adasThread  = chat.ThreadID("instagram:" + account + ":" + ada)
)

func newInstagram(tb testing.TB) *fakemessaging.Server {
	tb.Helper()
	s := fakemessaging.New(tb, fakemessaging.Config{
		Adapter: "instagram", Account: account, Thread: func(user string) chat.ThreadID { return chat.ThreadID("instagram:" + account + ":" + user) },
		// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/send-message
		Text: fakemeta.Bytes(1000), Fields: []string{"name", "username", "profile_pic"}, WindowClosed: 2534022,
		// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload
		Media: map[string][]string{
			"image": {"image/png", "image/jpeg", "image/gif"}, "audio": {"audio/aac", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/wav", "audio/x-wav", "audio/vnd.wave"},
			"video": {"video/mp4", "video/ogg", "video/avi", "video/x-msvideo", "video/quicktime", "video/webm"}, "file": {"application/pdf"},
		},
	})
	s.AddUser(fakemessaging.User{ID: ada, Fields: map[string]any{"name": "Ada Lovelace", "username": "ada", "profile_pic": "https://example.com/ada.png"}})
	return s
}

func newAdapter(tb testing.TB, s *fakemessaging.Server) *instagram.Adapter {
	tb.Helper()
	a, err := instagram.New(instagram.Config{
		AppSecret: appSecret, AccessToken: fakemessaging.Token, VerifyToken: verifyToken, AccountID: account, APIURL: s.URL, HTTPClient: s.Client(),
	})
	require.NoError(tb, err)
	return a
}

var sign = fakemeta.Signer(appSecret)

// delivery is a delivery with an entry of the account that has the events.
func delivery(events ...string) string {
	return fmt.Sprintf(`{"object":"instagram","entry":[{"id":%q,"time":1772998024000,"messaging":[%s]}]}`, account, strings.Join(events, ","))
}

// from is an event that Ada has caused.
func from(at int64, content string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,%s}`, ada, account, at, content)
}

// rig is a bot on a fake Instagram, and what it has handled.
type rig struct {
	*chat.Chat
	*instagram.Adapter
	instagram *fakemessaging.Server
	handled   chan chat.Inbound
	log       *botrig.Log
}

func newRig(t *testing.T) *rig {
	t.Helper()
	s, st := newInstagram(t), botrig.Memory(t)
	r := &rig{Adapter: newAdapter(t, s), instagram: s}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a delivery and returns the answer.
func (r *rig) deliver(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/webhooks/instagram", strings.NewReader(body))
	sign(req, []byte(body), time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends events that are taken.
func (r *rig) send(t *testing.T, events ...string) {
	t.Helper()
	w := r.deliver(t, delivery(events...))
	require.Equal(t, 200, w.Code, "%s %s", w.Body, r.log)
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
