package twiliotest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

const create = "POST Messages.json"

// TestSendersOfThreads posts in each kind of thread.
func TestSendersOfThreads(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *twilio.Config) { c.StatusCallbackURL = webhookURL })
	for _, c := range []struct{ thread, from, service, to string }{
		{adaThread, faketwilio.Number, "", ada},
		{whatsAppThread, faketwilio.WhatsApp, "", "whatsapp:" + ada},
		{rcsThread, faketwilio.RCS, "", "rcs:" + ada},
		{serviceThread, "", faketwilio.ServiceSID, ada},
	} {
		id, err := r.PostMessage(t.Context(), chat.ThreadID(c.thread), chat.Text("hello"))
		require.NoError(t, err, c.thread)
		require.Equal(t, id, r.twilio.Shown(chat.ThreadID(c.thread))[0].ID)
		calls := r.twilio.Calls(create)
		want := url.Values{"To": {c.to}, "Body": {"hello"}, "StatusCallback": {webhookURL}}
		if c.from != "" {
			want.Set("From", c.from)
		} else {
			want.Set("MessagingServiceSid", c.service)
		}
		require.Equal(t, want, calls[len(calls)-1].Form)
	}
}

// TestWritingFirst opens conversations from the sender for each channel.
func TestWritingFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config       func(*twilio.Config)
		user, thread string
	}{
		{func(*twilio.Config) {}, ada, adaThread},
		{func(*twilio.Config) {}, "whatsapp:" + ada, whatsAppThread},
		{func(*twilio.Config) {}, "rcs:" + ada, rcsThread},
		{func(c *twilio.Config) { c.WhatsAppNumber, c.RCSSenderID = "+14155238886", "brand_agent" }, "whatsapp:" + ada, whatsAppThread},
		{func(c *twilio.Config) { c.PhoneNumber = "" }, ada, serviceThread},
		{func(c *twilio.Config) { c.WhatsAppNumber = "" }, "whatsapp:" + ada, "twilio:" + faketwilio.ServiceSID + ":whatsapp%3A%2B15551234567"},
	} {
		r := newRig(t, c.config)
		thread, err := r.Adapter.OpenDM(t.Context(), chat.UserID(c.user))
		require.NoError(t, err)
		require.Equal(t, chat.ThreadID(c.thread), thread)
		_, err = r.PostMessage(t.Context(), thread, chat.Text("hello"))
		require.NoError(t, err)
	}
	bare := newRig(t, func(c *twilio.Config) {
		c.PhoneNumber, c.MessagingServiceSID, c.WhatsAppNumber, c.RCSSenderID = "", "", "", ""
	})
	for user, field := range map[chat.UserID]string{ada: "PhoneNumber", "whatsapp:" + ada: "WhatsAppNumber", "rcs:" + ada: "RCSSenderID"} {
		_, err := bare.Adapter.OpenDM(t.Context(), user)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "Config."+field)
	}
	for _, user := range []chat.UserID{"", "15551234567", "+", "+0155", "+1555123456789012345", "sms:+15551234567", "whatsapp:15551234567", "+1 555", "U1"} {
		_, err := bare.Adapter.OpenDM(t.Context(), user)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, user)
	}
}

func TestSegmentsAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want twilio.Segments
	}{
		{"", twilio.Segments{}},
		{"a", twilio.Segments{Count: 1, Length: 1}},
		{strings.Repeat("a", 160), twilio.Segments{Count: 1, Length: 160}},
		{strings.Repeat("a", 161), twilio.Segments{Count: 2, Length: 161}},
		{strings.Repeat("a", 306), twilio.Segments{Count: 2, Length: 306}},
		{strings.Repeat("a", 307), twilio.Segments{Count: 3, Length: 307}},
		{strings.Repeat("a", 1600), twilio.Segments{Count: 11, Length: 1600}},
		{"@£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\r\n", twilio.Segments{Count: 1, Length: 43}},
		{"^{}\\[~]|€\f", twilio.Segments{Count: 1, Length: 20}}, // two each
		{strings.Repeat("€", 80), twilio.Segments{Count: 1, Length: 160}},
		{strings.Repeat("€", 81), twilio.Segments{Count: 2, Length: 162}},
		{strings.Repeat("€", 153), twilio.Segments{Count: 3, Length: 306}}, // a segment has 76 of them: none stands in two
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), twilio.Segments{Count: 3, Length: 306}},
		{"ç", twilio.Segments{Count: 1, Unicode: true, Length: 1}}, // only the capital one is in GSM-7
		{"`", twilio.Segments{Count: 1, Unicode: true, Length: 1}},
		{strings.Repeat("a", 69) + "“", twilio.Segments{Count: 1, Unicode: true, Length: 70}},
		{strings.Repeat("a", 70) + "“", twilio.Segments{Count: 2, Unicode: true, Length: 71}},
		{strings.Repeat("ж", 134), twilio.Segments{Count: 2, Unicode: true, Length: 134}},
		{strings.Repeat("ж", 135), twilio.Segments{Count: 3, Unicode: true, Length: 135}},
		{"👍", twilio.Segments{Count: 1, Unicode: true, Length: 2}},
		{strings.Repeat("👍", 35), twilio.Segments{Count: 1, Unicode: true, Length: 70}},
		{strings.Repeat("👍", 67), twilio.Segments{Count: 3, Unicode: true, Length: 134}}, // a segment has 33 of them
		{"\xff", twilio.Segments{Count: 1, Unicode: true, Length: 1}},
	} {
		require.Equal(t, c.want, twilio.CountSegments(c.text), "%.20q", c.text)
	}
}

// FuzzSegments compares the count with its bounds.
func FuzzSegments(f *testing.F) {
	for _, text := range []string{"", "hello", "€", "👍", "ж", "\xff", strings.Repeat("a{", 200)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := twilio.CountSegments(text)
		single, part := 160, 153
		if s.Unicode {
			single, part = 70, 67
		}
		require.Equal(t, s.Length == 0, s.Count == 0)
		require.Equal(t, s.Length > 0 && s.Length <= single, s.Count == 1)
		require.GreaterOrEqual(t, s.Length, utf8.RuneCountInString(text))
		require.GreaterOrEqual(t, s.Count*max(part, single), s.Length)
		if s.Count > 1 {
			require.LessOrEqual(t, s.Count, (s.Length+part-2)/(part-1), "a segment has at most one septet or unit to spare")
		}
	})
}

// TestLongTexts splits them, or refuses them, as the configuration says.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	words := strings.TrimSpace(strings.Repeat("word ", 700)) // 3,499 characters
	for name, c := range map[string]struct {
		config func(*twilio.Config)
		thread chat.ThreadID
		text   string
		posted int // 0: refused
	}{
		"split":                {func(*twilio.Config) {}, adaThread, words, 3},
		"refused":              {func(c *twilio.Config) { c.RefuseLong = true }, adaThread, words, 0},
		"long enough":          {func(c *twilio.Config) { c.RefuseLong = true }, adaThread, words[:1599], 1},
		"too many segments":    {func(c *twilio.Config) { c.MaxSegments = 2 }, adaThread, words[:307], 0},
		"enough segments":      {func(c *twilio.Config) { c.MaxSegments = 2 }, adaThread, words[:306], 1},
		"of Unicode":           {func(c *twilio.Config) { c.MaxSegments = 2 }, adaThread, strings.Repeat("ж", 135), 0},
		"of all messages":      {func(c *twilio.Config) { c.MaxSegments = 12 }, adaThread, words, 0},
		"WhatsApp has none":    {func(c *twilio.Config) { c.MaxSegments = 2 }, whatsAppThread, words, 3},
		"emoji count as two":   {func(*twilio.Config) {}, adaThread, strings.Repeat("👍", 801), 2},
		"nothing is torn":      {func(*twilio.Config) {}, adaThread, strings.Repeat("👨‍👩‍👧", 300), 2},
		"refused on WhatsApp":  {func(c *twilio.Config) { c.RefuseLong = true }, whatsAppThread, words, 0},
		"through the service":  {func(*twilio.Config) {}, serviceThread, words, 3},
		"of a message of none": {func(c *twilio.Config) { c.MaxSegments = 1 }, adaThread, "hello", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.config)
			id, err := r.PostMessage(t.Context(), c.thread, chat.Text(c.text))
			shown := r.twilio.Shown(c.thread)
			require.Len(t, shown, c.posted)
			if c.posted == 0 {
				require.ErrorIs(t, err, twilio.ErrTooLong)
				require.ErrorIs(t, err, chat.ErrInvalid)
				require.NotContains(t, err.Error(), "word")
				return
			}
			require.NoError(t, err)
			require.Equal(t, id, shown[0].ID)
			var all strings.Builder
			for _, p := range shown {
				all.WriteString(p.Text)
			}
			require.Equal(t, strings.ReplaceAll(c.text, " ", ""), strings.ReplaceAll(all.String(), " ", ""))
		})
	}
}

func TestCardsAreTexts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), adaThread, chat.Card(card.New("Order", card.NewText("Sent **today**"),
		card.NewActions(card.NewButton("ok", "Fine"), card.NewLinkButton("Track", "https://example.com/t")))))
	require.NoError(t, err)
	text := r.twilio.Shown(adaThread)[0].Text
	for _, want := range []string{"Order", "Sent today", "[Fine]", "Track (https://example.com/t)"} {
		require.Contains(t, text, want)
	}
}

// TestErrorsAreMapped has each documented code that says more than its status.
func TestErrorsAreMapped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for want, codes := range map[error][]int{
		chat.ErrRateLimited:    {14107, 20429, 21611, 30001, 30022, 30023, 63017, 63018, 63038},
		chat.ErrPermission:     {20004, 20005, 20006, 20008, 21408, 21606, 21608, 21610, 21660, 30002, 30004, 30007, 30032, 30034, 30450, 63013, 63014, 63015, 63020, 63032, 63033, 63049},
		chat.ErrTemporary:      {20009, 20500, 20503, 30003, 30008, 30017, 30036, 30410, 30500, 63010, 63012},
		chat.ErrNotFound:       {20404, 21614, 21635, 21701, 30005, 30006, 63002, 63003, 63007, 63024, 63027, 63036},
		chat.ErrAuthentication: {20003, 63001},
		chat.ErrInvalid:        {21211, 21212, 21602, 21604, 21612, 21617, 21619, 21620, 21703, 21910, 63005, 63016, 63021, 63028, 99999},
	} {
		for _, code := range codes {
			r.twilio.Fail(create, faketwilio.Failure{Code: code, Message: "told: \"secret words\" " + faketwilio.AuthToken})
			_, err := r.PostMessage(t.Context(), adaThread, chat.Text("my text"))
			require.ErrorIs(t, err, want, code)
			refused, ok := errors.AsType[*twilio.Error](err)
			require.True(t, ok, code)
			require.Equal(t, code, refused.Code)
			require.ErrorContains(t, err, fmt.Sprint(code))
			for _, secret := range []string{"secret words", "my text", faketwilio.AuthToken} {
				require.NotContains(t, err.Error(), secret)
			}
			later := twilio.Status{Status: "failed", ErrorCode: fmt.Sprint(code)}
			require.ErrorIs(t, later.Err(), want, code)
		}
	}
	for _, f := range []faketwilio.Failure{{Status: 201, Body: `{}`}, {Status: 201, Body: `{"sid":"../x"}`}, {Status: 201, Body: `{"sid":7}`}, {Status: 200, Body: `<html>`}, {Status: 502, Body: `bad gateway`}, {Status: 503, Body: `{"code":"x"}`}} {
		r.twilio.Fail(create, f)
		_, err := r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
		require.ErrorIs(t, err, chat.ErrTemporary, f.Body)
	}
	r.twilio.Fail(create, faketwilio.Failure{Status: 201, Body: `{"sid":"SM1","status":"failed","error_code":21610}`})
	_, err := r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
	require.ErrorIs(t, err, twilio.ErrOptedOut)
	r.twilio.Fail(create, faketwilio.Failure{Status: 429, Code: 20429, RetryAfter: 7 * time.Second})
	_, err = r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
	refused, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok)
	require.Equal(t, 7*time.Second, refused.RetryAfter)

	r.twilio.OptOut(ada)
	_, err = r.PostMessage(t.Context(), adaThread, chat.Text("hello"))
	require.ErrorIs(t, err, twilio.ErrOptedOut)
	r.twilio.Fail(create, faketwilio.Failure{Code: 63016})
	_, err = r.PostMessage(t.Context(), whatsAppThread, chat.Text("hello"))
	require.ErrorIs(t, err, twilio.ErrWindowClosed)
	_, err = r.PostMessage(t.Context(), "twilio:%2B19999999999:%2B15551234567", chat.Text("hello"))
	require.ErrorIs(t, err, chat.ErrPermission, "the number is not the account's")
	wrong := newRigOn(t, r.twilio, r.state, func(c *twilio.Config) { c.AuthToken = "another" })
	_, err = wrong.PostMessage(t.Context(), adaThread, chat.Text("hello"))
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.NotContains(t, err.Error(), "another")
}

// TestMessagesAreDeletedWhenTheyHaveArrived deletes all parts of a post.
func TestMessagesAreDeletedWhenTheyHaveArrived(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), adaThread, chat.Text(strings.Repeat("word ", 700)))
	require.NoError(t, err)
	r.twilio.Pend(id)
	require.ErrorIs(t, r.DeleteMessage(t.Context(), adaThread, id), chat.ErrTemporary)
	other := newRigOn(t, r.twilio, r.state)
	id, err = other.PostMessage(t.Context(), adaThread, chat.Text(strings.Repeat("word ", 700)))
	require.NoError(t, err)
	require.NoError(t, r.DeleteMessage(t.Context(), adaThread, id), "by another instance")
	for _, p := range r.twilio.Shown(adaThread)[3:] {
		require.True(t, p.Deleted)
	}
	require.ErrorIs(t, r.DeleteMessage(t.Context(), adaThread, id), chat.ErrNotFound)
	require.ErrorIs(t, r.DeleteMessage(t.Context(), adaThread, "../Calls"), chat.ErrNotFound)
}

// TestNothingIsSentTwice has the rate limit stop a post in the middle: what was sent is
// on the phone, so the post is not made again.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.twilio.Limit(1, time.Hour)
	_, err := r.PostMessage(t.Context(), adaThread, chat.Text(strings.Repeat("word ", 700)))
	require.ErrorIs(t, err, chat.ErrTemporary)
	require.NotErrorIs(t, err, chat.ErrRateLimited)
	require.Len(t, r.twilio.Shown(adaThread), 1)
	require.Empty(t, r.twilio.Calls("DELETE Messages/"+string(r.twilio.Shown(adaThread)[0].ID)+".json"))
}

// TestConfigurationsThatCannotWork name the field and no secret.
func TestConfigurationsThatCannotWork(t *testing.T) {
	t.Parallel()
	good := twilio.Config{AccountSID: faketwilio.AccountSID, AuthToken: "the-token"}
	_, err := twilio.New(good)
	require.NoError(t, err)
	for field, changes := range map[string][]func(*twilio.Config){
		"AccountSID":          {func(c *twilio.Config) { c.AccountSID = "" }, func(c *twilio.Config) { c.AccountSID = "SK1" }},
		"AuthToken":           {func(c *twilio.Config) { c.AuthToken = "" }, func(c *twilio.Config) { c.AuthToken = "the-token\n" }},
		"PhoneNumber":         {func(c *twilio.Config) { c.PhoneNumber = "555-1234" }, func(c *twilio.Config) { c.PhoneNumber = "whatsapp:+1" }, func(c *twilio.Config) { c.PhoneNumber = "15005550006" }},
		"SecondaryAuthToken":  {func(c *twilio.Config) { c.SecondaryAuthToken = "the-token é" }},
		"MessagingServiceSID": {func(c *twilio.Config) { c.MessagingServiceSID = faketwilio.AccountSID }},
		"WhatsAppNumber":      {func(c *twilio.Config) { c.WhatsAppNumber = "rcs:x" }},
		"RCSSenderID":         {func(c *twilio.Config) { c.RCSSenderID = "a b" }},
		"WebhookURL":          {func(c *twilio.Config) { c.WebhookURL = "bot.example.com" }, func(c *twilio.Config) { c.WebhookURL = "ftp://x" }},
		"StatusCallbackURL":   {func(c *twilio.Config) { c.StatusCallbackURL = "/webhooks" }},
		"APIURL":              {func(c *twilio.Config) { c.APIURL = "://" }, func(c *twilio.Config) { c.APIURL = "https://u:p@api.twilio.com" }},
		"MaxSegments":         {func(c *twilio.Config) { c.MaxSegments = -1 }},
	} {
		for _, change := range changes {
			cfg := good
			change(&cfg)
			_, err := twilio.New(cfg)
			require.ErrorIs(t, err, chat.ErrInvalidConfig)
			require.ErrorContains(t, err, "twilio: "+field)
			require.NotContains(t, err.Error(), "the-token")
		}
	}
}

func TestTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"ACCOUNT_SID": " " + faketwilio.AccountSID + " ", "AUTH_TOKEN": "t", "SECONDARY_AUTH_TOKEN": "u", "PHONE_NUMBER": "+1", "MESSAGING_SERVICE_SID": "MG", "WHATSAPP_NUMBER": "+2",
		"RCS_SENDER_ID": "r", "WEBHOOK_URL": "w", "STATUS_CALLBACK_URL": "s", "API_URL": "a",
	} {
		t.Setenv("TWILIO_"+name, value)
	}
	require.Equal(t, twilio.Config{
		AccountSID: faketwilio.AccountSID, AuthToken: "t", SecondaryAuthToken: "u", PhoneNumber: "+1", MessagingServiceSID: "MG", WhatsAppNumber: "+2", RCSSenderID: "r",
		WebhookURL: "w", StatusCallbackURL: "s", APIURL: "a",
	}, twilio.FromEnv())
}

// TestTheFakeRefusesWrongCalls plants calls that the documentation forbids.
func TestTheFakeRefusesWrongCalls(t *testing.T) {
	t.Parallel()
	s := faketwilio.New(t)
	problems := s.Expect()
	post := func(body string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/2010-04-01/Accounts/"+faketwilio.AccountSID+"/Messages.json", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(faketwilio.AccountSID, faketwilio.AuthToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	good := url.Values{"To": {ada}, "From": {faketwilio.Number}, "Body": {"x"}}
	with := func(pairs ...string) string {
		f := maps.Clone(good)
		for i := 0; i < len(pairs); i += 2 {
			if f.Del(pairs[i]); pairs[i+1] != "" {
				f.Set(pairs[i], pairs[i+1])
			}
		}
		return f.Encode()
	}
	for _, body := range []string{
		"", with("To", ""), with("To", "a b"), with("From", ""), with("MessagingServiceSid", faketwilio.ServiceSID), with("From", "", "MessagingServiceSid", "MG1"),
		with("Body", "") + "&Body=", with("Colour", "red"), with("MediaUrl", "ftp://x"), with() + strings.Repeat("&MediaUrl=https%3A%2F%2Fx.example", 11),
		with("StatusCallback", "x"), with("ContentSid", "HX1"), with("ContentSid", "HX"+strings.Repeat("a", 32)), with("ContentVariables", "{}"), with() + "&Body=y",
	} {
		require.Equal(t, 400, post(body), body)
		require.NotEmpty(t, problems(), body)
	}
	for code, body := range map[int]string{ // which are no mistakes of the adapter
		21619: with("Body", ""), 21617: with("Body", strings.Repeat("x", 1601)), 21606: with("From", "+19999999999"), 21910: with("To", "whatsapp:"+ada), 21211: with("To", "x"),
	} {
		require.Equal(t, 400, post(body), code)
		require.Empty(t, problems(), code)
	}
	require.Equal(t, 201, post(with()))
	require.Equal(t, 201, post(with("Body", strings.Repeat("x", 1600))))
	require.Empty(t, problems())
}
