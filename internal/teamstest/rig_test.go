package teamstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

const (
	ada      = "29:1ada-lovelace"
	adaGUID  = "00000000-1111-2222-3333-444444444444"
	channel  = "19:d441d38c655c47a085215b2726e76927@thread.tacv2"
	root     = "1767224924615"
	thread   = channel + ";messageid=" + root
	group    = "19:group@thread.v2"
	personal = "a:ada"
	teamGUID = "22222222-3333-4444-5555-666666666666"
	teamID   = "19:team@thread.tacv2"
	bot      = "28:" + faketeams.AppID
)

func newTeams(tb testing.TB) *faketeams.Server {
	tb.Helper()
	s := faketeams.New(tb)
	s.AddConversation(channel, "channel")
	s.AddConversation(group, "groupChat")
	s.AddConversation(personal, "personal")
	s.AddMember(faketeams.Member{ID: ada, Name: "Ada Lovelace", Email: "ada@contoso.com", AADObjectID: adaGUID})
	return s
}

func newAdapter(tb testing.TB, s *faketeams.Server, change ...func(*teams.Config)) *teams.Adapter {
	tb.Helper()
	cfg := teams.Config{AppID: faketeams.AppID, AppPassword: faketeams.AppPassword, TenantID: faketeams.Tenant, HTTPClient: s.Client()}
	for _, c := range change {
		c(&cfg)
	}
	a, err := teams.New(cfg)
	require.NoError(tb, err)
	return a
}

func sign(r *http.Request, _ []byte, at time.Time) {
	r.Header.Set("Authorization", "Bearer "+faketeams.SignedBy(faketeams.FirstKey(), faketeams.Claims(at)))
}

// sampled counts the activities of samples.
var sampled atomic.Int64

// activity is an activity of Ada in a conversation, with the fields.
func activity(kind, conversation string, fields map[string]any) string {
	n := sampled.Add(1)
	conversationType := map[bool]string{true: "channel", false: "groupChat"}[strings.Contains(conversation, "tacv2")]
	if !strings.HasPrefix(conversation, "19:") {
		conversationType = "personal"
	}
	all := map[string]any{
		"type": kind, "id": fmt.Sprint(1767224900000 + n), "timestamp": time.Date(2026, 1, 1, 0, 0, 0, int(n)*1e6, time.UTC).Format(time.RFC3339Nano), "channelId": "msteams",
		"serviceUrl": faketeams.ServiceURL, "from": map[string]any{"id": ada, "name": "Ada Lovelace", "aadObjectId": adaGUID},
		"conversation": map[string]any{"id": conversation, "conversationType": conversationType, "tenantId": faketeams.Tenant, "isGroup": conversationType != "personal"},
		"recipient":    map[string]any{"id": bot, "name": "The Bot"}, "channelData": map[string]any{"tenant": map[string]any{"id": faketeams.Tenant}},
	}
	maps.Copy(all, fields)
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // the fields are of this test
	}
	return string(data)
}

// message is a message of Ada with a text and an id.
func message(conversation, id, text string) string {
	return activity("message", conversation, map[string]any{"id": id, "text": text, "textFormat": "plain"})
}

// mentioning is a message that mentions the bot.
func mentioning(conversation, id, text string) string {
	return activity("message", conversation, map[string]any{
		"id": id, "text": "<at>The Bot</at> " + text, "textFormat": "plain",
		"entities": []any{map[string]any{"type": "mention", "text": "<at>The Bot</at>", "mentioned": map[string]any{"id": bot, "name": "The Bot"}}},
	})
}

// rig is a bot on a fake Teams, and what it has handled.
type rig struct {
	*chat.Chat
	*teams.Adapter
	teams   *faketeams.Server
	state   state.Adapter
	handled chan chat.Inbound
	log     *botrig.Log
}

func newRig(t *testing.T, change ...func(*teams.Config)) *rig {
	t.Helper()
	return newRigOn(t, newTeams(t), botrig.Memory(t), change...)
}

// newRigOn returns one of several bots on the same Teams and state.
func newRigOn(t *testing.T, s *faketeams.Server, st state.Adapter, change ...func(*teams.Config)) *rig {
	t.Helper()
	r := &rig{Adapter: newAdapter(t, s, change...), teams: s, state: st}
	b := botrig.New(t, r.Adapter, st)
	r.Chat, r.handled, r.log = b.Chat, b.Handled, b.Log
	b.OnMessage(botrig.AnyText, b.Messages)
	b.OnMention(b.Messages)
	b.OnDirectMessage(b.Messages)
	b.OnMessageUpdated(botrig.Keep[chat.MessageUpdatedEvent](b))
	b.OnMessageDeleted(botrig.Keep[chat.MessageDeletedEvent](b))
	b.OnAction(botrig.Keep[chat.ActionEvent](b))
	b.OnReaction(botrig.Keep[chat.ReactionEvent](b))
	b.OnMembership(botrig.Keep[chat.MembershipEvent](b))
	b.OnInstallation(botrig.Keep[chat.InstallationEvent](b))
	b.OnPlatformEvent(botrig.Keep[chat.PlatformEvent](b))
	return r
}

// deliver sends a webhook and returns the answer.
func (r *rig) deliver(t *testing.T, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/teams", strings.NewReader(body))
	sign(req, []byte(body), time.Now())
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
