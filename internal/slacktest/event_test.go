package slacktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/state"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","channel_type":"channel","user":"U0ADA",
		"text":"Hi <@U0BOT>, see <#C0TWO> and <https://go.dev|Go>","ts":"1700000001.000200","thread_ts":"1700000000.000100","edited":{"user":"U0ADA","ts":"1700000002.000000"}}`)))
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), m.ID)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), m.ThreadID)
	require.Equal(t, "Hi @u0bot, see #general and Go", m.Text)
	require.Equal(t, chat.Author{UserID: "U0ADA", UserName: "u0ada", FullName: "Real u0ada", Email: "u0ada@example.com", Bot: new(false)}, m.Author)
	require.Equal(t, time.Unix(1700000001, 200000).UTC(), m.SentAt)
	require.True(t, m.Edited)
	require.Equal(t, time.Unix(1700000002, 0).UTC(), m.EditedAt)
	require.True(t, *m.Mention)
	require.Equal(t, []chat.Link{{URL: "https://go.dev"}}, m.Links)
	require.Contains(t, string(m.Raw), `"channel_type":"channel"`)
}

// TestThreads checks to which thread messages of each kind of channel belong.
func TestThreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, event string
		agent       bool
		want        chat.ThreadID
		dm          bool
	}{
		{name: "channel", event: `"channel":"C0ONE","channel_type":"channel"`, want: "slack:C0ONE:1700000001.000200"},
		{name: "group conversation", event: `"channel":"G0ONE","channel_type":"mpim"`, want: "slack:G0ONE:1700000001.000200"},
		{name: "direct", event: `"channel":"D0ONE","channel_type":"im"`, want: "slack:D0ONE:", dm: true},
		{name: "thread in a direct conversation", event: `"channel":"D0ONE","channel_type":"im","thread_ts":"1700000000.000100"`, want: "slack:D0ONE:1700000000.000100", dm: true},
		{name: "agent view", event: `"channel":"D0ONE","channel_type":"im"`, agent: true, want: "slack:D0ONE:1700000001.000200", dm: true},
		{name: "broadcast", event: `"channel":"C0ONE","subtype":"thread_broadcast","thread_ts":"1700000000.000100"`, want: "slack:C0ONE:1700000000.000100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(config *slack.Config) { config.AgentView = c.agent })
			m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","user":"U0ADA","text":"x","ts":"1700000001.000200",`+c.event+`}`)))
			require.Equal(t, c.want, m.ThreadID)
			ref, err := r.DecodeThreadID(m.ThreadID)
			require.NoError(t, err)
			require.Equal(t, c.dm, ref.DM)
		})
	}
}

// TestAgentViewKeepsSubscribedConversation checks that a conversation that the
// bot opened and subscribed to stays one thread.
func TestAgentViewKeepsSubscribedConversation(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) { c.AgentView = true })
	require.NoError(t, r.host.state.Subscribe(t.Context(), "slack:D0ONE:"))
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"D0ONE","channel_type":"im","user":"U0ADA","text":"x","ts":"1700000001.000200"}`)))
	require.Equal(t, chat.ThreadID("slack:D0ONE:"), m.ThreadID)
	edited := one[*chat.MessageUpdatedEvent](t, r.event(t, callback(`{"type":"message","subtype":"message_changed","channel":"D0ONE","message":{"user":"U0ADA","text":"y","ts":"1700000001.000200"}}`)))
	require.Equal(t, m.ThreadID, edited.ThreadID)
	deleted := one[*chat.MessageDeletedEvent](t, r.event(t, callback(`{"type":"message","subtype":"message_deleted","channel":"D0ONE","deleted_ts":"1700000001.000200"}`)))
	require.Equal(t, m.ThreadID, deleted.ThreadID)
}

// TestMention checks who is mentioned, in both deliveries of a message.
func TestMention(t *testing.T) {
	t.Parallel()
	user := `{"type":"user","user_id":"U0BOT"}`
	section := func(elements string) string {
		return `,"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + elements + `]}]}]`
	}
	for _, c := range []struct {
		name, text   string
		message, app bool
	}{
		{"in the text", `"<@U0BOT> hi"`, true, true},
		{"in the blocks", `"hi"` + section(user), true, true},
		{"with its name", `"<@U0BOT|bot> hi"`, true, true},
		{"nobody", `"hi"`, false, true}, // Slack knows a mention that the event does not show
		{"somebody else", `"<@U0ADA> hi"`, false, true},
		{"in code", "\"see `<@U0BOT>`\"", false, false},
		{"in a code block", "\"```<@U0BOT>```\"", false, false},
		{"in code of the blocks", `"x"` + section(`{"type":"user","user_id":"U0BOT","style":{"code":true}}`), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			for kind, want := range map[string]bool{"message": c.message, "app_mention": c.app} {
				m := one[*chat.Message](t, r.event(t, callback(`{"type":"`+kind+`","channel":"C0ONE","user":"U0ADA","ts":"1700000001.000200","text":`+c.text+`}`)))
				require.Equal(t, want, *m.Mention, kind)
				require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), m.ID)
			}
		})
	}
}

// TestOwnMessages checks by what the bot knows itself.
func TestOwnMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from string
		own, bot   bool
		id         chat.UserID
	}{
		{"its user", `"user":"U0BOT","bot_id":"B0BOT"`, true, true, "U0BOT"},
		{"its user by its profile", `"bot_id":"B0BOT","bot_profile":{"user_id":"U0BOT","name":"bot"}`, true, true, "U0BOT"},
		{"its app under another name", `"subtype":"bot_message","bot_id":"B0X","app_id":"A0APP","username":"Robot"`, true, true, "B0X"},
		{"its bot id", `"subtype":"bot_message","bot_id":"B0BOT","username":"Robot"`, true, true, "B0BOT"},
		{"another bot", `"subtype":"bot_message","bot_id":"B0TWO","username":"Other"`, false, true, "B0TWO"},
		{"another app", `"user":"U0TWO","bot_id":"B0TWO","app_id":"A0TWO"`, false, true, "U0TWO"},
		{"somebody", `"user":"U0ADA"`, false, false, "U0ADA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","text":"x","ts":"1700000001.000200",`+c.from+`}`)))
			require.Equal(t, c.own, m.Author.Me)
			require.Equal(t, c.bot, *m.Author.Bot)
			require.Equal(t, c.id, m.Author.UserID)
		})
	}
}

func TestSystemMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, subtype := range []string{"channel_join", "channel_topic", "pinned_item", "message_replied", "group_name", "reminder_add"} {
		require.Empty(t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"x","ts":"1700000001.000200","subtype":"`+subtype+`"}`)), subtype)
	}
	for _, subtype := range []string{"me_message", "file_share", "bot_message", "of_the_future"} {
		require.Len(t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"x","ts":"1700000001.000200","subtype":"`+subtype+`"}`)), 1, subtype)
	}
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"USLACK","text":"x","ts":"1700000001.000200"}`)))
	require.True(t, m.Author.System)
}

func TestFilesAndQuotes(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","subtype":"file_share","channel":"C0ONE","user":"U0ADA","text":"see https://x","ts":"1700000001.000200",
		"files":[{"id":"F1","name":"a.png","mimetype":"image/png","size":12,"original_w":3,"original_h":4,"url_private":"https://files.slack.com/a.png"},
			{"id":"F2","name":"b.pdf","mimetype":"application/pdf"},{"id":"F3","mode":"tombstone"},"nonsense"],
		"attachments":[{"from_url":"https://go.dev/","title":"Go","text":"A language","thumb_url":"https://go.dev/x.png","service_name":"go.dev"},
			{"is_share":true,"is_msg_unfurl":true,"from_url":"https://x.slack.com/archives/C0TWO/p1","channel_id":"C0TWO","ts":"1699999999.000001","author_id":"U0BEA","text":"*old* news"},
			{"pretext":"Build","title":"No. 7","title_link":"https://ci/7","text":"_failed_","fields":[{"title":"Branch","value":"main"}]}]}`)))
	require.Equal(t, []chat.Attachment{
		{Type: "image", URL: "https://files.slack.com/a.png", Name: "a.png", MIMEType: "image/png", Size: 12, Width: 3, Height: 4, FetchMetadata: map[string]string{"url": "https://files.slack.com/a.png", "teamId": "T0ONE"}},
		{Type: "file", Name: "b.pdf", MIMEType: "application/pdf", FetchMetadata: map[string]string{"fileId": "F2", "teamId": "T0ONE"}},
	}, m.Attachments)
	require.Equal(t, "see https://x\n\nBuild\n\nNo. 7\n\nfailed\n\nBranch\n\nmain", m.Text)
	require.Contains(t, m.Links, chat.Link{URL: "https://go.dev/", Title: "Go", Description: "A language", ImageURL: "https://go.dev/x.png", SiteName: "go.dev"})
	require.Contains(t, m.Links, chat.Link{URL: "https://ci/7"})
	require.Equal(t, chat.MessageID("C0TWO:1699999999.000001"), m.ReplyTo.ID)
	require.Equal(t, "old news", m.ReplyTo.Text)
	require.Equal(t, "u0bea", m.ReplyTo.Author.UserName)
}

func TestEdits(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	changed := func(extra, now, before string) []chat.Inbound {
		return r.event(t, callback(`{"type":"message","subtype":"message_changed","channel":"C0ONE","ts":"1700000009.000000","event_ts":"1700000009.000000"`+extra+`,
			"message":{"type":"message","user":"U0ADA","ts":"1700000001.000200",`+now+`},"previous_message":{"type":"message","user":"U0ADA","ts":"1700000001.000200",`+before+`}}`))
	}
	ev := one[*chat.MessageUpdatedEvent](t, changed("", `"text":"new","edited":{"ts":"1700000009.000000"}`, `"text":"old"`))
	require.Equal(t, "new", ev.Message.Text)
	require.Equal(t, "old", ev.Previous.Text)
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), ev.Message.ID)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000001.000200"), ev.ThreadID)
	require.Equal(t, chat.UserID("U0ADA"), ev.User.UserID)

	require.Empty(t, changed("", `"text":"same","attachments":[{"from_url":"https://x"}]`, `"text":"same"`), "a preview was added")
	require.Empty(t, changed(`,"hidden":true`, `"text":"same","reply_count":2`, `"text":"same"`), "an answer was counted")
	require.Len(t, changed(`,"hidden":true`, `"text":"new"`, `"text":"old"`), 1)

	require.Empty(t, changed("", `"user":"U0BOT","bot_id":"B0BOT","text":"more"`, `"user":"U0BOT","bot_id":"B0BOT","text":"some"`), "the bot's own")

	gone := one[*chat.MessageDeletedEvent](t, changed(`,"hidden":true`, `"subtype":"tombstone","text":"This message was deleted."`, `"text":"old"`))
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), gone.MessageID)
	require.Equal(t, "old", gone.Previous.Text)
}

func TestDeletions(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ev := one[*chat.MessageDeletedEvent](t, r.event(t, callback(`{"type":"message","subtype":"message_deleted","hidden":true,"channel":"C0ONE","ts":"1700000009.000000",
		"deleted_ts":"1700000001.000200","previous_message":{"user":"U0ADA","ts":"1700000001.000200","thread_ts":"1700000000.000100","text":"old"}}`)))
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), ev.MessageID)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), ev.ThreadID)
	require.Equal(t, "old", ev.Previous.Text)

	ev = one[*chat.MessageDeletedEvent](t, r.event(t, callback(`{"type":"message","subtype":"message_deleted","channel":"D0ONE","deleted_ts":"1700000001.000200"}`)))
	require.Equal(t, chat.ThreadID("slack:D0ONE:"), ev.ThreadID)
	require.Nil(t, ev.Previous)
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	reaction := func(kind, user, ts string) []chat.Inbound {
		return r.event(t, callback(`{"type":"`+kind+`","user":"`+user+`","reaction":"+1","item":{"type":"message","channel":"C0ONE","ts":"`+ts+`"},"event_ts":"1700000009.000000"}`))
	}
	ev := one[*chat.ReactionEvent](t, reaction("reaction_added", "U0ADA", "1700000001.000200"))
	require.Equal(t, emoji.ThumbsUp, ev.Emoji)
	require.Equal(t, "+1", ev.RawEmoji)
	require.True(t, ev.Added)
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), ev.MessageID)
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000000.000100"), ev.ThreadID, "as Slack says")
	require.Equal(t, time.Unix(1700000009, 0).UTC(), ev.At)
	require.False(t, one[*chat.ReactionEvent](t, reaction("reaction_removed", "U0ADA", "1700000001.000200")).Added)
	require.Equal(t, 1, r.api.called("conversations.replies"), "the thread is kept")

	r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"x","ts":"1700000005.000200","thread_ts":"1700000004.000000"}`))
	require.Equal(t, chat.ThreadID("slack:C0ONE:1700000004.000000"), one[*chat.ReactionEvent](t, reaction("reaction_added", "U0ADA", "1700000005.000200")).ThreadID)
	require.Equal(t, 1, r.api.called("conversations.replies"), "the message came by")

	require.Empty(t, reaction("reaction_added", "U0BOT", "1700000001.000200"), "the bot's own")
	require.Empty(t, r.event(t, callback(`{"type":"reaction_added","user":"U0ADA","reaction":"x","item":{"type":"file","file":"F1"}}`)))
}

func TestMembership(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ev := one[*chat.MembershipEvent](t, r.event(t, callback(`{"type":"member_joined_channel","user":"U0ADA","channel":"C0ONE","team":"T0ONE","inviter":"U0BEA"}`)))
	require.Equal(t, chat.ChannelID("slack:C0ONE"), ev.ChannelID)
	require.True(t, ev.Joined)
	require.Equal(t, "u0ada", ev.User.UserName)
	require.False(t, one[*chat.MembershipEvent](t, r.event(t, callback(`{"type":"member_left_channel","user":"U0ADA","channel":"C0ONE"}`))).Joined)
}

func TestPlatformEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	home := one[*chat.PlatformEvent](t, r.event(t, callback(`{"type":"app_home_opened","user":"U0ADA","channel":"D0ONE","tab":"home","event_ts":"1700000009.000000"}`)))
	require.Equal(t, slack.EventAppHomeOpened, home.Name)
	require.Equal(t, chat.ThreadID("slack:D0ONE:"), home.ThreadID)
	require.Equal(t, slack.AppHomeOpened{User: "U0ADA", Channel: "D0ONE", Tab: "home"}, data[slack.AppHomeOpened](t, home))

	thread := `{"user_id":"U0ADA","context":{"channel_id":"C0ONE","team_id":"T0ONE","enterprise_id":null},"channel_id":"D0ONE","thread_ts":"1700000001.000200"}`
	for kind, name := range map[string]string{
		"assistant_thread_started":         slack.EventAssistantThreadStarted,
		"assistant_thread_context_changed": slack.EventAssistantContextChanged,
	} {
		ev := one[*chat.PlatformEvent](t, r.event(t, callback(`{"type":"`+kind+`","assistant_thread":`+thread+`,"event_ts":"1700000009.000000"}`)))
		require.Equal(t, name, ev.Name)
		require.Equal(t, chat.ThreadID("slack:D0ONE:1700000001.000200"), ev.ThreadID)
		require.Equal(t, chat.UserID("U0ADA"), ev.User.UserID)
		require.Equal(t, "C0ONE", data[slack.AssistantThreadEvent](t, ev).Thread.Context.ChannelID)
	}

	stopped := one[*chat.PlatformEvent](t, r.event(t, callback(`{"type":"agent_session_stopped","user":"U0ADA","channel":"D0ONE","thread_ts":"1700000001.000200","streaming_message_ts":"1700000002.000000"}`)))
	require.Equal(t, slack.EventAgentSessionStopped, stopped.Name)
	require.Equal(t, chat.ThreadID("slack:D0ONE:1700000001.000200"), stopped.ThreadID)
	require.Equal(t, "1700000002.000000", data[slack.AgentSessionStopped](t, stopped).StreamingMessageTS)

	looking := one[*chat.PlatformEvent](t, r.event(t, callback(`{"type":"app_context_changed","context":{"entities":[{"type":"slack#/types/channel_id","value":"C0ONE"}]}}`)))
	require.JSONEq(t, `"C0ONE"`, string(data[slack.AppContextChanged](t, looking).Context.Entities[0].Value))

	other := one[*chat.PlatformEvent](t, r.event(t, callback(`{"type":"pin_added","user":"U0ADA","channel_id":"C0ONE"}`)))
	require.Equal(t, "slack:pin_added", other.Name)
	require.JSONEq(t, `{"type":"pin_added","user":"U0ADA","channel_id":"C0ONE"}`, string(other.Data))
}

func data[T any](t *testing.T, ev *chat.PlatformEvent) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal(ev.Data, &v))
	return v
}

// TestNamesAreKept checks the cache of names: the TypeScript SDK's keys, and what
// makes them go.
func TestNamesAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	st := r.host.state
	message := callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"<#C0TWO>","ts":"1700000001.000200"}`)
	r.event(t, message)
	r.event(t, message)
	require.Equal(t, 1, r.api.called("users.info"))
	require.Equal(t, 1, r.api.called("conversations.info"))
	kept, err := st.Get(t.Context(), "slack:user:U0ADA")
	require.NoError(t, err)
	require.JSONEq(t, `{"displayName":"u0ada","realName":"Real u0ada","email":"u0ada@example.com","timeZone":"Europe/Vienna"}`, string(kept))
	kept, err = st.Get(t.Context(), "slack:channel:C0TWO")
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"general"}`, string(kept))
	list, err := st.GetList(t.Context(), "slack:user-by-name:u0ada")
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte(`"U0ADA"`)}, list)

	r.event(t, callback(`{"type":"user_change","user":{"id":"U0ADA"}}`))
	_, err = st.Get(t.Context(), "slack:user:U0ADA")
	require.ErrorIs(t, err, state.ErrNotFound)
	r.event(t, callback(`{"type":"channel_rename","channel":{"id":"C0TWO","name":"new"}}`))
	_, err = st.Get(t.Context(), "slack:channel:C0TWO")
	require.ErrorIs(t, err, state.ErrNotFound)
	r.event(t, message)
	require.Equal(t, 2, r.api.called("users.info"))
	require.Equal(t, 2, r.api.called("conversations.info"))
}

// TestLookUpsDoNotHoldUpTheAnswer checks that a slow Slack leaves ids where names
// would be.
func TestLookUpsDoNotHoldUpTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) { c.LookupTimeout = 50 * time.Millisecond })
	release := make(chan struct{})
	defer close(release)
	r.api.blockOn("users.info", release)
	m := one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"C0ONE","user":"U0ADA","text":"<@U0BEA>","ts":"1700000001.000200"}`)))
	require.Equal(t, "@U0BEA", m.Text)
	require.Equal(t, "U0ADA", m.Author.UserName)
}

func TestFetchUserAndChannel(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	user, err := r.FetchUser(t.Context(), "U0ADA")
	require.NoError(t, err)
	require.Equal(t, &chat.User{ID: "U0ADA", UserName: "u0ada", FullName: "Real u0ada", Email: "u0ada@example.com", TimeZone: "Europe/Vienna"}, user)
	_, err = r.FetchUser(t.Context(), "nobody:here")
	require.ErrorIs(t, err, chat.ErrNotFound)
	r.api.answer("users.info", func(url.Values, string) any { return object{"ok": false, "error": "user_not_found"} })
	_, err = r.FetchUser(t.Context(), "U0NONE")
	require.ErrorIs(t, err, chat.ErrNotFound)

	for channel, want := range map[string]chat.ChannelInfo{
		`{"id":"C0ONE","name":"general","topic":{"value":"all"},"num_members":7}`: {ID: "slack:C0ONE", Name: "general", Topic: "all", Members: 7, Visibility: chat.VisibilityWorkspace},
		`{"id":"C0ONE","name":"secret","is_private":true}`:                        {ID: "slack:C0ONE", Name: "secret", Visibility: chat.VisibilityPrivate},
		`{"id":"C0ONE","name":"shared","is_private":true,"is_ext_shared":true}`:   {ID: "slack:C0ONE", Name: "shared", Visibility: chat.VisibilityExternal},
		`{"id":"C0ONE","is_im":true,"user":"U0ADA"}`:                              {ID: "slack:C0ONE", DM: true, Visibility: chat.VisibilityPrivate},
	} {
		r := newRig(t, nil)
		r.api.answer("conversations.info", func(url.Values, string) any { return object{"ok": true, "channel": json.RawMessage(channel)} })
		for range 2 {
			got, err := r.FetchChannel(t.Context(), "slack:C0ONE")
			require.NoError(t, err)
			require.Equal(t, want, *got)
		}
		require.Equal(t, 1, r.api.called("conversations.info"), "it is kept for a minute")
	}
	_, err = r.FetchChannel(t.Context(), "web:C0ONE")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestBadEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, body := range []string{
		`nonsense`, `[]`, `{}`, `{"type":"other"}`, `{"type":"event_callback"}`, `{"type":"event_callback","event":7}`,
		callback(`{"type":"message"}`), callback(`{"type":"message","channel":"C:ONE","ts":"1700000001.000200"}`),
		callback(`{"type":"message","channel":"C0ONE","ts":"x"}`), callback(`{"type":"message","channel":"C0ONE","ts":"1.2","thread_ts":"x"}`),
		callback(`{"type":"message","channel":"C0ONE","ts":17}`), callback(`{"type":"member_joined_channel"}`),
		callback(`{"type":"reaction_added","item":{"type":"message"}}`), callback(`{"type":"assistant_thread_started"}`),
	} {
		w := serve(r, request(jsonType, body))
		require.Equal(t, http.StatusBadRequest, w.Code, body)
		require.Empty(t, r.host.taken())
	}
}
