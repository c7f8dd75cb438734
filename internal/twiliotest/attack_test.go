package twiliotest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/sim"
	"github.com/chat-adapter/chat-go/internal/twiliotest/faketwilio"
)

// The cases come from Twilio's documentation and from what the package promises, and know
// nothing of its code.

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

// attackRig is a rig that counts what is stored.
type attackRig struct {
	*rig
	accepted atomic.Int64
}

// Observe implements chat.Observer.
func (r *attackRig) Observe(_ context.Context, o chat.Observation) {
	if o.Step == chat.StepAccepted {
		r.accepted.Add(1)
	}
}

func newAttackRig(t *testing.T, change ...func(*twilio.Config)) *attackRig {
	t.Helper()
	return newAttackRigOn(t, faketwilio.New(t), botrig.Memory(t), change...)
}

func newAttackRigOn(t *testing.T, s *faketwilio.Server, st state.Adapter, change ...func(*twilio.Config)) *attackRig {
	t.Helper()
	r := &attackRig{rig: &rig{Adapter: newAdapter(t, s, change...), twilio: s, state: st}}
	b := botrig.New(t, r.Adapter, st, func(c *chat.Config) { c.Observer = r })
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{faketwilio.AuthToken, words, url.QueryEscape(words)} {
		if i := strings.Index(text, s); i >= 0 {
			t.Errorf("%q is in %.300q", s, text[max(0, i-150):])
		}
	}
}

// answer has the bot take a request.
func (r *attackRig) answer(t *testing.T, req *http.Request) int {
	t.Helper()
	w := r.serve(req)
	requireSecrecy(t, w.Body.String())
	return w.Code
}

// stored sends a webhook twice. It returns how many events of it were stored, none the
// second time; false if it was refused, both times.
func (r *attackRig) stored(t *testing.T, send func() *http.Request) (int64, bool) {
	t.Helper()
	before := r.accepted.Load()
	code := r.answer(t, send())
	stored := r.accepted.Load() - before
	require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, code, "%s", r.log)
	require.Equal(t, code, r.answer(t, send()), "again")
	require.Equal(t, before+stored, r.accepted.Load(), "it is handled twice")
	if code != http.StatusOK {
		require.Zero(t, stored)
	}
	return stored, code == http.StatusOK
}

// done checks that what was stored has been handled, and once.
func (r *attackRig) done(t *testing.T) {
	t.Helper()
	for range r.accepted.Load() {
		next[chat.Inbound](t, r.rig)
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	botrig.Quiet(t, r.handled)
	require.NotContains(t, r.log.String(), "panic")
}

// events is a webhook of Event Streams.
// https://www.twilio.com/docs/events/webhook-quickstart
func events(t *testing.T, body string) *http.Request {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/twilio?bodySHA256="+hex.EncodeToString(sum[:]), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	sign(r, []byte(body), time.Time{})
	return r
}

func event(n int) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"com.twilio.messaging.message.delivered","source":"/2010-04-01/Accounts/AC1/Messages/SM1.json","id":"EZ%032d","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","data":{"body":%q,"messageSid":"SM%032d"}}`, n, words, n)
}

// samples are webhooks of each kind, with all fields that Twilio documents.
// https://www.twilio.com/docs/messaging/guides/webhook-request
func samples(n int) map[string]string {
	return map[string]string{
		"text": from(n, "Body", words, "NumMedia", "0", "NumSegments", "1", "SmsSid", sid(n), "SmsMessageSid", sid(n), "FromCity", "X", "FromCountry", "US", "MessagingServiceSid", faketwilio.ServiceSID),
		"files": from(n, "Body", words, "NumMedia", "2", "MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", "MediaContentType0", "image/jpeg",
			"MediaUrl1", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME2", "MediaContentType1", "text/x-vcard"),
		"WhatsApp": whatsApp(n, "Body", words, "MessageType", "text", "NumMedia", "0", "OriginalRepliedMessageSid", sid(1), "OriginalRepliedMessageSender", faketwilio.WhatsApp, "Forwarded", "true", "ReferralBody", words),
		"button":   whatsApp(n, "Body", words, "MessageType", "button", "ButtonText", words, "ButtonPayload", "yes"),
		"list":     whatsApp(n, "Body", words, "MessageType", "interactive", "ListId", "yes", "ListTitle", words),
		"place":    whatsApp(n, "Body", "", "MessageType", "location", "Latitude", "48.2", "Longitude", "16.37", "Address", words, "Label", words),
		"opt-out":  from(n, "Body", "STOP", "OptOutType", "STOP"),
		"future":   whatsApp(n, "Body", words, "MessageType", "hologram"),
		"empty":    from(n, "Body", "", "NumMedia", "0"),
		"status":   status(n, "failed", "ErrorCode", "30003", "ErrorMessage", words, "RawDlrDoneDate", "2601010000", "ChannelPrefix", "whatsapp", "EventType", "UNDELIVERED"),
		"rcs":      from(n, "From", "rcs:"+ada, "To", faketwilio.RCS, "Body", words, "MessageType", "text"),
	}
}

func TestAttackFields(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	n.Store(1000)
	fresh := func(name string) url.Values {
		fields, err := url.ParseQuery(samples(int(n.Add(1)))[name])
		require.NoError(t, err)
		return fields
	}
	for _, name := range slices.Sorted(maps.Keys(samples(1))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			body := fresh(name).Encode()
			stored, taken := r.stored(t, func() *http.Request { return request(t, body) })
			require.True(t, taken)
			require.EqualValues(t, 1, stored)
			for field := range fresh(name) {
				for _, values := range [][]string{
					nil, {""}, {"x"}, {" "}, {"\x00"}, {"a\xffb"}, {"a\nb\r\n"}, {"-1"}, {"99999999999999999999999"}, {"../x"}, {"a:b"}, {strings.Repeat("9", 5000)}, {"<Response/>"}, {"x", "y"}, {"true"},
				} {
					fields := fresh(name)
					if fields[field] = values; values == nil {
						fields.Del(field)
					}
					body := fields.Encode()
					stored, taken := r.stored(t, func() *http.Request { return request(t, body) })
					if taken && stored != 1 && field != "MessageSid" && field != "AccountSid" {
						t.Errorf("answered 200 and %d events are stored: %s=%.40q\n%s", stored, field, values, body)
					}
				}
			}
			r.done(t)
		})
	}
}

// TestAttackSignatures sends what is not Twilio's.
func TestAttackSignatures(t *testing.T) {
	t.Parallel()
	const header = "X-Twilio-Signature"
	r := newAttackRig(t)
	body := from(1, "Body", words)
	form, err := url.ParseQuery(body)
	require.NoError(t, err)
	for about, forge := range map[string]func(*http.Request){
		"none": func(q *http.Request) { q.Header.Del(header) }, "empty": func(q *http.Request) { q.Header.Set(header, "") }, "half": func(q *http.Request) { q.Header.Set(header, q.Header.Get(header)[:10]) },
		"longer": func(q *http.Request) { q.Header.Set(header, q.Header.Get(header)+"A") }, "no base64": func(q *http.Request) { q.Header.Set(header, "!!!") }, "long": func(q *http.Request) { q.Header.Set(header, strings.Repeat("A", 1<<20)) },
		"another token":     func(q *http.Request) { q.Header.Set(header, faketwilio.Sign("another", webhookURL, form)) },
		"no token":          func(q *http.Request) { q.Header.Set(header, faketwilio.Sign("", webhookURL, form)) },
		"the address alone": func(q *http.Request) { q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, nil)) },
		"another address": func(q *http.Request) {
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, "https://bot.example.com/", form))
		},
		"another body": func(q *http.Request) {
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, url.Values{"Body": {"x"}}))
		},
		"two, one wrong":     func(q *http.Request) { q.Header[header] = []string{"x", q.Header.Get(header)} },
		"a query besides":    func(q *http.Request) { q.URL.RawQuery = "From=%2B1" },
		"a field in a query": func(q *http.Request) { q.URL.RawQuery = "Body=x" },
		"no form, the address alone": func(q *http.Request) {
			q.Header.Set("Content-Type", "text/plain")
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, nil))
		},
		"no type, the address alone": func(q *http.Request) {
			q.Header.Del("Content-Type")
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, nil))
		},
		"JSON, the address alone": func(q *http.Request) {
			q.Header.Set("Content-Type", "application/json")
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, nil))
		},
		"a multipart form, the address alone": func(q *http.Request) {
			q.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			q.Header.Set(header, faketwilio.Sign(faketwilio.AuthToken, webhookURL, nil))
		},
		"a digest of another body": func(q *http.Request) {
			other := events(t, "["+event(1)+"]")
			q.URL.RawQuery, q.Header = other.URL.RawQuery, other.Header.Clone()
		},
		"a digest of another body, as a form": func(q *http.Request) {
			other := events(t, "["+event(1)+"]")
			q.URL.RawQuery = other.URL.RawQuery
			q.Header.Set(header, other.Header.Get(header))
		},
	} {
		q := request(t, body)
		forge(q)
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusUnsupportedMediaType}, r.answer(t, q), about)
	}
	for about, forge := range map[string]func(*http.Request){
		"another body":      func(q *http.Request) { q.Body = io.NopCloser(strings.NewReader("[" + event(2) + "]")) },
		"no digest":         func(q *http.Request) { q.URL.RawQuery = ""; sign(q, nil, time.Time{}) },
		"an empty digest":   func(q *http.Request) { q.URL.RawQuery = "bodySHA256="; sign(q, nil, time.Time{}) },
		"a short digest":    func(q *http.Request) { q.URL.RawQuery = q.URL.RawQuery[:20]; sign(q, nil, time.Time{}) },
		"two digests":       func(q *http.Request) { q.URL.RawQuery = "bodySHA256=00&" + q.URL.RawQuery },
		"no signature":      func(q *http.Request) { q.Header.Del(header) },
		"an unsigned query": func(q *http.Request) { q.URL.RawQuery += "&x=y" },
	} {
		q := events(t, "["+event(1)+"]")
		forge(q)
		require.Equal(t, http.StatusUnauthorized, r.answer(t, q), about)
	}
	require.Zero(t, r.accepted.Load())
	r.done(t)
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post"} {
		q := request(t, from(1, "Body", words))
		q.Method = method
		require.Equal(t, http.StatusMethodNotAllowed, r.answer(t, q), method)
	}
	for _, body := range []string{
		"", "%zz", "=", "&&&", ";", "x", "MessageSid=" + sid(1), "From=%2B1&To=%2B2", "Body=x&AccountSid=" + faketwilio.AccountSID, "{}", `{"MessageSid":"x"}`, strings.Repeat("a=b&", 100_000), "%00=%00",
	} {
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, r.answer(t, request(t, body)), "%.50s", body)
	}
	for _, body := range []string{``, `x`, `null`, `7`, `{}`, `[7]`, `[null]`, `[{}]`, `[[]]`, `[` + event(1) + `]x`, `[` + event(1), strings.Repeat("[", 500_000), `[{"id":7,"type":7}]`} {
		require.Equal(t, http.StatusBadRequest, r.answer(t, events(t, body)), "%.50s", body)
	}
	huge := from(1, "Body", strings.Repeat("x", 20<<20))
	require.Equal(t, http.StatusRequestEntityTooLarge, r.answer(t, request(t, huge)))
	q := request(t, from(1, "Body", words))
	q.Body = io.NopCloser(io.MultiReader(strings.NewReader("Message"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	require.Equal(t, http.StatusBadRequest, r.answer(t, q))
	require.Zero(t, r.accepted.Load())
	stored, taken := r.stored(t, func() *http.Request { return request(t, from(2, "Body", words, "Audience", "1")) })
	require.True(t, taken)
	require.EqualValues(t, 1, stored, "a field that Twilio has not invented yet")
	r.done(t)
}

// TestAttackBatches has doubled, unknown and unreadable events in one delivery.
func TestAttackBatches(t *testing.T) {
	t.Parallel()
	s, st := faketwilio.New(t), botrig.Memory(t)
	rigs := []*attackRig{newAttackRigOn(t, s, st), newAttackRigOn(t, s, st)}
	list := func(all ...string) string { return "[" + strings.Join(all, ",") + "]" }
	one, two, three := event(1), event(2), strings.Replace(event(3), "com.twilio.messaging.message.delivered", "com.twilio.hologram", 1)
	before := []string{one, "7", one, "null", two, "{}", three, two}
	backwards := slices.Clone(before)
	slices.Reverse(backwards)
	for i, body := range []string{list(before...), list(before...), list(backwards...), list(one), list(three, two), strings.ReplaceAll(list(one, two), `":`, `" : `)} {
		require.Equal(t, http.StatusOK, rigs[i%2].answer(t, events(t, body)), "%s", rigs[i%2].log)
		require.EqualValues(t, 3, rigs[0].accepted.Load()+rigs[1].accepted.Load(), i)
	}
}

// TestAttackOrder sends messages and statuses backwards, and many times at once to two
// instances.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	s, st := faketwilio.New(t), botrig.Memory(t)
	rigs := []*attackRig{newAttackRigOn(t, s, st), newAttackRigOn(t, s, st)}
	var bodies []string
	for i := range 8 {
		bodies = append(bodies, from(100-i, "Body", fmt.Sprint("text ", i)))
	}
	for _, name := range []string{"delivered", "sent", "queued", "read"} { // each is an event of its own
		bodies = append(bodies, status(1, name))
	}
	var group sync.WaitGroup
	for i := range 4 * len(bodies) {
		q := func() *http.Request { return request(t, bodies[i%len(bodies)]) }
		group.Go(func() {
			code := http.StatusServiceUnavailable // an instance stores it just now: Twilio delivers again
			for code == http.StatusServiceUnavailable {
				code = rigs[i%2].answer(t, q())
			}
			if code != http.StatusOK {
				t.Errorf("answered %d", code)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, len(bodies), rigs[0].accepted.Load()+rigs[1].accepted.Load())
	for range bodies {
		select {
		case <-rigs[0].handled:
		case <-rigs[1].handled:
		case <-time.After(botrig.Patience):
			require.Fail(t, "not all was handled")
		}
	}
}

// TestAttackStateThatIsAway delivers while the state cannot be reached.
func TestAttackStateThatIsAway(t *testing.T) {
	t.Parallel()
	shared, ok := botrig.Memory(t).(sim.Shared)
	require.True(t, ok)
	store := sim.NewStore(shared, 1, 0, 0)
	r := newAttackRigOn(t, faketwilio.New(t), store)
	r.send(t, from(1, "Body", words))
	store.SetAway(true)
	all := samples(2)
	for name := range all {
		all[name] = samples(1000 + len(name)*100 + int(name[0]))[name]
		require.Equal(t, http.StatusServiceUnavailable, r.answer(t, request(t, all[name])), name)
	}
	batch := "[" + event(1) + "," + event(2) + "]"
	require.Equal(t, http.StatusServiceUnavailable, r.answer(t, events(t, batch)))
	store.SetAway(false)
	for name := range all {
		r.send(t, all[name])
	}
	require.Equal(t, http.StatusOK, r.answer(t, events(t, batch)))
	require.EqualValues(t, 1+len(all)+2, r.accepted.Load())
	r.done(t)
}

// calls has every call of the adapter to Twilio's API.
var calls = map[string]func(ctx context.Context, a *twilio.Adapter) error{
	"post": func(ctx context.Context, a *twilio.Adapter) error {
		return attack.Second(a.PostMessage(ctx, adaThread, &chat.Post{Text: words}))
	},
	"card": func(ctx context.Context, a *twilio.Adapter) error {
		return attack.Second(a.PostMessage(ctx, whatsAppThread, &chat.Post{Card: card.New(words)}))
	},
	"files": func(ctx context.Context, a *twilio.Adapter) error {
		return attack.Second(a.PostMessage(ctx, rcsThread, &chat.Post{Text: words, Attachments: []chat.Attachment{{Type: "image", URL: "https://x.example/a.png"}}}))
	},
	"delete": func(ctx context.Context, a *twilio.Adapter) error {
		return a.DeleteMessage(ctx, adaThread, chat.MessageID(sid(1)))
	},
	"template": func(ctx context.Context, a *twilio.Adapter) error {
		return attack.Second(a.SendTemplate(ctx, whatsAppThread, twilio.Template{ContentSID: "HX" + strings.Repeat("a", 32), Variables: map[string]string{"1": words}}))
	},
}

func onTwilio(t *testing.T, with attack.Answer) *attackRig {
	t.Helper()
	return newAttackRig(t, func(c *twilio.Config) { c.APIURL, c.HTTPClient = "https://api.example", &http.Client{Transport: with} })
}

func requireFailure(t *testing.T, err error) *chat.PlatformError {
	t.Helper()
	require.Error(t, err)
	requireSecrecy(t, err.Error())
	require.Less(t, len(err.Error()), 1500)
	require.NotContains(t, err.Error(), "\n")
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%T %v", err, err)
	require.NotEmpty(t, failure.Op)
	require.NotZero(t, failure.Code, "%v", err)
	require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
	require.LessOrEqual(t, failure.RetryAfter, 48*time.Hour)
	return failure
}

// TestAttackRefusals refuses each call with each documented code.
// https://www.twilio.com/docs/api/errors
func TestAttackRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, code int
		want         error
	}{
		{401, 20003, chat.ErrAuthentication},
		{403, 20403, chat.ErrPermission},
		{403, 20008, chat.ErrPermission},
		{404, 20404, chat.ErrNotFound},
		{429, 20429, chat.ErrRateLimited},
		{400, 20429, chat.ErrRateLimited},
		{503, 20503, chat.ErrTemporary},
		{500, 20500, chat.ErrTemporary},
		{400, 20001, chat.ErrInvalid},
		{403, 10001, chat.ErrPermission},
		{429, 14107, chat.ErrRateLimited},
		{400, 14107, chat.ErrRateLimited},
		{400, 21211, chat.ErrInvalid},
		{400, 21212, chat.ErrInvalid},
		{400, 21408, chat.ErrPermission},
		{400, 21602, chat.ErrInvalid},
		{400, 21604, chat.ErrInvalid},
		{400, 21606, nil},
		{400, 21608, chat.ErrPermission},
		{400, 21610, twilio.ErrOptedOut},
		{400, 21610, chat.ErrPermission},
		{400, 21611, nil},
		{400, 21612, nil},
		{400, 21614, nil},
		{400, 21617, chat.ErrInvalid},
		{400, 21619, chat.ErrInvalid},
		{400, 21620, chat.ErrInvalid},
		{400, 21623, chat.ErrInvalid},
		{400, 21635, nil},
		{400, 21655, nil},
		{400, 21656, chat.ErrInvalid},
		{400, 21660, nil},
		{400, 21703, nil},
		{400, 21705, nil},
		{400, 21910, chat.ErrInvalid},
		{400, 30001, nil},
		{400, 30002, chat.ErrPermission},
		{400, 30003, nil},
		{400, 30004, nil},
		{400, 30005, nil},
		{400, 30006, nil},
		{400, 30007, nil},
		{400, 30008, nil},
		{400, 63003, nil},
		{400, 63007, nil},
		{400, 63016, twilio.ErrWindowClosed},
		{400, 63016, chat.ErrInvalid},
		{400, 63018, chat.ErrRateLimited},
		{429, 63038, chat.ErrRateLimited},
		{400, 63024, nil},
		{400, 4711, chat.ErrInvalid},
		{418, 4711, nil},
		{400, -7, nil},
	} {
		var asked atomic.Int64
		r := onTwilio(t, func(*http.Request) (*http.Response, error) {
			asked.Add(1)
			return attack.Response(c.status, fmt.Sprintf(`{"code":%d,"message":"The message \"%s\" cannot be sent: %s","more_info":"https://x","status":%d}`, c.code, words, words, c.status)), nil
		})
		for method, call := range calls {
			asked.Store(0)
			err := call(t.Context(), r.Adapter)
			requireFailure(t, err)
			require.EqualValues(t, 1, asked.Load(), "%s %v: it was asked again", method, c)
			if c.want != nil && !errors.Is(err, c.want) && !(method == "delete" && c.status == 400) {
				t.Errorf("%s: %d with %d is %v, want %v", method, c.status, c.code, err, c.want)
			}
		}
	}
}

// TestAttackAnswers answers each call with what is no answer.
func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	limited := `{"code":20429,"message":"Too Many Requests","status":429}`
	for about, c := range map[string]struct {
		with  attack.Answer
		want  error
		empty bool // the answer has nothing that a deletion needs
	}{
		"400 in HTML": {attack.Always(400, "<html>"+words), chat.ErrInvalid, false}, "400 empty": {attack.Always(400, ""), chat.ErrInvalid, false}, "400 with texts": {attack.Always(400, `{"code":"21211","message":7}`), nil, false},
		"401 in HTML": {attack.Always(401, "<html>"), chat.ErrAuthentication, false}, "403 in HTML": {attack.Always(403, "<html>"), chat.ErrPermission, false}, "404 in HTML": {attack.Always(404, "<html>"), chat.ErrNotFound, false},
		"429 in HTML": {attack.Always(429, "<html>", "Retry-After", "5"), chat.ErrRateLimited, false}, "500 in HTML": {attack.Always(500, "<html>"+words), chat.ErrTemporary, false}, "502 empty": {attack.Always(502, ""), chat.ErrTemporary, false},
		"503 null": {attack.Always(503, "null"), chat.ErrTemporary, false}, "a huge wait": {attack.Always(429, limited, "Retry-After", "9223372036854775807"), chat.ErrRateLimited, false}, "a negative wait": {attack.Always(429, limited, "Retry-After", "-5"), chat.ErrRateLimited, false},
		"a wait in words": {attack.Always(429, limited, "Retry-After", "soon"), chat.ErrRateLimited, false}, "a wait for ever": {attack.Always(429, limited, "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), chat.ErrRateLimited, false},
		"200 in HTML": {attack.Always(200, "<html>"+words), nil, true}, "200 with a number": {attack.Always(200, "7"), nil, true}, "200 empty": {attack.Always(200, ""), nil, true}, "201 null": {attack.Always(201, "null"), nil, true}, "201 of nothing": {attack.Always(201, "{}"), nil, true},
		"201 with half": {attack.Always(201, `{"sid":"SM`), nil, true}, "201 with another type": {attack.Always(201, `{"sid":7}`), nil, true}, "201 with an odd id": {attack.Always(201, `{"sid":"../x\ny"}`), nil, true}, "201 with an empty id": {attack.Always(201, `{"sid":""}`), nil, true},
		"201 with a long id": {attack.Always(201, `{"sid":"`+strings.Repeat("S", 10_000)+`"}`), nil, true}, "204": {attack.Always(204, ""), nil, true},
		"201 that has failed": {attack.Always(201, `{"sid":"`+sid(9)+`","status":"failed","error_code":21610,"error_message":"`+words+`"}`), nil, true},
		"a closed connection": {func(*http.Request) (*http.Response, error) { return nil, io.EOF }, chat.ErrTemporary, false},
		"an error with the request": {func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot ask %s with %s", r.URL, r.Header)
		}, chat.ErrTemporary, false},
		"a redirect": {attack.Always(307, "", "Location", "https://evil.example/"), nil, false}, "a redirect to nowhere": {attack.Always(307, "", "Location", "://x"), nil, false}, "600": {attack.Always(600, ""), nil, false},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			r := onTwilio(t, func(q *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(q.URL.Host, ".example") || q.URL.Host == "evil.example" {
					t.Errorf("it goes to %s", q.URL.Host)
				}
				return c.with(q)
			})
			for method, call := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				err := call(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "it does not end")
				cancel()
				if err == nil && (c.empty && method == "delete" || about == "201 that has failed") {
					continue
				}
				require.Error(t, err, method)
				requireFailure(t, err)
				if c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", method, err, c.want)
				}
			}
		})
	}
}

// TestAttackSilence has a Twilio that says nothing, or does not stop.
func TestAttackSilence(t *testing.T) {
	t.Parallel()
	for method, call := range calls {
		for about, with := range map[string]attack.Answer{
			"silent": attack.Silent,
			"endless": func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()})}, nil
			},
		} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := onTwilio(t, with)
				patience := botrig.Patience
				if about == "silent" {
					patience = 50 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				err := call(ctx, r.Adapter)
				if about == "silent" {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					requireSecrecy(t, err.Error())
					return
				}
				require.NoError(t, ctx.Err(), "it reads without end")
			})
		}
	}
}

// TestAttackLengths posts texts around the limit.
func TestAttackLengths(t *testing.T) {
	t.Parallel()
	const n = 1600
	for about, text := range map[string]string{
		"as long as may be": strings.Repeat("a", n), "one more": strings.Repeat("a", n+1), "an emoji at the end": strings.Repeat("a", n-2) + "😀", "an emoji at the border": strings.Repeat("a", n-1) + "😀b", "emoji": strings.Repeat("😀", n),
		"a family at the border": strings.Repeat("a", n-3) + "👩‍👩‍👧" + "b", "an end of white space": strings.Repeat("a", n) + strings.Repeat("\n", 3*n), "white space within": "a" + strings.Repeat(" \n", 3*n) + "b", "GSM's two septets": strings.Repeat("€", n+1),
		"a start of white space": strings.Repeat("\n", 3*n) + "b", "ten times": strings.Repeat("ab ", 4*n),
	} {
		for _, thread := range []chat.ThreadID{adaThread, whatsAppThread, rcsThread, serviceThread} {
			t.Run(about+"/"+string(thread)[:16], func(t *testing.T) {
				t.Parallel()
				r := newAttackRig(t)
				_, err := r.PostMessage(t.Context(), thread, &chat.Post{Text: text})
				require.NoError(t, err)
				var shown strings.Builder
				for _, m := range r.twilio.All() {
					require.True(t, utf8.ValidString(m.Text))
					require.NotContains(t, m.Text, "\ufffd")
					require.NotEmpty(t, strings.TrimSpace(m.Text))
					require.LessOrEqual(t, len(utf16.Encode([]rune(m.Text))), n)
					shown.WriteString(m.Text)
				}
				for _, c := range []string{"a", "b", "😀", "👧", "€"} {
					require.Equal(t, strings.Count(text, c), strings.Count(shown.String(), c), "%q", c)
				}
			})
		}
	}
}

// TestAttackPosts posts what nobody should.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	attachments := func(n int, address string) (all []chat.Attachment) {
		for range n {
			all = append(all, chat.Attachment{Type: "image", URL: address, MIMEType: "image/png"})
		}
		return all
	}
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "NUL within": {Text: "a\x00b"}, "bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"}, "a hard space": {Text: "\u00a0"},
		"a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image of nothing": {Markdown: "![]()"}, "a link of nothing": {Markdown: "[]()"}, "marks": {Markdown: "****"}, "no code": {Markdown: "```\n```"}, "an empty quote": {Markdown: ">"},
		"an empty table": {Markdown: "| |\n|-|\n"}, "a card of nothing": {Card: card.New("")}, "a card of a rule": {Card: card.New("", card.NewDivider())}, "a card of an image": {Card: card.New("").WithImage("https://example.com/a.png")},
		"a card of buttons": {Card: card.New("", card.NewActions(card.NewButton("a", "A"), card.NewButton("b", "")))}, "an option without a label": {Card: card.New("", card.NewActions(card.NewSelect("s", "", card.NewOption("", "v"), card.NewOption("L", ""))))},
		"a link that is no link":   {Card: card.New("T", card.NewActions(card.NewLinkButton("L", ""), card.NewLinkButton("L", "x"), card.NewLinkButton("", "https://example.com")))},
		"an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment nowhere": {Attachments: attachments(1, "x")}, "an attachment here": {Attachments: attachments(1, "file:///etc/passwd")}, "thirty attachments": {Text: "x", Attachments: attachments(30, "https://x.example/a.png")},
		"an attachment with a line": {Attachments: attachments(1, "https://x.example/a\r\nb.png")}, "a long address": {Attachments: attachments(1, "https://x.example/"+strings.Repeat("a", 5000))}, "an attachment of bytes": {Attachments: attachments(1, "https://x.example/\xff.png")},
		"files": {Files: []chat.File{{Name: "a.png", Content: strings.NewReader("x")}}}, "raw that is empty": {Raw: " "}, "an empty tree": {Tree: chat.Markdown("").AsTree()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, thread := range []chat.ThreadID{adaThread, whatsAppThread, rcsThread} {
				r := newAttackRig(t)
				_, err := r.PostMessage(t.Context(), thread, post)
				shown := r.twilio.All()
				if err != nil {
					require.Empty(t, shown, "refused, and shown in part: %v", err)
					require.Truef(t, errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, errors.ErrUnsupported), "a mistake that Twilio must find: %v", err)
					require.Empty(t, r.twilio.Calls(""), "a mistake that is found too late: %v", err)
					continue
				}
				require.NotEmpty(t, shown, "posted, and nothing is shown")
				for _, m := range shown {
					require.True(t, utf8.ValidString(m.Text))
					require.LessOrEqual(t, len(m.Attachments), 10)
				}
			}
		})
	}
}

// TestAttackIDs calls with ids that are none.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	for _, id := range []chat.ThreadID{
		"", ":", "twilio", "twilio:", "twilio::", "twilio:%2B15005550006", "twilio:%2B15005550006:", "twilio::%2B15551234567", adaThread + ":1", " " + adaThread, adaThread + " ", adaThread + "\n", "TWILIO:%2B15005550006:%2B15551234567",
		"twilio:+15005550006:+15551234567", "twilio:%zz:%2B1", "twilio:%2B15005550006:%2B", "twilio:%2B15005550006:..%2Fx", "twilio:%2b15005550006:%2b15551234567",
		"twilio:%2B15005550006:%2B1555%0A1234567", "twilio:%2B15005550006:" + chat.ThreadID(strings.Repeat("9", 3000)),
	} {
		_, err := r.DecodeThreadID(id)
		assert.ErrorIs(t, err, chat.ErrInvalidArgument, "%q", id)
		for about, err := range map[string]error{
			"post": attack.Second(r.PostMessage(t.Context(), id, &chat.Post{Text: words})), "delete": r.DeleteMessage(t.Context(), id, chat.MessageID(sid(1))), "typing": r.StartTyping(t.Context(), id, ""),
			"template": attack.Second(r.SendTemplate(t.Context(), id, twilio.Template{ContentSID: "HX" + strings.Repeat("a", 32)})), "edit": r.EditMessage(t.Context(), id, chat.MessageID(sid(1)), &chat.Post{Text: words}),
		} {
			assert.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %q", about, id)
			requireSecrecy(t, fmt.Sprint(err))
		}
	}
	for _, id := range []chat.MessageID{"", " ", "SM1", "../x", "SM" + chat.MessageID(strings.Repeat("g", 32)), chat.MessageID(sid(1)) + "\n", chat.MessageID(sid(1)) + "/Media", "AC" + chat.MessageID(strings.Repeat("a", 32)), "\xff"} {
		assert.ErrorIs(t, r.DeleteMessage(t.Context(), adaThread, id), chat.ErrNotFound, "%q", id)
	}
	for _, id := range []chat.UserID{"", " ", "x", "15551234567", "+", "+0", "+x", "+1555 1234567", "+15551234567\n", "whatsapp:", "whatsapp:x", "whatsapp:+", "sms:+15551234567", "whatsapp:rcs:+15551234567", "../x", "+" + chat.UserID(strings.Repeat("9", 40))} {
		assert.False(t, r.IsUserID(id), "%q", id)
		assert.ErrorIs(t, attack.Second(r.Adapter.OpenDM(t.Context(), id)), chat.ErrInvalidArgument, "%q", id)
	}
	for _, tpl := range []twilio.Template{{}, {ContentSID: "x"}, {ContentSID: "HX"}, {ContentSID: "HX" + strings.Repeat("g", 32)}} {
		assert.ErrorIs(t, attack.Second(r.SendTemplate(t.Context(), whatsAppThread, tpl)), chat.ErrInvalidArgument, "%+v", tpl)
	}
	require.Error(t, attack.Second(r.PostMessage(t.Context(), adaThread, nil)))
	require.Empty(t, r.twilio.Calls("POST Messages.json"))
}

// TestAttackFilesElsewhere has addresses that are not Twilio's, and a Twilio that leads to
// there. The credentials go nowhere.
func TestAttackFilesElsewhere(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "x", "https://evil.example/2010-04-01/Accounts/" + faketwilio.AccountSID + "/Messages/MM1/Media/ME1", "http://api.twilio.com/x", "https://api.twilio.com.evil.example/x", "https://api.twilio.com@evil.example/x", "https://x:y@api.example/file",
		"//evil.example/x", "file:///etc/passwd", "https://127.0.0.1/x", "https://api.example:8443/file", "https://evil.example\\@api.example/file", "https://[::1]/",
	} {
		for _, at := range []*chat.Attachment{{Type: "image", URL: address}, {Type: "image", URL: "https://api.example/file"}, {Type: "image", URL: address, FetchMetadata: map[string]string{"mediaUrl": address}}} {
			r := onTwilio(t, func(q *http.Request) (*http.Response, error) {
				if q.URL.Scheme == "https" && q.URL.Host == "api.example" {
					return attack.Response(307, "", "Location", address), nil
				}
				if q.Header.Get("Authorization") != "" || strings.Contains(q.URL.Host, "evil") || !strings.HasSuffix(q.URL.Host, "twilio.com") || q.URL.Scheme != "https" {
					t.Errorf("it goes to %s with %q", q.URL, q.Header.Get("Authorization"))
				}
				return nil, io.EOF
			})
			body, err := r.FetchAttachment(t.Context(), at, 100)
			if err == nil {
				_, err = io.ReadAll(body)
				_ = body.Close()
			}
			require.Error(t, err, "%+v", at)
			requireSecrecy(t, err.Error())
		}
	}
	require.Error(t, attack.Second(newAttackRig(t).FetchAttachment(t.Context(), nil, 100)))
}

// TestAttackSegments counts the segments of odd texts.
// https://www.twilio.com/docs/glossary/what-sms-character-limit
func TestAttackSegments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]twilio.Segments{
		"": {}, "a": {Count: 1, Length: 1}, strings.Repeat("a", 160): {Count: 1, Length: 160}, strings.Repeat("a", 161): {Count: 2, Length: 161}, strings.Repeat("a", 306): {Count: 2, Length: 306}, strings.Repeat("a", 307): {Count: 3, Length: 307},
		"€": {Count: 1, Length: 2}, strings.Repeat("€", 80): {Count: 1, Length: 160}, strings.Repeat("a", 159) + "€": {Count: 2, Length: 161}, "ä": {Count: 1, Length: 1}, "â": {Count: 1, Unicode: true, Length: 1}, "😀": {Count: 1, Unicode: true, Length: 2},
		strings.Repeat("â", 70): {Count: 1, Unicode: true, Length: 70}, strings.Repeat("â", 71): {Count: 2, Unicode: true, Length: 71}, strings.Repeat("😀", 35): {Count: 1, Unicode: true, Length: 70}, strings.Repeat("â", 134): {Count: 2, Unicode: true, Length: 134}, strings.Repeat("â", 135): {Count: 3, Unicode: true, Length: 135},
		"[": {Count: 1, Length: 2}, "\n": {Count: 1, Length: 1}, "`": {Count: 1, Unicode: true, Length: 1}, "ç": {Count: 1, Unicode: true, Length: 1}, "Ç": {Count: 1, Length: 1},
		// A character of two septets or units is in one segment whole.
		strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152): {Count: 3, Length: 306}, strings.Repeat("â", 66) + "😀" + strings.Repeat("â", 66): {Count: 3, Unicode: true, Length: 134},
	} {
		require.Equal(t, want, twilio.CountSegments(text), "%.20q of %d", text, len(text))
	}
	require.NotPanics(t, func() { twilio.CountSegments("\xff\x00") })
}
