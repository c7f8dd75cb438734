package lineartest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{secret, fakelinear.APIKey, fakelinear.ClientSecret, words} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.300q", s, text)
		}
	}
}

// newAttacked is a rig whose log is searched for words and secrets.
func newAttacked(t *testing.T, change ...func(*linear.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

// webhooks has a webhook of each kind, with all fields of it that an adapter may read
// and "#" for a number of its own. https://linear.app/developers/webhooks
var webhooks = map[string]struct {
	mode               linear.Mode
	kind, action, rest string
}{
	"comment":  {linear.ModeComments, "Comment", "create", `"actor":` + adaJSON + `,"url":"https://linear.app/acme/issue/ENG-1#comment-1",` + wholeComment(``)},
	"answer":   {linear.ModeComments, "Comment", "create", wholeComment(`"parentId":"root-1","parent":{"id":"root-1","body":"hello","issueId":"` + issue + `"},`)},
	"edit":     {linear.ModeComments, "Comment", "update", `"updatedFrom":{"body":"` + words + `","updatedAt":"2026-01-01T00:00:00Z","editedAt":null},` + wholeComment(`"editedAt":"2026-01-02T00:00:00Z",`)},
	"deletion": {linear.ModeComments, "Comment", "remove", wholeComment(``)},
	"reaction": {linear.ModeComments, "Reaction", "create", `"data":{"id":"r-#","emoji":"heart","userId":"` + ada + `","user":` + adaJSON + `,"commentId":"root-1",` +
		`"comment":{"id":"root-1","body":"` + words + `","userId":"` + ada + `"},"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`},
	"issue": {linear.ModeComments, "Issue", "update", `"data":{"id":"` + issue + `","title":"` + words + `","number":1,"team":{"id":"t","key":"ENG","name":"Eng"},"labels":[]},"updatedFrom":{"title":"x"}`},
	"mentioned": {linear.ModeAgentSessions, "AppUserNotification", "issueMention", `"oauthClientId":"o","appUserId":"` + fakelinear.BotID + `",` +
		`"notification":{"id":"n-#","type":"issueMention","issueId":"` + issue + `","issue":{"id":"` + issue + `","title":"` + words + `"},"actor":` + adaJSON + `}`},
	"session": {linear.ModeAgentSessions, "AgentSessionEvent", "created", `"oauthClientId":"o","appUserId":"` + fakelinear.BotID + `","promptContext":"<issue>` + words + `</issue>",` +
		`"agentSession":{"id":"session-#","appUserId":"` + fakelinear.BotID + `","issueId":"` + issue + `","commentId":"root-1","creatorId":"` + ada + `","creator":` + adaJSON + `,` +
		`"issue":{"id":"` + issue + `","identifier":"ENG-1","title":"The engine"},"comment":{"id":"root-#","body":"` + words + `","userId":"` + ada + `","issueId":"` + issue + `"},"createdAt":"2026-01-01T00:00:00Z","status":"pending"}`},
	"prompt": {linear.ModeAgentSessions, "AgentSessionEvent", "prompted", `"agentSession":{"id":"session-1","appUserId":"` + fakelinear.BotID + `","issueId":"` + issue + `","creator":` + adaJSON + `,"comment":{"id":"root-1","body":"hello"}},` +
		`"agentActivity":{"id":"activity-#","agentSessionId":"session-1","userId":"` + ada + `","user":` + adaJSON + `,"sourceCommentId":"c-#","content":{"type":"prompt","body":"` + words + `"},"createdAt":"2026-01-01T00:00:00Z"}`},
	"future": {linear.ModeComments, "TimeTravel", "begun", `"data":{"id":"t-#","words":"` + words + `"}`},
}

func wholeComment(more string) string {
	return `"data":{"id":"comment-#","body":"` + words + ` @helper","issueId":"` + issue + `","userId":"` + ada + `",` + more +
		`"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","user":` + adaJSON + `,"issue":{"id":"` + issue + `","identifier":"ENG-1","title":"The engine"},"reactionData":[]}`
}

// sample is a webhook of the kind that was sent now, and is no other's.
func sample(name string) string {
	w := webhooks[name]
	return strings.ReplaceAll(hook(w.kind, w.action, w.rest), "#", fmt.Sprint(5000+sampled.Add(1)))
}

func mode(m linear.Mode) func(*linear.Config) { return func(c *linear.Config) { c.Mode = m } }

// numbered is the header with which Linear names a delivery.
func numbered(r *http.Request) {
	r.Header.Set("Linear-Delivery", fmt.Sprintf("234d1a4e-b617-4388-90fe-%012d", sampled.Add(1)))
}

// taken delivers a webhook twice. A webhook that is taken is handled once, with the
// number of events; one that is not is refused both times.
func (r *rig) taken(t *testing.T, body string, events int) bool {
	t.Helper()
	w := r.deliver(t, body)
	requireSecrecy(t, w.Body.String())
	if w.Code != http.StatusOK {
		require.GreaterOrEqual(t, w.Code, 400, "%.600s", body)
		require.Less(t, w.Code, 500, "%s: %.900s\n%s", w.Body, body, r.log)
		require.Equal(t, w.Code, r.deliver(t, body).Code)
		return false
	}
	for range events {
		select {
		case <-r.handled:
		case <-time.After(botrig.Patience):
			t.Errorf("taken and not handled: %.900s", body)
		}
	}
	again := r.deliver(t, body)
	require.Equal(t, http.StatusOK, again.Code, "%s again: %.600s\n%s", again.Body, body, r.log)
	return true
}

// done waits for what still runs, and checks that all has been taken note of.
func (r *rig) done(t *testing.T) {
	t.Helper()
	r.send(t, hook("Ping", "last", `"data":{"id":"last"}`))
	for last := false; !last; {
		select {
		case in := <-r.handled:
			ev, ok := in.(*chat.PlatformEvent)
			if last = ok && ev.Name == "linear:Ping.last"; !last {
				t.Errorf("handled too much: %T %+v", in, in)
			}
		case <-time.After(botrig.Patience):
			t.Fatal("the bot handles nothing any more", r.log)
		}
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	r.quiet(t)
}

// wrongs are values that stand where another was.
var wrongs = []string{
	`null`, `true`, `""`, `"x"`, `"\u0000"`, `"\ud83d"`, `"a:b/c"`, `0`, `-1`, `1.5`, `9007199254740993`, `9223372036854775808`, `1e400`,
	`[]`, `{}`, `[null]`, `[[]]`, `[{}]`, `{"id":{}}`, `"+292277026596-01-01T00:00:00Z"`,
}

func TestAttackFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(webhooks)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t, mode(webhooks[name].mode))
			require.True(t, r.taken(t, sample(name), 1), "as it should be")
			var whole map[string]any
			require.NoError(t, json.Unmarshal([]byte(sample(name)), &whole))
			taken := 0
			for _, path := range attack.Fields(whole) {
				for _, value := range append(wrongs, "") {
					var u map[string]any
					d := json.NewDecoder(strings.NewReader(sample(name)))
					d.UseNumber()
					require.NoError(t, d.Decode(&u))
					attack.Replace(u, path, value)
					data, err := json.Marshal(u)
					require.NoError(t, err)
					if r.taken(t, string(data), 1) {
						taken++
					}
				}
			}
			require.Positive(t, taken)
			r.done(t)
		})
	}
}

func TestAttackSignature(t *testing.T) {
	t.Parallel()
	body := sample("comment")
	good := webhook.HMAC{Secrets: []string{secret}}.Sign([]byte(body))
	name := "Linear-Signature"
	for about, header := range map[string]http.Header{
		"none": {}, "empty": {name: {""}}, "another secret's": {name: {webhook.HMAC{Secrets: []string{"x"}}.Sign([]byte(body))}}, "no secret's": {name: {webhook.HMAC{Secrets: []string{""}}.Sign([]byte(body))}},
		"another body's": {name: {webhook.HMAC{Secrets: []string{secret}}.Sign([]byte(body + " "))}}, "half": {name: {good[:32]}}, "goes on": {name: {good + "00"}}, "the secret": {name: {secret}},
		"with a prefix": {name: {"sha256=" + good}}, "no digits": {name: {strings.Repeat("x", 64)}}, "long": {name: {strings.Repeat("a", 1<<16)}}, "bytes": {name: {"\xff\x00"}},
		"two, the first wrong": {name: {"x", good}}, "two in one": {name: {good + "," + good}}, "another header": {"X-Hub-Signature-256": {"sha256=" + good}}, "white space within": {name: {good[:4] + " " + good[4:]}},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			for _, body := range []string{body, "", "x", strings.Repeat("x", 20<<20)} {
				w := r.deliver(t, body, func(r *http.Request) { r.Header = header.Clone() })
				require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge}, w.Code)
				requireSecrecy(t, w.Body.String())
			}
			r.quiet(t)
		})
	}
}

// TestAttackStale replays webhooks. Linear advises that webhookTimestamp is within a
// minute. https://linear.app/developers/webhooks#securing-webhooks
func TestAttackStale(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	at := func(millis string) string {
		body := sample("comment")
		i := strings.Index(body, `"webhookTimestamp":`) + len(`"webhookTimestamp":`)
		return body[:i] + millis + body[i+strings.Index(body[i:], ","):]
	}
	now := time.Now()
	for _, when := range []string{
		fmt.Sprint(now.Add(-61 * time.Second).UnixMilli()), fmt.Sprint(now.Add(-time.Hour).UnixMilli()), fmt.Sprint(now.Add(time.Hour).UnixMilli()), fmt.Sprint(now.Unix()), fmt.Sprint(now.UnixNano()),
		"0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e400", "1e308", "null", "true", `"now"`, "[]", "{}",
	} {
		w := r.deliver(t, at(when))
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest}, w.Code, when)
	}
	r.done(t)
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	whole := sample("comment")
	ask := func(method, path, signed string, body io.Reader) int {
		req := httptest.NewRequestWithContext(t.Context(), method, path, body)
		sign(req, []byte(signed), time.Time{})
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		requireSecrecy(t, w.Body.String())
		return w.Code
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post", "TEACUP"} {
		require.Contains(t, []int{http.StatusMethodNotAllowed, http.StatusUnauthorized, http.StatusNotFound}, ask(method, "/webhooks/linear", whole, strings.NewReader(whole)), method)
	}
	for _, path := range []string{"/webhooks/linears", "/webhooks/", "/webhooks/Linear"} {
		require.Equal(t, http.StatusNotFound, ask(http.MethodPost, path, whole, strings.NewReader(whole)), path)
	}
	for _, path := range []string{"/webhooks/linear/install", "/webhooks/linear/oauth/callback?code=x&state=y"} { // there is no OAuth
		code := ask(http.MethodGet, path, "", nil)
		require.True(t, code >= 400 && code < 500, "%s %d", path, code)
	}
	for i := range whole {
		code := ask(http.MethodPost, "/webhooks/linear", whole[:i], strings.NewReader(whole[:i]))
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, code, "half: %s", whole[:i])
	}
	for about, body := range map[string]io.Reader{"breaks off": io.MultiReader(strings.NewReader(whole[:50]), iotest.ErrReader(io.ErrUnexpectedEOF)), "breaks off at its end": io.MultiReader(strings.NewReader(whole), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		code := ask(http.MethodPost, "/webhooks/linear", whole, body)
		require.True(t, code >= 400 && code < 500, "%s %d", about, code)
	}
	for about, body := range map[string]string{
		"doubled": whole + whole, "in a list": "[" + whole + "]", "with rubbish": whole + "x", "with NUL": whole + "\x00", "nested": strings.Repeat("[", 500_000), "null": "null", "a number": "7", "a text": `"x"`, "an object": "{}",
		"nested objects": strings.Repeat(`{"data":`, 50_000), "in UTF-16": "\xfe\xff\x00{", "form": "payload=" + whole, "white space": " \n",
	} {
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, ask(http.MethodPost, "/webhooks/linear", body, strings.NewReader(body)), about)
	}
	padding := func(n int) string {
		return strings.TrimSuffix(sample("comment"), "}") + `,"padding":"` + strings.Repeat("x", n) + `"}`
	}
	large := padding(50 << 20)
	for _, body := range []io.Reader{strings.NewReader(large), io.MultiReader(strings.NewReader(large))} { // with a length and without
		require.Equal(t, http.StatusRequestEntityTooLarge, ask(http.MethodPost, "/webhooks/linear", large, body))
	}
	r.quiet(t)
	require.True(t, r.taken(t, padding(100_000), 1), "a field that Linear has not invented yet")
	require.True(t, r.taken(t, " \n"+sample("comment")+"\r\n", 1))
	r.done(t)
}

// TestAttackOrder sends webhooks in another order, and many times at once, with and
// without names of their own.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	bodies := []string{
		hook("Comment", "update", `"updatedFrom":{"body":"x","editedAt":null},`+commentData("late", "", "edited")), // of a comment that comes later
		hook("Comment", "remove", commentData("never", "", "gone")),
		hook("Comment", "create", commentData("late", "", "first")),
		sample("reaction"), sample("issue"), sample("future"),
	}
	for i := range 12 {
		bodies = append(bodies, hook("Comment", "create", commentData(fmt.Sprintf("c-%d", 12-i), "", fmt.Sprint(i))))
	}
	var group sync.WaitGroup
	for i, body := range bodies {
		for range 6 {
			group.Go(func() {
				for code := 0; code != http.StatusOK; {
					code = r.deliver(t, body, func(r *http.Request) {
						if i%2 == 0 {
							numbered(r)
						}
					}).Code
					if code != http.StatusOK && code != http.StatusServiceUnavailable {
						t.Errorf("answered %d", code)
						return
					}
				}
			})
		}
	}
	group.Wait()
	got := map[string]int{}
	for range bodies {
		in := next[chat.Inbound](t, r)
		if m, ok := in.(*chat.Message); ok {
			got[m.Text]++
			continue
		}
		name := fmt.Sprintf("%T", in)
		if ev, ok := in.(*chat.PlatformEvent); ok {
			name = ev.Name
		}
		got[name]++
	}
	require.Len(t, got, len(bodies), "%v", got)
	r.done(t)
}

func TestAttackContent(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	body := func(text string) string {
		return hook("Comment", "create", fmt.Sprintf(`"data":{"id":"c","body":%s,"issueId":%q,"createdAt":"2026-01-01T00:00:00Z","user":%s}`, text, issue, adaJSON))
	}
	for name, c := range map[string]struct {
		body, want string // what is shown, if it is known
	}{
		"empty": {body(`""`), ""}, "white space": {body(`" \n\t "`), ""}, "NUL": {body(`"a\u0000b"`), ""}, "no UTF-8": {body("\"a\xff\xfe\xc3b\""), ""}, "half a character": {body(`"a\ud83d b\udc00"`), ""},
		"long": {body(quoted(strings.Repeat("😀", 65_536))), strings.Repeat("😀", 65_536)}, "quotes in quotes": {body(quoted(strings.Repeat(">", 40_000) + "a")), ""}, "marks": {body(quoted(strings.Repeat("*_`~[", 10_000))), ""},
		"brackets": {body(quoted(strings.Repeat("[", 50_000))), ""}, "links": {body(quoted("[a](javascript:alert(1)) <javascript:x> [b](data:text/html,x)")), ""}, "HTML": {body(quoted("<script>alert(1)</script> <!-- x -->")), ""},
		"mentions of the SDK": {body(quoted("<@" + ada + "> {{emoji:wave}} linear:x")), ""}, "backticks": {body(quoted(strings.Repeat("`", 50_001))), ""}, "a table": {body(quoted("|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("|\n", 500))), ""},
		"a project's":         {hook("Comment", "create", `"data":{"id":"c","body":"a","projectId":"project-1","createdAt":"2026-01-01T00:00:00Z","user":`+adaJSON+`}`), "a"},
		"nobody's":            {hook("Comment", "create", `"data":{"id":"c","body":"a","issueId":"`+issue+`"}`), "a"},
		"a bot's":             {hook("Comment", "create", `"data":{"id":"c","body":"a","issueId":"`+issue+`","user":null,"botActor":{"id":"b","type":"github","name":"GitHub"}}`), "a"},
		"a document's":        {hook("Comment", "create", `"data":{"id":"c","body":"a","documentContentId":"d","user":`+adaJSON+`}`), ""},
		"a post's":            {hook("Comment", "create", `"data":{"id":"c","body":"a","projectUpdateId":"d","initiativeUpdateId":"e","user":`+adaJSON+`}`), ""},
		"one's answer":        {hook("Comment", "create", `"data":{"id":"c","body":"a","issueId":"`+issue+`","parentId":"c","user":`+adaJSON+`}`), "a"},
		"names like ids":      {hook("Comment", "create", `"data":{"id":"c:s:1","body":"a","issueId":"x:c:y","parentId":"p:q","user":`+adaJSON+`}`), ""},
		"the year 9999":       {strings.Replace(body(`"a"`), `"createdAt":"2026-01-01T00:00:00Z"`, `"createdAt":"9999-12-31T23:59:59.999Z"`, 1), "a"},
		"the year 0":          {strings.Replace(body(`"a"`), `"createdAt":"2026-01-01T00:00:00Z"`, `"createdAt":"0000-01-01T00:00:00Z"`, 1), "a"},
		"restored":            {hook("Comment", "restore", commentData("c", "", "a")), ""},
		"no action":           {hook("Comment", "", commentData("c", "", "a")), ""},
		"no kind":             {hook("", "create", commentData("c", "", "a")), ""},
		"an odd kind":         {hook("a.b/c:*", "x\\u0000", commentData("c", "", "a")), ""},
		"a long kind":         {hook(strings.Repeat("a", 50_000), "create", `"data":{}`), ""},
		"a list":              {hook("Issue", "update", `"data":[1,2]`), ""},
		"a number":            {hook("Issue", "update", `"data":7`), ""},
		"an issue's emoji":    {hook("Reaction", "create", `"data":{"id":"r","emoji":"heart","issueId":"`+issue+`","user":`+adaJSON+`}`), ""},
		"an emoji of nothing": {hook("Reaction", "create", `"data":{"id":"r","emoji":"","commentId":"gone","user":`+adaJSON+`}`), ""},
		"an edit to the same": {hook("Comment", "update", `"updatedFrom":{"resolvedAt":null},`+commentData("c", "", "a")), ""},
		"another workspace's": {strings.Replace(body(`"a"`), fakelinear.Organization, "0e900000-0000-4000-8000-00000000beef", 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			w := r.deliver(t, c.body, numbered)
			require.NotEqual(t, http.StatusServiceUnavailable, w.Code, "Linear sends it again in vain: %s", w.Body)
			if c.want != "" {
				require.Equal(t, http.StatusOK, w.Code, w.Body)
			}
			if w.Code != http.StatusOK {
				t.Logf("refused with %d %s", w.Code, w.Body)
				r.done(t)
				return
			}
			in := next[chat.Inbound](t, r)
			if m, ok := in.(*chat.Message); ok {
				require.True(t, json.Valid(m.Raw))
				data, err := json.Marshal(m)
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(data, &chat.Message{}))
				require.NoError(t, attack.Second(r.DecodeThreadID(m.ThreadID)), "a thread in which nobody can answer")
				if c.want != "" {
					require.Equal(t, c.want, m.Text)
				}
			}
			require.Equal(t, http.StatusOK, r.deliver(t, c.body).Code)
			r.done(t)
		})
	}
}

// TestAttackOwnWords has what the bot itself does come back.
func TestAttackOwnWords(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	own := strings.ReplaceAll(commentData("own", "", words), ada, fakelinear.BotID)
	for _, action := range []string{"create", "update", "remove"} {
		r.send(t, hook("Comment", action, own))
	}
	r.send(t, hook("Reaction", "create", `"data":{"id":"r","emoji":"heart","commentId":"root-1","user":`+strings.ReplaceAll(adaJSON, ada, fakelinear.BotID)+`}`))
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	for _, in := range botrig.Rest(r.handled) {
		_, isMessage := in.(*chat.Message)
		require.False(t, isMessage, "the bot answers itself")
		_, isReaction := in.(*chat.ReactionEvent)
		require.False(t, isReaction, "the bot answers itself")
	}
}

// TestAttackInboundWithoutLinear takes webhooks while Linear's API is away: they are
// handled, or to be sent again.
func TestAttackInboundWithoutLinear(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(webhooks)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t, mode(webhooks[name].mode))
			r.linear.Break()
			w := r.deliver(t, sample(name))
			requireSecrecy(t, w.Body.String())
			require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, w.Code)
			if w.Code == http.StatusOK {
				next[chat.Inbound](t, r)
			}
		})
	}
}
