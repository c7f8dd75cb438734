package githubtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	for text, mention := range map[string]bool{
		"hello":                               false,
		"reviewer, hello":                     false,
		"@reviewer":                           true,
		"hello @REVIEWER!":                    true,
		"(@reviewer) and @ada":                true,
		"**@reviewer**, hello":                true,
		"> @reviewer, hello":                  true,
		"- [ ] @reviewer":                     true,
		"| a |\n|---|\n| @reviewer |":         true,
		"@ada @reviewer":                      true,
		"@reviewer.":                          true,
		"@reviewer's":                         true,
		"@reviewer-two":                       false,
		"@reviewers":                          false,
		"@reviewer/team":                      false,
		"@reviewer.example":                   false,
		"ada@reviewer":                        false,
		"`@reviewer`":                         false,
		"```\n@reviewer\n```":                 false,
		"    @reviewer":                       false,
		"`a` @reviewer `b`":                   true,
		"`x`@reviewer":                        true,
		"<!-- @reviewer -->":                  false,
		"[@reviewer](https://example.com)":    false,
		"https://example.com/@reviewer":       false,
		"@review`er`":                         false,
		"hello\r\n\r\n@reviewer, are you on?": true,
	} {
		r := newRig(t)
		r.send(t, "issue_comment", event("created", issueJSON, remarkOf("comment", 71, text, "")))
		require.Equal(t, mention, *next[*chat.Message](t, r).Mention, "%q", text)
	}
}

func TestEditsSayWhatWasThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ event, body, before, after string }{
		"a title":  {"issues", event("edited", issueJSON, `"changes":{"title":{"from":"A leak"}}`), "A leak\n\nHere is how.", "The pot leaks\n\nHere is how."},
		"a text":   {"pull_request", event("edited", pullJSON, `"changes":{"body":{"from":"It *leaks*."}}`), "Seal the pot\n\nIt leaks.", "Seal the pot\n\nIt leaked."},
		"an empty": {"discussion", event("edited", discJSON, `"changes":{"body":{"from":""}}`), "Which tea?", "Which tea?\n\nGreen or black?"},
		"a review": {"pull_request_review", event("edited", pullJSON, remarkOf("review", 5, "Fine.", ""), `"changes":{"body":{"from":"Hm."}}`), "Hm.", "Fine."},
		"an answer": {
			"discussion_comment", event("edited", discJSON, remarkOf("comment", 6, "Black.", `,"parent_id":550062`), `"changes":{"body":{"from":"Green."}}`), "Green.", "Black.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.send(t, c.event, c.body)
			ev := next[*chat.MessageUpdatedEvent](t, r)
			require.Equal(t, c.before, ev.Previous.Text)
			require.Equal(t, c.after, ev.Message.Text)
			require.Equal(t, ev.Previous.ID, ev.Message.ID)
			require.True(t, ev.Message.Edited)
		})
	}
	r := newRig(t)
	r.send(t, "pull_request", event("edited", pullJSON, `"changes":{"base":{"ref":{"from":"main"}}}`))
	require.Equal(t, "github:pull_request.edited", next[*chat.PlatformEvent](t, r).Name, "another branch is no edit of the text")
}

func TestReplyTo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, "discussion_comment", event("created", discJSON, remarkOf("comment", 6, "Why?", `,"parent_id":550062`)))
	m := next[*chat.Message](t, r)
	require.Equal(t, chat.MessageID("discussioncomment-550062"), m.ReplyTo.ID)
	require.Equal(t, discussionThread, m.ThreadID, "a discussion is one thread")
}

func TestWhatDeletedAccountsWrote(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, "issue_comment", event("created", issueJSON, `"comment":{"id":9,"body":"hello","user":null}`))
	require.Equal(t, "ghost", next[*chat.Message](t, r).Author.UserName)
}

func TestFormsAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	header := headers("issue_comment")
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := r.deliver(t, header, url.Values{"payload": {event("created", issueJSON, remarkOf("comment", 71, "a+b & c%20d", ""))}}.Encode())
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "a+b & c%20d", next[*chat.Message](t, r).Text)
}

func TestRedeliveries(t *testing.T) {
	t.Parallel()
	s, st := newGitHub(t), botrig.Memory(t)
	first, second := newRigOn(t, s, st), newRigOn(t, s, st)
	header, body := headers("issues"), event("labeled", issueJSON, `"label":{"name":"bug"}`)
	for _, r := range []*rig{first, second, first} {
		require.Equal(t, http.StatusOK, r.deliver(t, header, body).Code)
	}
	require.Equal(t, "github:issues.labeled", next[*chat.PlatformEvent](t, first).Name)
	first.settled(t)
	second.settled(t)
	require.Equal(t, http.StatusOK, second.deliver(t, headers("issues"), body).Code)
	require.Equal(t, "github:issues.labeled", next[*chat.PlatformEvent](t, second).Name, "another delivery is another event")
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	good := event("created", issueJSON, remarkOf("comment", 71, "hello", ""))
	for name, c := range map[string]struct {
		event, body string
		change      func(*http.Request)
		status      int
	}{
		"no signature": {body: good, change: func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") }, status: 401},
		"the old signature": {body: good, change: func(r *http.Request) {
			r.Header.Set("X-Hub-Signature", r.Header.Get("X-Hub-Signature-256"))
			r.Header.Del("X-Hub-Signature-256")
		}, status: 401},
		"another's signature":      {body: good, change: func(r *http.Request) { sign(r, []byte(good+" "), time.Time{}) }, status: 401},
		"no event":                 {body: good, change: func(r *http.Request) { r.Header.Del("X-GitHub-Event") }, status: 400},
		"no delivery":              {body: good, change: func(r *http.Request) { r.Header.Del("X-GitHub-Delivery") }, status: 400},
		"a delivery that is long":  {body: good, change: func(r *http.Request) { r.Header.Set("X-GitHub-Delivery", strings.Repeat("a", 1000)) }, status: 400},
		"another method":           {body: good, change: func(r *http.Request) { r.Method = http.MethodPut }, status: 405},
		"another media type":       {body: good, change: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, status: 415},
		"half a body":              {body: good[:len(good)/2], status: 400},
		"two bodies":               {body: good + good, status: 400},
		"a list":                   {body: "[]", status: 400},
		"no comment":               {body: event("created", issueJSON), status: 400},
		"no issue":                 {body: event("created", remarkOf("comment", 71, "hello", "")), status: 400},
		"a comment without an id":  {body: event("created", issueJSON, `"comment":{"body":"hello"}`), status: 400},
		"a comment of another id":  {body: event("created", issueJSON, `"comment":{"id":{},"body":"hello"}`), status: 400},
		"an id that is negative":   {body: event("created", issueJSON, `"comment":{"id":-5,"body":"hello"}`), status: 400},
		"a text that is a number":  {body: event("created", issueJSON, `"comment":{"id":5,"body":7}`), status: 400},
		"a repository of no name":  {body: strings.Replace(good, `"acme/tea.pot"`, `"../.."`, 1), status: 400},
		"an issue of another kind": {body: strings.Replace(good, `"number":1`, `"number":"one"`, 1), status: 400},
		"an issue number below 0":  {body: strings.Replace(good, `"number":1`, `"number":-1`, 1), status: 400},
		"a removal of nothing":     {event: "installation", body: `{"action":"deleted"}`, status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/github", strings.NewReader(c.body))
			kind := c.event
			if kind == "" {
				kind = "issue_comment"
			}
			req.Header = headers(kind)
			sign(req, []byte(c.body), time.Time{})
			if c.change != nil {
				c.change(req)
			}
			w := httptest.NewRecorder()
			r.Chat.ServeHTTP(w, req)
			require.Equal(t, c.status, w.Code, w.Body)
			require.NotContains(t, w.Body.String()+r.log.String(), secret)
			r.settled(t)
		})
	}
}

// TestBodiesOfOtherEvents sends each body as another event: the header that names it is
// not signed.
func TestBodiesOfOtherEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, s := range samples() {
		for _, kind := range []string{"issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "discussion", "discussion_comment"} {
			if s.Header.Get("X-GitHub-Event") == kind {
				continue
			}
			if w := r.deliver(t, headers(kind), s.Body); w.Code == http.StatusOK {
				_ = next[*chat.PlatformEvent](t, r) // which says no more than the body does
			} else {
				require.Equal(t, http.StatusBadRequest, w.Code, "%s as %s", s.Name, kind)
			}
		}
	}
}

func TestWithoutKnowingItselfTheBotTakesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.github.Fail("GET /user", fakegithub.Failure{Status: 502, Message: "Server Error"})
	body := event("created", issueJSON, remarkOf("comment", 71, "hello", ""))
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, headers("issue_comment"), body).Code, "it might answer itself for ever")

	named := newRig(t, func(c *github.Config) { c.UserName = "reviewer" })
	named.github.Break()
	named.send(t, "issue_comment", strings.ReplaceAll(body, adaJSON, botJSON))
	named.settled(t)
}
