package lineartest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

const (
	secret = "lin_wh_secret"
	ada    = "ada00000-0000-4000-8000-000000000001"
	issue  = "15500000-0000-4000-8000-000000000001"
)

func newLinear(tb testing.TB) *fakelinear.Server {
	tb.Helper()
	s := fakelinear.New(tb)
	s.AddUser(fakelinear.User{ID: ada, Name: "Ada Lovelace", DisplayName: "ada"})
	s.AddIssue(fakelinear.Issue{ID: issue, Identifier: "ENG-1", Title: "The engine", Description: "It **stops**."})
	s.AddIssue(fakelinear.Issue{ID: "project-1", Title: "Analysis", Description: "All of it."})
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.AddComment(fakelinear.Comment{ID: "root-1", Body: "hello", Issue: issue, Author: ada, At: at})
	s.AddComment(fakelinear.Comment{ID: "root-2", Body: "on a project", Project: "project-1", Author: ada, At: at})
	s.AddSession(fakelinear.Session{ID: "session-1", Issue: issue, Comment: "root-1"})
	return s
}

func newAdapter(tb testing.TB, s *fakelinear.Server, change ...func(*linear.Config)) *linear.Adapter {
	tb.Helper()
	cfg := linear.Config{WebhookSecret: secret, APIKey: fakelinear.APIKey, APIURL: s.URL, HTTPClient: s.Client()}
	for _, c := range change {
		c(&cfg)
	}
	a, err := linear.New(cfg)
	require.NoError(tb, err)
	return a
}

func sessions(c *linear.Config) { c.Mode = linear.ModeAgentSessions }

func sign(r *http.Request, body []byte, _ time.Time) {
	r.Header.Set("Linear-Signature", webhook.HMAC{Secrets: []string{secret}}.Sign(body))
}

// sampled counts the webhooks of samples.
var sampled atomic.Int64

// hook is a webhook that was sent now.
func hook(kind, action, rest string) string {
	at := time.Date(2026, 1, 1, 0, 0, int(sampled.Add(1)), 0, time.UTC).Format(time.RFC3339)
	return fmt.Sprintf(`{"action":%q,"type":%q,"createdAt":%q,"organizationId":%q,"webhookId":"w","webhookTimestamp":%d,%s}`,
		action, kind, at, fakelinear.Organization, time.Now().UnixMilli(), rest)
}

const adaJSON = `{"id":"` + ada + `","name":"Ada Lovelace","email":"ada@example.com","url":"https://linear.app/acme/profiles/ada"}`

// commentData is the data of a comment by Ada on the issue.
func commentData(id, parent, body string) string {
	if parent != "" {
		parent = fmt.Sprintf(`"parentId":%q,`, parent)
	}
	return fmt.Sprintf(`"data":{"id":%q,"body":%q,"issueId":%q,%s"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","user":%s}`, id, body, issue, parent, adaJSON)
}

// sessionData is a session of the bot's on the issue.
func sessionData(comment string) string {
	return fmt.Sprintf(`"agentSession":{"id":"session-1","appUserId":%q,"issueId":%q,"creator":%s,"comment":%s}`, fakelinear.BotID, issue, adaJSON, comment)
}

// rig is a bot on a fake Linear, and what it has handled.
type rig struct {
	*chat.Chat
	*linear.Adapter
	linear  *fakelinear.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*linear.Config)) *rig {
	t.Helper()
	return newRigOn(t, newLinear(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Linear and state.
func newRigOn(t *testing.T, s *fakelinear.Server, st state.Adapter, change ...func(*linear.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), linear: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnInstallation(botrig.Keep[chat.InstallationEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a webhook and returns the answer.
func (r *rig) deliver(t *testing.T, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/linear", strings.NewReader(body))
	sign(req, []byte(body), time.Time{})
	for _, c := range change {
		c(req)
	}
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	return w
}

// send sends a webhook that is taken.
func (r *rig) send(t *testing.T, body string) {
	t.Helper()
	w := r.deliver(t, body)
	require.Equal(t, http.StatusOK, w.Code, "%s %s", w.Body, r.log)
}

// next waits for what is handled next.
func next[T chat.Inbound](t *testing.T, r *rig) T {
	t.Helper()
	return botrig.Next[T](t, r.handled, r.log)
}

// quiet checks that nothing else has been handled.
func (r *rig) quiet(t *testing.T) {
	t.Helper()
	botrig.Quiet(t, r.handled)
}
