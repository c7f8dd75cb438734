package twiliotest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

const (
	webhookURL     = "https://bot.example.com/webhooks/twilio"
	ada            = "+15551234567"
	adaThread      = "twilio:%2B15005550006:%2B15551234567"
	whatsAppThread = "twilio:whatsapp%3A%2B14155238886:whatsapp%3A%2B15551234567"
	rcsThread      = "twilio:rcs%3Abrand_agent:rcs%3A%2B15551234567"
	serviceThread  = "twilio:" + faketwilio.ServiceSID + ":%2B15551234567"
)

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}}

// sign signs a webhook as Twilio does.
func sign(r *http.Request, body []byte, _ time.Time) {
	address := webhookURL
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	fields := url.Values{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		fields, _ = url.ParseQuery(string(body)) // of what is no form, what can be read
	}
	r.Header.Set("X-Twilio-Signature", faketwilio.Sign(faketwilio.AuthToken, address, fields))
}

func newAdapter(tb testing.TB, s *faketwilio.Server, change ...func(*twilio.Config)) *twilio.Adapter {
	tb.Helper()
	cfg := twilio.Config{
		AccountSID: faketwilio.AccountSID, AuthToken: faketwilio.AuthToken, PhoneNumber: faketwilio.Number, MessagingServiceSID: faketwilio.ServiceSID,
		WhatsAppNumber: faketwilio.WhatsApp, RCSSenderID: faketwilio.RCS, WebhookURL: webhookURL, APIURL: s.URL,
	}
	for _, c := range change {
		c(&cfg)
	}
	a, err := twilio.New(cfg)
	require.NoError(tb, err)
	return a
}

// elsewhere has a server stand for a host.
func elsewhere(host, server string) func(*twilio.Config) {
	return func(c *twilio.Config) { c.HTTPClient = fakeapi.Client(host, server) }
}

// rig is a bot on a fake Twilio, and what it has handled.
type rig struct {
	*chat.Chat
	*twilio.Adapter
	twilio  *faketwilio.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*twilio.Config)) *rig {
	t.Helper()
	return newRigOn(t, faketwilio.New(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Twilio and state.
func newRigOn(t *testing.T, s *faketwilio.Server, st state.Adapter, change ...func(*twilio.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), twilio: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// request is a webhook with the fields, signed.
func request(t *testing.T, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/twilio", strings.NewReader(body))
	r.Header = formHeader.Clone()
	sign(r, []byte(body), time.Time{})
	return r
}

// serve has the bot take a request and returns the answer.
func (r *rig) serve(req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, body string) {
	t.Helper()
	w := r.serve(request(t, body))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "text/xml", w.Header().Get("Content-Type"))
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?><Response/>`, w.Body.String())
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, r.log)
}

// sid is the id of a message.
func sid(n int) string { return fmt.Sprintf("SM%032d", n) }

// from is the webhook of a message of Ada. The fields are names and values.
func from(n int, fields ...string) string {
	return webhookOf(append([]string{"MessageSid", sid(n), "SmsStatus", "received", "From", ada, "To", faketwilio.Number}, fields...)...)
}

// whatsApp is the same on WhatsApp.
func whatsApp(n int, fields ...string) string {
	return from(n, append([]string{"From", "whatsapp:" + ada, "To", faketwilio.WhatsApp, "ProfileName", "Ada", "WaId", "15551234567"}, fields...)...)
}

// webhookOf is a form of names and values, of which the last ones count.
func webhookOf(fields ...string) string {
	f := url.Values{"AccountSid": {faketwilio.AccountSID}, "ApiVersion": {"2010-04-01"}}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	return f.Encode()
}

// status is the webhook of what has become of a message to Ada.
func status(n int, name string, fields ...string) string {
	return webhookOf(append([]string{"MessageSid", sid(n), "SmsSid", sid(n), "MessageStatus", name, "SmsStatus", name, "From", faketwilio.Number, "To", ada}, fields...)...)
}
