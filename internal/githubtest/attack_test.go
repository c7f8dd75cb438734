package githubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{secret, fakegithub.Token, words, strings.Split(fakegithub.PrivateKey(), "\n")[1]} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.300q", s, text)
		}
	}
}

// newAttacked is a rig whose log is searched for words and secrets.
func newAttacked(t *testing.T, change ...func(*github.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

const (
	adaWhole = `{"id":100,"node_id":"U_100","login":"ada","type":"User","html_url":"https://github.com/ada","site_admin":false}`
	aboutAll = `"repository":{"id":7,"node_id":"R_7","name":"tea.pot","full_name":"acme/tea.pot","private":true,"owner":{"id":8,"login":"acme","type":"Organization"},"html_url":"https://github.com/acme/tea.pot"},` +
		`"sender":` + adaWhole + `,"installation":{"id":9,"node_id":"I_9"}`
	written  = `"user":` + adaWhole + `,"body":"` + words + ` @reviewer","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","author_association":"MEMBER"`
	theIssue = `{"id":1,"node_id":"I_1","number":1,"title":"` + words + `","state":"open","labels":[{"name":"bug"}],"html_url":"https://github.com/acme/tea.pot/issues/1",` + written + `}`
	thePull  = `{"id":2,"node_id":"PR_2","number":2,"title":"` + words + `","state":"open","draft":false,"merged":false,"head":{"ref":"a","sha":"b"},"base":{"ref":"c","sha":"d"},"html_url":"https://github.com/acme/tea.pot/pull/2",` + written + `}`
	aDebate  = `{"id":3,"node_id":"D_3","number":3,"title":"` + words + `","state":"open","category":{"name":"Q&A"},"html_url":"https://github.com/acme/tea.pot/discussions/3",` + written + `}`
)

// webhooks has a webhook of each kind, with the fields of it that an adapter may read
// and "#" for a number of its own.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
var webhooks = map[string]struct{ event, body string }{
	"issue":              {"issues", `"action":"opened","issue":` + strings.Replace(theIssue, `"number":1`, `"number":#`, 1)},
	"comment":            {"issue_comment", `"action":"created","issue":` + theIssue + `,"comment":{"id":#,"node_id":"IC_#","html_url":"https://github.com/acme/tea.pot/issues/1#issuecomment-#",` + written + `}`},
	"comment on a pull":  {"issue_comment", `"action":"created","issue":` + strings.Replace(theIssue, `"title"`, `"pull_request":{"url":"https://api.github.com/repos/acme/tea.pot/pulls/1"},"title"`, 1) + `,"comment":{"id":#,"node_id":"IC_#",` + written + `}`},
	"edit":               {"issue_comment", `"action":"edited","changes":{"body":{"from":"` + words + `"}},"issue":` + theIssue + `,"comment":{"id":#,"node_id":"IC_#",` + written + `}`},
	"deletion":           {"issue_comment", `"action":"deleted","issue":` + theIssue + `,"comment":{"id":#,"node_id":"IC_#",` + written + `}`},
	"pull":               {"pull_request", `"action":"opened","number":2,"pull_request":` + strings.Replace(thePull, `"number":2`, `"number":#`, 1)},
	"review":             {"pull_request_review", `"action":"submitted","pull_request":` + thePull + `,"review":{"id":#,"node_id":"PRR_#","state":"commented","commit_id":"b","submitted_at":"2026-01-01T00:00:00Z",` + written + `}`},
	"review comment":     {"pull_request_review_comment", `"action":"created","pull_request":` + thePull + `,"comment":{"id":#,"node_id":"PRRC_#","pull_request_review_id":5,"in_reply_to_id":6,"path":"pot.go","diff_hunk":"@@","commit_id":"b","line":1,` + written + `}`},
	"discussion":         {"discussion", `"action":"created","discussion":` + strings.Replace(aDebate, `"number":3`, `"number":#`, 1)},
	"discussion comment": {"discussion_comment", `"action":"created","discussion":` + aDebate + `,"comment":{"id":#,"node_id":"DC_#","parent_id":550062,"child_comment_count":0,"html_url":"https://github.com/acme/tea.pot/discussions/3#discussioncomment-#",` + written + `}`},
	"installation":       {"installation", `"action":"created","repositories":[{"id":7,"full_name":"acme/tea.pot"}],"number":#`},
	"repositories":       {"installation_repositories", `"action":"removed","repositories_added":[],"repositories_removed":[{"id":7,"full_name":"acme/tea.pot"}],"number":#`},
	"push":               {"push", `"ref":"refs/heads/main","before":"a","after":"b","commits":[{"id":"b","message":"` + words + `"}],"pusher":{"name":"ada"},"number":#`},
	"future":             {"time_travel", `"action":"begun","words":"` + words + `","number":#`},
}

// hookOf is a webhook of the kind that is no other's.
func hookOf(name string) (http.Header, string) {
	w := webhooks[name]
	return headers(w.event), strings.ReplaceAll("{"+w.body+","+aboutAll+"}", "#", fmt.Sprint(5000+delivered.Add(1)))
}

// taken delivers a webhook twice. A webhook that is taken is handled once; one that is
// not is refused both times.
func (r *rig) taken(t *testing.T, header http.Header, body string) bool {
	t.Helper()
	w := r.deliver(t, header, body)
	requireSecrecy(t, w.Body.String())
	if w.Code != http.StatusOK {
		require.GreaterOrEqual(t, w.Code, 400, "%.600s", body)
		require.Less(t, w.Code, 500, "%s: %.900s\n%s", w.Body, body, r.log)
		require.Equal(t, w.Code, r.deliver(t, header, body).Code)
		return false
	}
	select {
	case <-r.handled:
	case <-time.After(botrig.Patience):
		t.Errorf("taken and not handled: %s %.1500s", header.Get("X-Github-Event"), body)
	}
	again := r.deliver(t, header, body)
	require.Equal(t, http.StatusOK, again.Code, "%s again: %.600s\n%s", again.Body, body, r.log)
	return true
}

// done waits for what still runs, and checks that all has been taken note of.
func (r *rig) done(t *testing.T) {
	t.Helper()
	r.send(t, "last", `{"sender":`+adaWhole+`}`)
	for last := false; !last; {
		select {
		case in := <-r.handled:
			ev, ok := in.(*chat.PlatformEvent)
			if last = ok && ev.Name == "github:last"; !last {
				t.Errorf("handled too much: %T %+v", in, in)
			}
		case <-time.After(botrig.Patience):
			t.Fatal("the bot handles nothing any more", r.log)
		}
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	r.quiet(t)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	select {
	case in := <-r.handled:
		require.Failf(t, "handled too much", "%T %+v", in, in)
	default:
	}
}

// wrongs are values that stand where another was.
var wrongs = []string{
	`null`, `true`, `""`, `"x"`, `"\u0000"`, `"\ud83d"`, `"a:b/c#d"`, `"../.."`, `0`, `-1`, `1.5`, `9007199254740993`, `9223372036854775807`, `9223372036854775808`, `1e400`,
	`[]`, `{}`, `[null]`, `[[]]`, `[{}]`, `{"id":{}}`, `"+292277026596-01-01T00:00:00Z"`,
}

func TestAttackFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(webhooks)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			header, body := hookOf(name)
			require.True(t, r.taken(t, header, body), "as it should be")
			var whole map[string]any
			require.NoError(t, json.Unmarshal([]byte(body), &whole))
			taken := 0
			for _, path := range attack.Fields(whole) {
				for _, value := range append(wrongs, "") {
					var u map[string]any
					header, body := hookOf(name)
					d := json.NewDecoder(strings.NewReader(body))
					d.UseNumber()
					require.NoError(t, d.Decode(&u))
					attack.Replace(u, path, value)
					data, err := json.Marshal(u)
					require.NoError(t, err)
					if r.taken(t, header, string(data)) {
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
	event, body := hookOf("comment")
	signed := func(secret, body string) string {
		return webhook.HMAC{Secrets: []string{secret}, Prefix: "sha256="}.Sign([]byte(body))
	}
	good := signed(secret, body)
	name := http.CanonicalHeaderKey("X-Hub-Signature-256")
	for about, header := range map[string]http.Header{
		"none": {}, "empty": {name: {""}}, "the prefix": {name: {"sha256="}}, "another secret's": {name: {signed("x", body)}}, "no secret's": {name: {signed("", body)}}, "another body's": {name: {signed(secret, body+" ")}}, "half": {name: {good[:32]}}, "goes on": {name: {good + "00"}},
		"the secret": {name: {secret}}, "no prefix": {name: {strings.TrimPrefix(good, "sha256=")}}, "another prefix": {name: {"sha1=" + strings.TrimPrefix(good, "sha256=")}}, "no digits": {name: {"sha256=" + strings.Repeat("x", 64)}}, "long": {name: {"sha256=" + strings.Repeat("a", 1<<16)}}, "bytes": {name: {"\xff\x00"}},
		"two, the first wrong": {name: {"x", good}}, "two in one": {name: {good + "," + good}}, "the old header": {"X-Hub-Signature": {good}}, "white space within": {name: {good[:9] + " " + good[9:]}}, "the event": {name: {"sha256=*"}},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			for _, body := range []string{body, "", "x", strings.Repeat("x", 30<<20)} {
				req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/github", strings.NewReader(body))
				req.Header = event.Clone()
				maps.Copy(req.Header, header)
				w := httptest.NewRecorder()
				r.Chat.ServeHTTP(w, req)
				require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge}, w.Code)
				requireSecrecy(t, w.Body.String())
			}
			r.quiet(t)
		})
	}
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	header, whole := hookOf("comment")
	ask := func(method, path, signed string, body io.Reader) int {
		req := httptest.NewRequestWithContext(t.Context(), method, path, body)
		req.Header = header.Clone()
		sign(req, []byte(signed), time.Time{})
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		requireSecrecy(t, w.Body.String())
		return w.Code
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post", "TEACUP"} {
		require.Contains(t, []int{http.StatusMethodNotAllowed, http.StatusUnauthorized, http.StatusNotFound}, ask(method, "/webhooks/github", whole, strings.NewReader(whole)), method)
	}
	for _, path := range []string{"/webhooks/githubs", "/webhooks/", "/webhooks/GitHub"} {
		require.Equal(t, http.StatusNotFound, ask(http.MethodPost, path, whole, strings.NewReader(whole)), path)
	}
	for i := range whole {
		require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/webhooks/github", whole[:i], strings.NewReader(whole[:i])), "half: %s", whole[:i])
	}
	for about, body := range map[string]io.Reader{"breaks off": io.MultiReader(strings.NewReader(whole[:50]), iotest.ErrReader(io.ErrUnexpectedEOF)), "breaks off at its end": io.MultiReader(strings.NewReader(whole), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		code := ask(http.MethodPost, "/webhooks/github", whole, body)
		require.True(t, code >= 400 && code < 500, "%s %d", about, code)
	}
	for about, body := range map[string]string{
		"doubled": whole + whole, "in a list": "[" + whole + "]", "with rubbish": whole + "x", "with NUL": whole + "\x00", "nested": strings.Repeat("[", 500_000), "null": "null", "a number": "7", "a text": `"x"`, "an object": "{}",
		"nested objects": strings.Repeat(`{"issue":`, 50_000), "in UTF-16": "\xfe\xff\x00{", "a form": "payload=" + url.QueryEscape(whole), "white space": " \n",
	} {
		code := ask(http.MethodPost, "/webhooks/github", body, strings.NewReader(body))
		require.True(t, code >= 400 && code < 500, "%s %d", about, code)
	}
	padding := func(n int) string {
		_, body := hookOf("comment")
		return strings.TrimSuffix(body, "}") + `,"padding":"` + strings.Repeat("x", n) + `"}`
	}
	large := padding(80 << 20)
	for _, body := range []io.Reader{strings.NewReader(large), io.MultiReader(strings.NewReader(large))} { // with a length and without
		require.Equal(t, http.StatusRequestEntityTooLarge, ask(http.MethodPost, "/webhooks/github", large, body))
	}
	r.quiet(t)
	require.True(t, r.taken(t, headers("issue_comment"), padding(100_000)), "a field that GitHub has not invented yet")
	_, body := hookOf("comment")
	require.True(t, r.taken(t, headers("issue_comment"), " \n"+body+"\r\n"))
	r.done(t)
}

// TestAttackLargestPayload has the largest webhook that GitHub sends: 25 MB.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
func TestAttackLargestPayload(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	header, body := hookOf("future")
	body = strings.TrimSuffix(body, "}") + `,"padding":"` + strings.Repeat("x", 25<<20-len(body)-20) + `"}`
	code := r.deliver(t, header, body).Code
	require.Contains(t, []int{http.StatusOK, http.StatusRequestEntityTooLarge}, code)
	t.Logf("answered %d", code)
}

// TestAttackHeaders has headers that GitHub does not send. They are not signed.
func TestAttackHeaders(t *testing.T) {
	t.Parallel()
	for about, change := range map[string]func(http.Header){
		"no event":            func(h http.Header) { h.Del("X-Github-Event") },
		"an empty event":      func(h http.Header) { h.Set("X-Github-Event", "") },
		"an event with signs": func(h http.Header) { h.Set("X-Github-Event", "a.b:c/../*\n\x00") },
		"a long event":        func(h http.Header) { h.Set("X-Github-Event", strings.Repeat("a", 1<<16)) },
		"two events":          func(h http.Header) { h["X-Github-Event"] = []string{"issue_comment", "push"} },
		"in capitals":         func(h http.Header) { h.Set("X-Github-Event", "ISSUE_COMMENT") },
		"another event":       func(h http.Header) { h.Set("X-Github-Event", "pull_request_review_comment") },
		"discussion":          func(h http.Header) { h.Set("X-Github-Event", "discussion_comment") },
		"installation":        func(h http.Header) { h.Set("X-Github-Event", "installation") },
		"no delivery":         func(h http.Header) { h.Del("X-Github-Delivery") },
		"an odd delivery":     func(h http.Header) { h.Set("X-Github-Delivery", "a:b\n\x00*") },
		"a long delivery":     func(h http.Header) { h.Set("X-Github-Delivery", strings.Repeat("a", 1<<16)) },
		"no type":             func(h http.Header) { h.Del("Content-Type") },
		"another type":        func(h http.Header) { h.Set("Content-Type", "text/html") },
		"a form":              func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") },
		"half a type":         func(h http.Header) { h.Set("Content-Type", ";;=") },
		"compressed":          func(h http.Header) { h.Set("Content-Encoding", "gzip") },
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"comment", "future", "edit"} {
				r := newAttacked(t)
				header, body := hookOf(name)
				change(header)
				if !r.taken(t, header, body) {
					t.Log("refused")
				}
				r.done(t)
			}
		})
	}
}

// TestAttackOrder sends webhooks in another order, and many times at once.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	type sent struct {
		header http.Header
		body   string
	}
	var all []sent
	for _, kind := range []string{"deletion", "edit", "comment"} { // of the same comment
		all = append(all, sent{headers("issue_comment"), strings.ReplaceAll("{"+webhooks[kind].body+","+aboutAll+"}", "#", "77")})
	}
	for _, name := range slices.Sorted(maps.Keys(webhooks)) {
		header, body := hookOf(name)
		all = append(all, sent{header, body})
	}
	for range 6 {
		header, body := hookOf("comment")
		all = append(all, sent{header, body})
	}
	var group sync.WaitGroup
	for _, s := range all {
		for range 6 {
			group.Go(func() {
				for code := 0; code != http.StatusOK; {
					if code = r.deliver(t, s.header, s.body).Code; code != http.StatusOK && code != http.StatusServiceUnavailable {
						t.Errorf("answered %d", code)
						return
					}
				}
			})
		}
	}
	group.Wait()
	for range all {
		next[chat.Inbound](t, r)
	}
	r.done(t)
}

func TestAttackContent(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	comment := func(rest string) string {
		return `{"action":"created","issue":` + theIssue + `,"comment":{"id":77,"user":` + adaWhole + `,"created_at":"2026-01-01T00:00:00Z",` + rest + `},` + aboutAll + `}`
	}
	body := func(text string) string { return comment(`"body":` + text) }
	for name, c := range map[string]struct{ event, body, want string }{
		"empty": {"", body(`""`), ""}, "white space": {"", body(`" \n\t "`), ""}, "no body": {"", body(`null`), ""}, "NUL": {"", body(`"a\u0000b"`), ""}, "no UTF-8": {"", body("\"a\xff\xfe\xc3b\""), ""}, "half a character": {"", body(`"a\ud83d b\udc00"`), ""},
		"long": {"", body(quoted(strings.Repeat("😀", 65_536))), strings.Repeat("😀", 65_536)}, "quotes in quotes": {"", body(quoted(strings.Repeat(">", 40_000) + "a")), ""}, "marks": {"", body(quoted(strings.Repeat("*_`~[", 10_000))), ""},
		"brackets": {"", body(quoted(strings.Repeat("[", 50_000))), ""}, "images": {"", body(quoted(strings.Repeat("![", 30_000))), ""}, "HTML": {"", body(quoted(strings.Repeat("<a", 30_000) + "<script>alert(1)</script><!--")), ""}, "backticks": {"", body(quoted(strings.Repeat("`a``", 16_000))), ""},
		"links": {"", body(quoted("[a](javascript:alert(1)) <javascript:x> [b](data:text/html,x)")), ""}, "mentions of the SDK": {"", body(quoted("<@100> {{emoji:wave}} github:x @acme/team @everyone")), ""}, "names": {"", body(quoted(strings.Repeat("@reviewer", 7000))), ""},
		"a table": {"", body(quoted("|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("|\n", 500))), ""}, "line ends of Windows": {"", body(quoted("a\r\n\r\nb")), ""},
		"a ghost's":               {"", strings.Replace(body(`"a"`), `"comment":{"id":77,"user":`+adaWhole, `"comment":{"id":77,"user":null`, 1), ""}, // its account was deleted
		"a bot's":                 {"", strings.Replace(body(`"a"`), `"type":"User"`, `"type":"Bot"`, 2), "a"},
		"a mannequin's":           {"", strings.Replace(body(`"a"`), `"type":"User"`, `"type":"Mannequin"`, 2), "a"},
		"the largest":             {"", strings.Replace(body(`"a"`), `"id":77`, `"id":9223372036854775807`, 1), "a"},
		"a large one":             {"", strings.Replace(body(`"a"`), `"id":77`, `"id":9007199254740993`, 1), "a"},
		"the year 9999":           {"", strings.Replace(body(`"a"`), `"created_at":"2026-01-01T00:00:00Z","body":"a"`, `"created_at":"9999-12-31T23:59:59Z","body":"a"`, 1), "a"},
		"no time":                 {"", strings.Replace(body(`"a"`), `"created_at":"2026-01-01T00:00:00Z","body":"a"`, `"created_at":null,"body":"a"`, 1), "a"},
		"no repository":           {"issues", `{"action":"opened","issue":` + theIssue + `,"sender":` + adaWhole + `}`, ""},
		"a name of dots":          {"", strings.ReplaceAll(body(`"a"`), "acme/tea.pot", "acme/.."), ""},
		"a name of signs":         {"", strings.ReplaceAll(body(`"a"`), "acme/tea.pot", "ac:me/te#a?p/ot"), ""},
		"a name of NUL":           {"", strings.ReplaceAll(body(`"a"`), "acme/tea.pot", `a\u0000/b`), ""},
		"an edit to the same":     {"issue_comment", strings.Replace(body(`"a"`), `"created"`, `"edited","changes":{}`, 1), ""},
		"an edit of a title":      {"issues", `{"action":"edited","changes":{"title":{"from":"b"}},"issue":` + theIssue + `,` + aboutAll + `}`, ""},
		"a review of nothing":     {"pull_request_review", `{"action":"submitted","pull_request":` + thePull + `,"review":{"id":5,"body":null,"state":"approved","user":` + adaWhole + `,"submitted_at":null},` + aboutAll + `}`, ""},
		"a future action":         {"issue_comment", strings.Replace(body(`"a"`), `"created"`, `"pinned:*"`, 1), ""},
		"a long action":           {"issue_comment", strings.Replace(body(`"a"`), `"created"`, quoted(strings.Repeat("a", 50_000)), 1), ""},
		"no action":               {"issue_comment", strings.Replace(body(`"a"`), `"created"`, `null`, 1), ""},
		"an alert":                {"secret_scanning_alert", `{"action":"created","alert":{"number":1},` + aboutAll + `}`, ""},
		"a ping":                  {"ping", `{"zen":"Design for failure.","hook_id":1,"hook":{"type":"App"}}`, ""},
		"nobody's":                {"meta", `{"action":"deleted","hook_id":1}`, ""},
		"an answer to itself":     {"pull_request_review_comment", `{"action":"created","pull_request":` + thePull + `,"comment":{"id":77,"in_reply_to_id":77,"body":"a","user":` + adaWhole + `},` + aboutAll + `}`, "a"},
		"a discussion of its own": {"discussion_comment", `{"action":"created","discussion":` + aDebate + `,"comment":{"id":77,"parent_id":77,"body":"a","user":` + adaWhole + `},` + aboutAll + `}`, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			if c.event == "" {
				c.event = "issue_comment"
			}
			header := headers(c.event)
			w := r.deliver(t, header, c.body)
			requireSecrecy(t, w.Body.String())
			require.NotEqual(t, http.StatusServiceUnavailable, w.Code, w.Body)
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
			} else {
				require.Empty(t, c.want, "%T", in)
			}
			require.Equal(t, http.StatusOK, r.deliver(t, header, c.body).Code)
			r.done(t)
		})
	}
}

// TestAttackOwnWords has what the bot itself writes come back.
func TestAttackOwnWords(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	for _, name := range []string{"comment", "edit", "deletion", "issue", "pull", "review", "review comment", "discussion", "discussion comment"} {
		header, body := hookOf(name)
		own := strings.NewReplacer(`"id":100`, fmt.Sprintf(`"id":%d`, fakegithub.BotID), `"login":"ada"`, `"login":"`+fakegithub.BotName+`"`).Replace(body)
		require.Equal(t, http.StatusOK, r.deliver(t, header, own).Code)
	}
	r.send(t, "last", `{"sender":`+adaWhole+`}`)
	for {
		in := next[chat.Inbound](t, r)
		if ev, ok := in.(*chat.PlatformEvent); ok && ev.Name == "github:last" {
			return
		}
		_, isMessage := in.(*chat.Message)
		require.False(t, isMessage, "the bot answers itself: %+v", in)
	}
}

// TestAttackInboundWithoutGitHub takes webhooks while GitHub's API is away: they are
// handled, or to be sent again.
func TestAttackInboundWithoutGitHub(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(webhooks)) {
		for about, change := range map[string]func(*github.Config){"token": func(*github.Config) {}, "app": asApp} {
			t.Run(name+"/"+about, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t, change)
				r.github.Break()
				header, body := hookOf(name)
				w := r.deliver(t, header, body)
				requireSecrecy(t, w.Body.String())
				require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, w.Code)
				if w.Code == http.StatusOK {
					next[chat.Inbound](t, r)
				}
			})
		}
	}
}
