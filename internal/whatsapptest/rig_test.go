package whatsapptest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

const (
	appSecret   = "fake-app-secret"
	verifyToken = "fake-verify-token"
	ada         = "16505551234"
	adaScoped   = "US.13491208655302741918"
	adaThread   = "whatsapp:" + fakewhatsapp.PhoneNumberID + ":" + ada
	otherNumber = "106540352242923"
)

var sign = fakemeta.Signer(appSecret)

func newWhatsApp(tb testing.TB) *fakewhatsapp.Server {
	tb.Helper()
	s := fakewhatsapp.New(tb)
	s.AddNumber(otherNumber)
	s.AddPerson(fakewhatsapp.Person{Phone: ada, Scoped: adaScoped})
	return s
}

func newAdapter(tb testing.TB, s *fakewhatsapp.Server, change ...func(*whatsapp.Config)) *whatsapp.Adapter {
	tb.Helper()
	cfg := whatsapp.Config{
		AccessToken: fakewhatsapp.Token, AppSecret: appSecret, VerifyToken: verifyToken,
		PhoneNumberIDs: []string{fakewhatsapp.PhoneNumberID, otherNumber}, APIURL: s.URL,
	}
	for _, c := range change {
		c(&cfg)
	}
	a, err := whatsapp.New(cfg)
	require.NoError(tb, err)
	return a
}

// rig is a bot on a fake WhatsApp, and what it has handled.
type rig struct {
	*chat.Chat
	*whatsapp.Adapter
	whatsapp *fakewhatsapp.Server
	state    state.Adapter
	handled  chan chat.Inbound
	log      *botrig.Log
}

func newRig(t *testing.T, change ...func(*whatsapp.Config)) *rig {
	t.Helper()
	return newRigOn(t, newWhatsApp(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same WhatsApp and state.
func newRigOn(t *testing.T, s *fakewhatsapp.Server, st state.Adapter, change ...func(*whatsapp.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), whatsapp: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a webhook and returns the answer.
func (r *rig) deliver(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/whatsapp", strings.NewReader(body))
	sign(req, []byte(body), time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, body string) {
	t.Helper()
	w := r.deliver(t, body)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, r.log)
}

// delivery is a webhook with entries.
func delivery(entries ...string) string {
	return `{"object":"whatsapp_business_account","entry":[` + strings.Join(entries, ",") + `]}`
}

// entry is what has happened to a phone number. The fields are those of its value.
func entry(number string, fields ...string) string {
	return fmt.Sprintf(`{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":%q,"phone_number_id":%q},%s}}]}`, fakewhatsapp.PhoneNumber, number, strings.Join(fields, ","))
}

// from is a webhook with messages of Ada. The fields are those of each message.
func from(messages ...string) string {
	return delivery(entry(fakewhatsapp.PhoneNumberID, adasContact, messagesOf(messages...)))
}

const adasContact = `"contacts":[{"profile":{"name":"Ada"},"wa_id":"` + ada + `"}]`

func messagesOf(messages ...string) string {
	for i := range messages {
		messages[i] = `{"from":"` + ada + `","timestamp":"1749416383",` + messages[i] + `}`
	}
	return `"messages":[` + strings.Join(messages, ",") + `]`
}

// text is a message with a text.
func text(id, body string) string {
	return fmt.Sprintf(`"id":"wamid.%s","type":"text","text":{"body":%q}`, id, body)
}

// post makes a call of the fake and returns the status of the answer.
func post(t *testing.T, s *fakewhatsapp.Server, body string) int {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v25.0/"+fakewhatsapp.PhoneNumberID+"/messages", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+fakewhatsapp.Token)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w.Code
}
