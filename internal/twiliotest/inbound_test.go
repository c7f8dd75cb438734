package twiliotest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

func TestMessagesOfEachKind(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	media := []string{"NumMedia", "2", "MediaUrl0", mediaURL, "MediaContentType0", "image/jpeg", "MediaUrl1", mediaURL + "2", "MediaContentType1", "text/vcard"}
	for i, c := range []struct {
		body         string
		thread, text string
		user, name   string
		kinds        []string
	}{
		{from(1, "Body", "*as it is*"), adaThread, "*as it is*", ada, ada, nil},
		{from(2, append(media, "Body", "look")...), adaThread, "look", ada, ada, []string{"image", "file"}},
		{from(3, media...), adaThread, "", ada, ada, []string{"image", "file"}},
		{from(4, append(media, "MediaUrl0", "")...), adaThread, "", ada, ada, []string{"file"}},
		{whatsApp(5, "Body", "*bold*"), whatsAppThread, "*bold*", "whatsapp:" + ada, "Ada", nil},
		{whatsApp(6, "Latitude", "37.42", "Longitude", "-122.08", "Label", "HQ", "Address", "1600 Parkway"), whatsAppThread, "HQ, 1600 Parkway, 37.42,-122.08", "whatsapp:" + ada, "Ada", nil},
		{from(7, "From", "rcs:"+ada, "To", faketwilio.RCS, "Body", "hello"), rcsThread, "hello", "rcs:" + ada, "rcs:" + ada, nil},
		{from(8, "From", "262966", "Body", "from a short code"), "twilio:%2B15005550006:262966", "from a short code", "262966", "262966", nil},
		{from(9, "From", "My Bank & Co", "Body", "from a name"), "twilio:%2B15005550006:My%20Bank%20%26%20Co", "from a name", "My Bank & Co", "My Bank & Co", nil},
		{from(10, "To", "12345", "MessagingServiceSid", faketwilio.ServiceSID, "Body", "to a short code"), "twilio:12345:%2B15551234567", "to a short code", ada, ada, nil},
	} {
		r.send(t, c.body)
		m := next[*chat.Message](t, r)
		require.Equal(t, chat.MessageID(sid(i+1)), m.ID)
		require.Equal(t, []string{c.thread, c.text, c.user, c.name}, []string{string(m.ThreadID), m.Text, string(m.Author.UserID), m.Author.FullName})
		require.False(t, m.SentAt.IsZero())
		var kinds []string
		for _, at := range m.Attachments {
			kinds = append(kinds, at.Type)
		}
		require.Equal(t, c.kinds, kinds, c.body)
		var raw map[string]string
		require.NoError(t, json.Unmarshal(m.Raw, &raw))
		require.Equal(t, parse(c.body).Get("From"), raw["From"])
	}
}

func TestFormattingIsWhatsApps(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, whatsApp(1, "Body", "*bold*", "OriginalRepliedMessageSid", sid(7), "OriginalRepliedMessageSender", faketwilio.WhatsApp))
	m := next[*chat.Message](t, r)
	require.Equal(t, "**bold**\n", markdown.Print(m.Formatted))
	require.Equal(t, chat.MessageID(sid(7)), m.ReplyTo.ID)
	require.True(t, m.ReplyTo.Author.Me)
	r.send(t, whatsApp(2, "Body", "x", "OriginalRepliedMessageSid", sid(1), "OriginalRepliedMessageSender", "whatsapp:"+ada))
	require.False(t, next[*chat.Message](t, r).ReplyTo.Author.Me)
	r.send(t, from(3, "Body", "*stars*"))
	require.Nil(t, next[*chat.Message](t, r).Formatted, "SMS has none")
}

// TestTapsAreActions has buttons of templates, with the ids of the TypeScript SDK, too.
func TestTapsAreActions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, c := range []struct {
		fields    []string
		id, value string
	}{
		{[]string{"ButtonPayload", "approve", "ButtonText", "Yes"}, "approve", "Yes"},
		{[]string{"ButtonPayload", `chat:{"a":"approve","v":"prod"}`, "ButtonText", "Yes"}, "approve", "prod"},
		{[]string{"ListId", "row1", "ListTitle", "First"}, "row1", "First"},
	} {
		r.send(t, whatsApp(i+1, append(c.fields, "Body", "x", "OriginalRepliedMessageSid", sid(9))...))
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, []string{c.id, c.value, sid(9), whatsAppThread}, []string{ev.ActionID, ev.Value, string(ev.MessageID), string(ev.ThreadID)})
		require.Equal(t, chat.UserID("whatsapp:"+ada), ev.User.UserID)
	}
}

// TestOptOutWordsAreTwilios reports the words that Twilio has answered: no handler of
// messages answers them again.
func TestOptOutWordsAreTwilios(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, word := range []string{"STOP", "START", "HELP"} {
		r.send(t, from(i+1, "Body", "Arrêt", "OptOutType", word))
		ev := next[*chat.PlatformEvent](t, r)
		require.Equal(t, "twilio:opt_out", ev.Name)
		require.Equal(t, chat.ThreadID(adaThread), ev.ThreadID)
		require.Equal(t, chat.UserID(ada), ev.User.UserID)
		var o twilio.OptOut
		require.NoError(t, json.Unmarshal(ev.Data, &o))
		require.Equal(t, twilio.OptOut{Type: word, Body: "Arrêt", From: ada, To: faketwilio.Number}, o)
	}
	r.send(t, from(4, "Body", "STOP")) // of an account that has no such words
	require.Equal(t, "STOP", next[*chat.Message](t, r).Text)
}

// TestStatusesAreEvents checks what a program hears of the messages of its bot.
func TestStatusesAreEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bodies := []string{
		status(1, "queued"), status(1, "sent"), status(1, "delivered"), status(1, "read", "EventType", "READ", "ChannelPrefix", "whatsapp"),
		status(1, "failed", "ErrorCode", "63016"), status(1, "undelivered", "ErrorCode", "30005"), status(1, "a_future_one"),
		webhookOf("SmsSid", sid(2), "SmsStatus", "sent", "From", faketwilio.Number, "To", ada), // as it was long ago
	}
	for _, body := range bodies {
		r.send(t, body)
		r.send(t, body) // it comes once
	}
	got := map[string]error{}
	for range bodies {
		ev := next[*chat.PlatformEvent](t, r)
		require.Equal(t, "twilio:status", ev.Name)
		require.Equal(t, chat.ThreadID(adaThread), ev.ThreadID)
		require.Equal(t, chat.UserID(ada), ev.User.UserID)
		var s twilio.Status
		require.NoError(t, json.Unmarshal(ev.Data, &s))
		got[string(s.MessageID)+s.Status] = s.Err()
	}
	require.Len(t, got, len(bodies))
	for name, want := range map[string]error{
		"queued": nil, "sent": nil, "delivered": nil, "read": nil, "a_future_one": nil, "failed": twilio.ErrWindowClosed, "undelivered": chat.ErrNotFound,
	} {
		require.ErrorIs(t, got[sid(1)+name], want, name)
	}
	require.Contains(t, got, sid(2)+"sent")
	require.ErrorIs(t, (&twilio.Status{Status: "failed"}).Err(), chat.ErrTemporary)
	require.ErrorIs(t, (&twilio.Status{Status: "failed", ErrorCode: "99999"}).Err(), chat.ErrInvalid)
	botrig.Quiet(t, r.handled)
}

// TestStatusesStandWhereThePostStands has a message that a messaging service has sent, from
// a number that it has chosen; and one whose recipient is not told.
func TestStatusesStandWhereThePostStands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, status(1, "sent", "MessagingServiceSid", faketwilio.ServiceSID))
	require.Equal(t, chat.ThreadID(serviceThread), next[*chat.PlatformEvent](t, r).ThreadID)
	r.send(t, status(2, "queued", "MessagingServiceSid", faketwilio.ServiceSID, "From", ""))
	require.Equal(t, chat.ThreadID(serviceThread), next[*chat.PlatformEvent](t, r).ThreadID)
	r.send(t, status(3, "sent", "To", ""))
	require.Empty(t, next[*chat.PlatformEvent](t, r).ThreadID)
}

// TestWhatWasAnsweredIsHandledOnce delivers each webhook again: doubled at the same
// time, late, and to another instance.
func TestWhatWasAnsweredIsHandledOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := newRigOn(t, r.twilio, r.state)
	bodies := []string{
		from(1, "Body", "text"), whatsApp(2, "ButtonPayload", "yes"), from(3, "Body", "STOP", "OptOutType", "STOP"), status(4, "sent"),
		from(5, "NumMedia", "1", "MediaUrl0", mediaURL), whatsApp(6, "MessageType", "hologram"),
	}
	for _, body := range bodies {
		var all sync.WaitGroup
		codes := make(chan int, 8)
		for i := range cap(codes) {
			req, to := request(t, body), []*rig{r, other}[i%2]
			all.Go(func() {
				w := to.serve(req)
				codes <- w.Code
			})
		}
		all.Wait()
		close(codes)
		taken := 0
		for code := range codes {
			if code == http.StatusOK {
				taken++
			} else { // the same is being stored
				require.Equal(t, http.StatusServiceUnavailable, code)
			}
		}
		require.NotZero(t, taken, body)
	}
	for _, body := range bodies { // in the wrong order, late
		r.send(t, body)
		other.send(t, body)
	}
	seen := 0
	last := from(99, "Body", "last")
	r.send(t, last)
	for seen < len(bodies)+1 {
		select {
		case <-r.handled:
			seen++
		case <-other.handled:
			seen++
		case <-t.Context().Done():
			require.Fail(t, "too little was handled")
		}
	}
	botrig.Quiet(t, r.handled)
	botrig.Quiet(t, other.handled)
}

// TestWhatIsNoWebhookIsRefused sends what Twilio does not, each signed.
func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		"", "=", "x", "MessageSid", webhookOf(), webhookOf("CallSid", "CA1", "From", ada, "To", faketwilio.Number),
		from(1, "MessageSid", "", "Body", "the words"), from(1, "MessageSid", "../../Calls", "Body", "the words"), from(1, "MessageSid", "SM"+strings.Repeat("0", 100)),
		from(1, "From", "", "Body", "the words"), from(1, "To", "", "Body", "the words"), from(1, "From", " 15551234567", "Body", "the words"),
		from(1, "From", "+1\n", "Body", "the words"), from(1, "To", "twilio:\x00"), from(1, "From", strings.Repeat("9", 200)), from(1, "From", "\xff"),
		status(1, "No Name"), status(1, strings.Repeat("x", 65)), status(1, "sent", "MessageSid", "7", "SmsSid", ""),
	} {
		require.Equal(t, http.StatusBadRequest, r.serve(request(t, body)).Code, body)
	}
	req := request(t, "Body=%zz")
	require.Equal(t, http.StatusBadRequest, r.serve(req).Code, "no form")
	large := from(1, "Body", strings.Repeat("x", 1<<20))
	require.Equal(t, http.StatusRequestEntityTooLarge, r.serve(request(t, large)).Code)
	req = request(t, from(1, "Body", "the words"))
	req.Body = io.NopCloser(io.MultiReader(strings.NewReader("Body=half"), broken{}))
	require.Equal(t, http.StatusBadRequest, r.serve(req).Code, "it breaks off")
	req = request(t, from(1))
	req.Header.Set("Content-Type", "multipart/form-data")
	require.Equal(t, http.StatusUnsupportedMediaType, r.serve(req).Code)
	req = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/twilio?"+from(1), nil)
	require.Equal(t, http.StatusMethodNotAllowed, r.serve(req).Code)
	botrig.Quiet(t, r.handled)
	for _, secret := range []string{faketwilio.AuthToken, "the words"} {
		require.NotContains(t, r.log.String(), secret)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestOddFieldsAreTaken has fields of the wrong kind: what is said is not lost for them.
func TestOddFieldsAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, fields := range [][]string{
		{"NumMedia", "x"},
		{"NumMedia", "-1"},
		{"NumMedia", "99999999999999999999"},
		{"NumMedia", "1000000000"},
		{"NumMedia", "1"},
		{"NumMedia", "1", "MediaUrl0", "://"},
		{"Latitude", "x", "Longitude", "y"},
		{"Latitude", "1"},
		{"OriginalRepliedMessageSid", "../x"},
		{"ProfileName", "\x00"},
		{"ChannelMetadata", "{"},
	} {
		r.send(t, from(i+1, append(fields, "Body", "text")...))
		require.Equal(t, "text", next[*chat.Message](t, r).Text)
	}
	r.send(t, from(50))
	require.Equal(t, "twilio:empty", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, from(51, "MessageType", "No Name!"))
	require.Equal(t, "twilio:empty", next[*chat.PlatformEvent](t, r).Name)
}

// TestFilesAreFetchedWithCredentials follows the API to where the file is, which gets no
// credentials.
func TestFilesAreFetchedWithCredentials(t *testing.T) {
	t.Parallel()
	s := faketwilio.New(t)
	authorization := make(chan string, 1)
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization <- r.Header.Get("Authorization")
		_, _ = io.WriteString(w, "picture")
	}))
	t.Cleanup(cdn.Close)
	r := newRigOn(t, s, botrig.Memory(t), elsewhere("mms.twiliocdn.com", cdn.URL))
	fetch := func(address string, limit int64) (string, error) {
		content, err := r.FetchAttachment(t.Context(), &chat.Attachment{FetchMetadata: map[string]string{"twilioMediaUrl": address}}, limit)
		if err != nil {
			return "", err
		}
		defer func() { _ = content.Close() }()
		data, err := io.ReadAll(content)
		return string(data), err
	}
	content, err := fetch(s.AddFile("ME1", "image/jpeg", nil, "https://mms.twiliocdn.com/x"), 100)
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	require.Empty(t, <-authorization)
	calls := s.Calls("")
	require.True(t, calls[len(calls)-1].Authorized, "the API gets them")

	content, err = fetch(s.AddFile("ME2", "image/jpeg", []byte("direct"), ""), 100)
	require.NoError(t, err)
	require.Equal(t, "direct", content)
	_, err = fetch(s.AddFile("ME2", "image/jpeg", []byte("direct"), ""), 5)
	require.ErrorIs(t, err, chat.ErrInvalid, "it is too large")
	for _, address := range []string{"https://attacker.example/x", "http://169.254.169.254/", "http://api.twilio.com/x", "https://twiliocdn.com.attacker.example/x", cdn.URL, "file:///etc/passwd", "://", "https://user:pass@api.twilio.com/x"} {
		_, err = fetch(address, 100)
		require.ErrorIs(t, err, chat.ErrInvalid, address)
		if address == "://" {
			continue // no redirect
		}
		_, err = fetch(s.AddFile("ME3", "image/jpeg", nil, address), 100)
		require.ErrorIs(t, err, chat.ErrInvalid, "the API leads to "+address)
		require.NotContains(t, err.Error(), faketwilio.AuthToken)
	}
	require.Empty(t, authorization, "nothing was asked")
	_, err = fetch(s.URL+"/2010-04-01/gone", 100)
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = fetch("", 100)
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = r.FetchAttachment(t.Context(), nil, 100)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}
