package githubtest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

func post(t *testing.T, r *rig, thread chat.ThreadID, content chat.Postable) *chat.SentMessage {
	t.Helper()
	to, err := r.Thread(thread)
	require.NoError(t, err)
	sent, err := to.Post(t.Context(), content)
	require.NoError(t, err)
	return sent
}

func TestAppInManyInstallations(t *testing.T) {
	t.Parallel()
	s, st := newGitHub(t), botrig.Memory(t)
	s.AddThread(fakegithub.Thread{Repository: "other/cup", Kind: "issue", Number: 5, Title: "A chip", Author: ada})
	s.Install(repo, 11)
	s.Install("other/cup", 12)
	r := newRigOn(t, s, st, asApp)
	post(t, r, issueThread, chat.Text("one"))
	post(t, r, "github:other/cup:issue:5", chat.Text("two"))
	post(t, r, discussionThread, chat.Text("three"))
	require.Len(t, s.Calls("GET", "/installation"), 2, "each repository is asked for once")
	require.Len(t, s.Calls("POST", "/access_tokens"), 2)

	id, err := st.Get(t.Context(), "github:install:"+repo)
	require.NoError(t, err)
	require.Equal(t, "11", string(id), "as the TypeScript SDK keeps it")

	second := newRigOn(t, s, st, asApp)
	post(t, second, issueThread, chat.Text("four"))
	require.Len(t, s.Calls("GET", "/installation"), 2, "another instance finds it in the state")

	only := newRigOn(t, s, botrig.Memory(t), asApp, func(c *github.Config) { c.InstallationID = 11 })
	post(t, only, issueThread, chat.Text("five"))
	require.Len(t, s.Calls("GET", "/installation"), 2)
}

func TestInstallationThatIsKnownFromWebhooks(t *testing.T) {
	t.Parallel()
	s := newGitHub(t)
	s.Install(repo, 11)
	r := newRigOn(t, s, botrig.Memory(t), asApp)
	r.send(t, "issue_comment", event("created", issueJSON, remarkOf("comment", 71, "hello", ""), `"installation":{"id":11}`))
	next[*chat.Message](t, r)
	post(t, r, issueThread, chat.Text("answer"))
	require.Empty(t, s.Calls("GET", "/installation"))
}

func TestAppThatIsInstalledAgain(t *testing.T) {
	t.Parallel()
	s, st := newGitHub(t), botrig.Memory(t)
	s.Install(repo, 11)
	first := newRigOn(t, s, st, asApp)
	post(t, first, issueThread, chat.Text("one"))
	s.Install(repo, 21)
	second := newRigOn(t, s, st, asApp)
	post(t, second, issueThread, chat.Text("two"))
	id, err := st.Get(t.Context(), "github:install:"+repo)
	require.NoError(t, err)
	require.Equal(t, "21", string(id))

	s.Install(repo, 0)
	third := newRigOn(t, s, st, asApp)
	thread, err := third.Thread(issueThread)
	require.NoError(t, err)
	_, err = thread.Post(t.Context(), chat.Text("three"))
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestAppKnowsItself(t *testing.T) {
	t.Parallel()
	s := newGitHub(t)
	s.Install(repo, 11)
	r := newRigOn(t, s, botrig.Memory(t), asApp)
	app := `{"id":601,"login":"reviewer[bot]","type":"Bot"}`
	r.send(t, "issue_comment", strings.ReplaceAll(event("created", issueJSON, remarkOf("comment", 71, "@reviewer mine", "")), adaJSON, app))
	r.settled(t)
	for _, text := range []string{"@reviewer look", "please, @Reviewer[bot]: look"} {
		r.send(t, "issue_comment", event("created", issueJSON, remarkOf("comment", 80+int64(len(text)), text, "")))
		require.True(t, *next[*chat.Message](t, r).Mention, text)
	}
}

func TestWhatCouldNotBeTakenIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s, now := newGitHub(t), time.Now()
	for i, d := range []fakegithub.Delivery{
		{GUID: "old", Status: 503, DeliveredAt: now.Add(-2 * time.Hour)},
		{GUID: "away", Status: 503, DeliveredAt: now.Add(-30 * time.Minute)},
		{GUID: "taken", Status: 200, DeliveredAt: now.Add(-29 * time.Minute)},
		{GUID: "forged", Status: 401, DeliveredAt: now.Add(-28 * time.Minute)},
		{GUID: "taken later", Status: 503, DeliveredAt: now.Add(-27 * time.Minute)},
		{GUID: "taken later", Status: 200, DeliveredAt: now.Add(-26 * time.Minute), Redelivery: true},
		{GUID: "not answered", Status: 0, DeliveredAt: now.Add(-25 * time.Minute)},
		{GUID: "hopeless", Status: 500, DeliveredAt: now.Add(-20 * time.Minute)},
		{GUID: "hopeless", Status: 500, DeliveredAt: now.Add(-19 * time.Minute)},
		{GUID: "hopeless", Status: 500, DeliveredAt: now.Add(-18 * time.Minute)},
		{GUID: "hopeless", Status: 500, DeliveredAt: now.Add(-17 * time.Minute)},
		{GUID: "hopeless", Status: 500, DeliveredAt: now.Add(-16 * time.Minute)},
	} {
		d.ID = int64(i + 1)
		s.AddDelivery(d)
	}
	s.Fail("POST /app/hook/deliveries/{id}/attempts", fakegithub.SecondaryLimit(time.Second))
	st := botrig.Memory(t)
	for range 2 { // of two instances one asks
		r := newRigOn(t, s, st, asApp)
		go func() { _ = r.Chat.Run(t.Context()) }()
	}
	require.Eventually(t, func() bool { return len(s.Redelivered()) == 2 }, botrig.Patience, 10*time.Millisecond)
	require.Equal(t, []int64{2, 7}, s.Redelivered(), "oldest first")
	require.Len(t, s.Calls("GET", "/app/hook/deliveries"), 1)
}
