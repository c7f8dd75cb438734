package githubtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

const (
	secret = "5cc1f43bd1a0e5a2"
	ada    = 100
	repo   = "acme/tea.pot"

	issueThread      = chat.ThreadID("github:acme/tea.pot:issue:1")
	pullThread       = chat.ThreadID("github:acme/tea.pot:2")
	reviewThread     = chat.ThreadID("github:acme/tea.pot:2:rc:9007199254740993")
	discussionThread = chat.ThreadID("github:acme/tea.pot:discussion:3")
)

// newGitHub is a GitHub with an issue, a pull request with a review comment, and a
// discussion with a comment.
func newGitHub(tb testing.TB) *fakegithub.Server {
	tb.Helper()
	s := fakegithub.New(tb)
	s.AddUser(fakegithub.User{ID: ada, Login: "ada", Name: "Ada Lovelace", Type: "User"})
	s.AddThread(fakegithub.Thread{Repository: repo, Kind: "issue", Number: 1, Title: "The pot leaks", Body: "Here is *how*.", Author: ada, Labels: []string{"bug"}})
	s.AddThread(fakegithub.Thread{
		Repository: repo, Kind: "pull", Number: 2, Title: "Seal the pot", Body: "It leaked.", Author: ada, Draft: true,
		Files: []map[string]any{{"filename": "pot.go", "status": "modified", "additions": 3, "deletions": 1, "patch": "@@ -1 +1,3 @@"}},
	})
	s.AddThread(fakegithub.Thread{Repository: repo, Kind: "discussion", Number: 3, Title: "Which tea?", Body: "Green or black?", Author: ada, Labels: []string{"tea"}})
	s.AddRemark(repo, 2, fakegithub.Remark{Kind: "reviewcomment", ID: 9007199254740993, Author: ada, Body: "Why three?"})
	s.AddRemark(repo, 3, fakegithub.Remark{Kind: "discussioncomment", ID: 550062, Author: ada, Body: "Green."})
	return s
}

func newAdapter(tb testing.TB, s *fakegithub.Server, change ...func(*github.Config)) *github.Adapter {
	tb.Helper()
	cfg := github.Config{Token: fakegithub.Token, WebhookSecret: secret, APIURL: s.URL}
	for _, c := range change {
		c(&cfg)
	}
	a, err := github.New(cfg)
	require.NoError(tb, err)
	return a
}

func asApp(c *github.Config) {
	c.Token, c.AppID, c.PrivateKey = "", fakegithub.AppID, fakegithub.PrivateKey()
}

// sign adds the signature. An attack that knows no secret keeps its own.
func sign(r *http.Request, body []byte, _ time.Time) {
	r.Header.Set("X-Hub-Signature-256", webhook.HMAC{Secrets: []string{secret}, Prefix: "sha256="}.Sign(body))
}

var delivered atomic.Int64

// headers are those of a delivery of its own.
func headers(event string) http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "X-Github-Event": {event},
		"X-Github-Delivery": {fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012d", delivered.Add(1))},
	}
}

// rig is a bot on a fake GitHub, and what it has handled.
type rig struct {
	*chat.Chat
	*github.Adapter
	github  *fakegithub.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*github.Config)) *rig {
	t.Helper()
	return newRigOn(t, newGitHub(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same GitHub and state.
func newRigOn(t *testing.T, s *fakegithub.Server, st state.Adapter, change ...func(*github.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), github: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnInstallation(botrig.Keep[chat.InstallationEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a webhook with headers of its own and returns the answer.
func (r *rig) deliver(t *testing.T, header http.Header, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/github", strings.NewReader(body))
	req.Header = header.Clone()
	sign(req, []byte(body), time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, event, body string) {
	t.Helper()
	w := r.deliver(t, headers(event), body)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, r.log)
}

// settled waits for a marker to be handled, and checks that nothing else was before.
func (r *rig) settled(t *testing.T) {
	t.Helper()
	r.send(t, "ping", `{"zen":"Keep it logically awesome.","sender":{"id":100,"login":"ada"}}`)
	require.Equal(t, "github:ping", next[*chat.PlatformEvent](t, r).Name)
}

// served is a transport that asks a handler.
type served struct{ http.Handler }

func (s served) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Clone(r.Context())
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, asked)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// newOther is a server that is not GitHub's: it tells who was sent there.
func newOther(t *testing.T, seen chan<- string) string {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("Authorization") }))
	t.Cleanup(other.Close)
	return other.URL
}
