package whatsapptest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

func TestTheWebhookIsVerified(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for token, status := range map[string]int{verifyToken: http.StatusOK, "another": http.StatusForbidden} {
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="+token, nil))
		require.Equal(t, status, w.Code)
		require.Equal(t, status == http.StatusOK, w.Body.String() == "1158201444")
	}
	require.NotContains(t, r.log.String(), verifyToken)
}

func TestMessagesOfEachType(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := func(kind, rest string) string {
		return fmt.Sprintf(`"id":"wamid.x","type":%q,%q:{"id":"F","sha256":"x",%s}`, kind, kind, rest)
	}
	for _, c := range []struct{ fields, text, kind, name, mimeType, address string }{
		{text("x", "*bold*\nnext"), "*bold*\nnext", "", "", "", ""},
		{file("image", `"mime_type":"image/jpeg","caption":"look"`), "look", "image", "", "image/jpeg", ""},
		{file("video", `"mime_type":"video/mp4"`), "", "video", "", "video/mp4", ""},
		{file("audio", `"mime_type":"audio/ogg; codecs=opus","voice":true`), "", "audio", "", "audio/ogg", ""},
		{file("voice", `"mime_type":"audio/ogg"`), "", "audio", "", "audio/ogg", ""},
		{file("document", `"mime_type":"application/pdf","filename":"a.pdf","caption":"read"`), "read", "file", "a.pdf", "application/pdf", ""},
		{file("sticker", `"mime_type":"image/webp","animated":false`), "", "image", "", "image/webp", ""},
		{
			`"id":"wamid.x","type":"location","location":{"latitude":37.4421,"longitude":-122.1615,"name":"Philz","address":"101 Forest Ave"}`,
			"Philz, 101 Forest Ave, 37.4421,-122.1615", "file", "Philz", "application/geo+json", "https://www.google.com/maps?q=37.4421,-122.1615",
		},
		{
			`"id":"wamid.x","type":"contacts","contacts":[{"name":{"formatted_name":"Bob; Builder"},"phones":[{"phone":"+1 650"}]}]`,
			"Bob; Builder +1 650", "file", "Bob; Builder.vcf", "text/vcard", "",
		},
	} {
		r.send(t, from(strings.Replace(c.fields, "wamid.x", fmt.Sprintf("wamid.m%d", taps.Add(1)), 1)))
		m := next[*chat.Message](t, r)
		require.Equal(t, c.text, m.Text, c.fields)
		require.Equal(t, chat.ThreadID(adaThread), m.ThreadID)
		require.Equal(t, time.Unix(1749416383, 0).UTC(), m.SentAt)
		require.Equal(t, "Ada", m.Author.FullName)
		if c.kind == "" {
			require.Empty(t, m.Attachments)
			require.Equal(t, "**bold**\nnext\n", markdown.Print(m.Formatted))
			continue
		}
		require.Len(t, m.Attachments, 1, c.fields)
		at := m.Attachments[0]
		require.Equal(t, []string{c.kind, c.name, c.mimeType, c.address}, []string{at.Type, at.Name, at.MIMEType, at.URL}, c.fields)
	}
}

// TestLocationsAndContactsHaveContent fetches what WhatsApp has as no file.
func TestLocationsAndContactsHaveContent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, from(`"id":"wamid.1","type":"location","location":{"latitude":1.5,"longitude":-2,"name":"Here"}`))
	require.JSONEq(t, `{"type":"Feature","properties":{"name":"Here"},"geometry":{"type":"Point","coordinates":[-2,1.5]}}`, contentOf(t, &next[*chat.Message](t, r).Attachments[0]))
	r.send(t, from(`"id":"wamid.2","type":"contacts","contacts":[{"name":{"first_name":"Bob","last_name":"A, B\nC"},"phones":[{"phone":"+1"}],"emails":[{"email":"b@e.c"}]},{"vcard":"BEGIN:VCARD\r\n…"}]`))
	m := next[*chat.Message](t, r)
	require.Equal(t, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob A\\, B\\nC\r\nTEL:+1\r\nEMAIL:b@e.c\r\nEND:VCARD\r\n", contentOf(t, &m.Attachments[0]))
	require.Equal(t, "BEGIN:VCARD\r\n…", contentOf(t, &m.Attachments[1]))
	_, err := r.FetchAttachment(t.Context(), &m.Attachments[0], 10)
	require.ErrorIs(t, err, chat.ErrInvalid)
	_, err = r.FetchAttachment(t.Context(), &chat.Attachment{URL: "https://example.com/"}, 10)
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func contentOf(t *testing.T, at *chat.Attachment) string {
	t.Helper()
	content, err := at.Open(t.Context())
	require.NoError(t, err)
	defer func() { _ = content.Close() }()
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	return string(data)
}

func TestAnswersNameWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, from(`"context":{"from":"`+fakewhatsapp.PhoneNumber+`","id":"wamid.bot"},`+text("1", "to the bot"),
		`"context":{"from":"`+ada+`","id":"wamid.hers"},`+text("2", "to herself"), `"context":{"forwarded":true},`+text("3", "forwarded")))
	m := next[*chat.Message](t, r)
	require.Equal(t, chat.MessageID("wamid.bot"), m.ReplyTo.ID)
	require.True(t, m.ReplyTo.Author.Me)
	m = next[*chat.Message](t, r)
	require.Equal(t, chat.MessageID("wamid.hers"), m.ReplyTo.ID)
	require.Equal(t, chat.UserID(ada), m.ReplyTo.Author.UserID)
	require.Nil(t, next[*chat.Message](t, r).ReplyTo)
}

// TestADeliveryIsTakenPartByPart has, in one delivery, messages to both numbers of the
// bot, to somebody else's, of the bot itself, doubled ones, one of the future, and one
// that cannot be read, for which the others must not come again. When all of it comes
// again all the same, nothing is handled again.
func TestADeliveryIsTakenPartByPart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := entry(fakewhatsapp.PhoneNumberID, adasContact, messagesOf(text("1", "one"), text("1", "one"), text("2", "two")))
	body := delivery(
		good,
		entry("999", adasContact, messagesOf(text("3", "another's"))),
		strings.ReplaceAll(entry(fakewhatsapp.PhoneNumberID, adasContact, messagesOf(text("4", "own"))), ada, fakewhatsapp.PhoneNumber),
		entry(otherNumber, adasContact, messagesOf(`"id":"wamid.5","type":"hologram"`, text("6", "to the other number"))),
		entry(fakewhatsapp.PhoneNumberID, adasContact, messagesOf(`"id":"wamid.7","type":"text","text":"no object"`, text("8", "after it"))),
		`{"id":7,"changes":"none"}`,
		good,
	)
	r.send(t, body)
	require.Contains(t, r.log.String(), "webhook-parts-refused")
	seen := map[string]bool{}
	for range 5 {
		select {
		case in := <-r.handled:
			switch in := in.(type) {
			case *chat.Message:
				seen[string(in.ThreadID)+" "+in.Text] = true
			case *chat.PlatformEvent:
				seen[string(in.ThreadID)+" "+in.Name] = true
			}
		case <-time.After(botrig.Patience):
			require.Fail(t, "too little was handled", seen)
		}
	}
	other := "whatsapp:" + otherNumber + ":" + ada
	require.Equal(t, map[string]bool{
		adaThread + " one": true, adaThread + " two": true, adaThread + " after it": true, other + " to the other number": true, other + " whatsapp:hologram": true,
	}, seen)
	r.send(t, body)
	r.send(t, delivery(good))
	r.send(t, from(text("9", "last")))
	require.Equal(t, "last", next[*chat.Message](t, r).Text)
	botrig.Quiet(t, r.handled)
}

// TestWhatIsNoWebhookIsRefused sends what Meta does not, each signed.
func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		`{"object":"page","entry":[{}]}`, `[]`, `null`, `{"object":"whatsapp_business_account","entry":[7]}`,
		`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":null}]}]}`,
		`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"../me"}}}]}]}`,
		`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"Not a name","value":{}}]}]}`,
		from(`"id":"","type":"text","text":{"body":"the words"}`), from(`"id":7,"type":"text","text":{"body":"the words"}`),
		from(`"id":"wamid.1","type":"No name"`), from(`"id":"wamid.1","type":"reaction","reaction":{"emoji":"x"}`),
		strings.ReplaceAll(from(text("1", "from nobody")), ada, ""), strings.ReplaceAll(from(text("1", "no number")), ada, "+1 (650)"),
		delivery(entry(fakewhatsapp.PhoneNumberID, `"statuses":[{"id":"wamid.1"}]`)), delivery(entry(fakewhatsapp.PhoneNumberID, `"statuses":[{"status":"sent"}]`)),
	} {
		require.Equal(t, http.StatusBadRequest, r.deliver(t, body).Code, body)
	}
	botrig.Quiet(t, r.handled)
	for _, secret := range []string{appSecret, verifyToken, fakewhatsapp.Token, "the words", "from nobody"} {
		require.NotContains(t, r.log.String(), secret)
	}
}

// TestStatusesAreEvents checks what a program hears of the messages of its bot.
func TestStatusesAreEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	status := func(name, rest string) string {
		return fmt.Sprintf(`{"id":"wamid.out","status":%q,"timestamp":"1749416390","recipient_id":%q%s}`, name, ada, rest)
	}
	body := delivery(entry(fakewhatsapp.PhoneNumberID, `"statuses":[`+strings.Join([]string{
		status("sent", `,"pricing":{"billable":true}`), status("delivered", ""), status("read", ""),
		status("failed", `,"errors":[{"code":131047,"title":"Re-engagement message"}]`), status("sent", ""),
	}, ",")+`]`))
	r.send(t, body)
	got := map[string]error{}
	for range 4 {
		ev := next[*chat.PlatformEvent](t, r)
		require.Equal(t, "whatsapp:status", ev.Name)
		require.Equal(t, chat.ThreadID(adaThread), ev.ThreadID)
		require.Equal(t, time.Unix(1749416390, 0).UTC(), ev.At)
		var s whatsapp.Status
		require.NoError(t, json.Unmarshal(ev.Data, &s))
		require.Equal(t, chat.MessageID("wamid.out"), s.MessageID)
		got[s.Status] = s.Err()
	}
	require.Len(t, got, 4)
	require.ErrorIs(t, got["failed"], whatsapp.ErrWindowClosed)
	require.NoError(t, got["read"])
	r.send(t, body)
	r.send(t, from(text("1", "last")))
	require.Equal(t, "last", next[*chat.Message](t, r).Text, "the statuses have come again")
}

// TestErrorsAndGroupsAreEvents has what the bot cannot answer.
func TestErrorsAndGroupsAreEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, delivery(entry(fakewhatsapp.PhoneNumberID, `"errors":[{"code":130429,"title":"Rate limit hit"}]`)))
	ev := next[*chat.PlatformEvent](t, r)
	require.Equal(t, "whatsapp:error", ev.Name)
	require.JSONEq(t, `{"code":130429,"title":"Rate limit hit"}`, string(ev.Data))
	r.send(t, from(`"group_id":"G1",`+text("1", "to all")))
	ev = next[*chat.PlatformEvent](t, r)
	require.Equal(t, "whatsapp:group_message", ev.Name)
	require.Empty(t, ev.ThreadID)
	for name, fields := range map[string]string{
		"whatsapp:order":       `"id":"wamid.2","type":"order","order":{"catalog_id":"1"}`,
		"whatsapp:unsupported": `"id":"wamid.3","type":"unsupported","errors":[{"code":131051}]`,
		"whatsapp:interactive": `"id":"wamid.4","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{}"}}`,
		"whatsapp:system":      `"id":"wamid.5","type":"system","system":{"type":"something_new"}`,
		"whatsapp:image":       `"id":"wamid.6","type":"image"`,
	} {
		r.send(t, from(fields))
		require.Equal(t, name, next[*chat.PlatformEvent](t, r).Name)
	}
	r.send(t, from(`"id":"wamid.7","type":"reaction","reaction":{"message_id":"wamid.1"}`))
	removed := next[*chat.ReactionEvent](t, r)
	require.False(t, removed.Added)
}

// TestRecordings delivers what WhatsApp has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files := botrig.Recordings(t, "whatsapp")
	if files == nil {
		return
	}
	require.Len(t, files, 1)
	recorded := files[0]
	var number string
	require.NoError(t, json.Unmarshal(recorded["phoneNumberId"], &number))
	r := newRig(t, func(c *whatsapp.Config) { c.PhoneNumberIDs = []string{number} })
	for key, payload := range recorded {
		var delivered struct {
			Entry []struct {
				Changes []struct {
					Value struct {
						Contacts []struct{ Profile struct{ Name string } }
						Messages []struct {
							ID, From string
							Text     struct{ Body string }
						}
						Statuses []struct{ ID, Status string }
					}
				}
			}
		}
		if json.Unmarshal(payload, &delivered) != nil {
			continue // the bot's name and number
		}
		r.send(t, string(payload))
		value := delivered.Entry[0].Changes[0].Value
		for _, want := range value.Messages {
			m := next[*chat.Message](t, r)
			require.Equal(t, []string{want.ID, want.Text.Body, want.From, value.Contacts[0].Profile.Name}, []string{string(m.ID), m.Text, string(m.Author.UserID), m.Author.FullName}, key)
			require.Equal(t, chat.ThreadID("whatsapp:"+number+":"+want.From), m.ThreadID, key)
		}
		for _, want := range value.Statuses {
			require.Equal(t, "status:"+want.ID+":"+want.Status, next[*chat.PlatformEvent](t, r).ID, key)
		}
	}
}
