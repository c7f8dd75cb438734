package slacktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// outbound is an adapter that calls a fake Slack.
type outbound struct {
	*slack.Adapter
	slack *fakeslack.Server
	// room is a thread in a channel, begun by a user.
	room chat.ThreadID
	root string
}

func newOutbound(t *testing.T, change ...func(*slack.Config)) *outbound {
	t.Helper()
	s := newSlack(t)
	config := slack.Config{SigningSecret: signingSecret, BotToken: fakeslack.Token, APIURL: s.APIURL, LookupTimeout: patience}
	for _, f := range change {
		f(&config)
	}
	adapter, err := slack.New(config)
	require.NoError(t, err)
	h := &host{state: newMemory(t)}
	require.NoError(t, adapter.Attach(h))
	require.NoError(t, h.state.Connect(t.Context()))
	root := s.Post("C0GENERAL", "", "U0ADA", "a question")
	return &outbound{adapter, s, chat.ThreadID("slack:C0GENERAL:" + root), root}
}

// shown are the bot's messages in the room.
func (o *outbound) shown() []fakeslack.Message {
	var own []fakeslack.Message
	for _, m := range o.slack.Messages("C0GENERAL", o.root) {
		if m.User == fakeslack.BotUser {
			own = append(own, m)
		}
	}
	return own
}

func (o *outbound) post(t *testing.T, post *chat.Post) (chat.MessageID, fakeslack.Message) {
	t.Helper()
	id, err := o.PostMessage(t.Context(), o.room, post)
	require.NoError(t, err)
	own := o.shown()
	require.NotEmpty(t, own)
	return id, own[len(own)-1]
}

func TestPostText(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	id, m := o.post(t, &chat.Post{Text: "1 < 2 & <@U0ADA> <!channel> {{emoji:party}}"})
	require.Equal(t, chat.MessageID("C0GENERAL:"+m.TS), id)
	require.Equal(t, "1 &lt; 2 &amp; <@U0ADA> &lt;!channel&gt; :tada:", m.Text)
	require.Empty(t, m.Blocks)
	require.Equal(t, fakeslack.Args{"unfurl_links": "false", "unfurl_media": "false"}, m.Args)

	_, m = o.post(t, &chat.Post{Text: "a *b* :tada: <@U0ADA> see https://example.com/a_b, {{emoji:party}}\n> c"})
	require.JSONEq(t, `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[
		{"type":"text","text":"a *b* :tada: "},{"type":"user","user_id":"U0ADA"},{"type":"text","text":" see "},
		{"type":"link","url":"https://example.com/a_b"},{"type":"text","text":", "},{"type":"emoji","name":"tada"},{"type":"text","text":"\n> c"}]}]}]`,
		string(m.Blocks))
	require.Equal(t, "a *b* :tada: <@U0ADA> see https://example.com/a_b, :tada:\n&gt; c", m.Text)
}

func TestRawMarkupIsSentAsItIs(t *testing.T) {
	o := newOutbound(t)
	o.slack.AllowBroadcasts()
	const markup = "<!here> <!subteam^S0TEAM> *bold* <https://example.com|link> {{emoji:wave}} &amp;"
	id, m := o.post(t, chat.Raw(markup))
	require.Equal(t, markup, m.Text)
	require.Empty(t, m.Blocks)

	require.NoError(t, o.EditMessage(t.Context(), o.room, id, chat.Raw("<!channel> again")))
	require.Equal(t, "<!channel> again", o.shown()[0].Text)

	escaped := chat.Text("<!here> hello")
	_, m = o.post(t, escaped)
	require.NotContains(t, m.Text, "<!here>", "a text says it and notifies nobody")
	_, m = o.post(t, chat.Markdown("<!here> hello"))
	require.NotContains(t, m.Text, "<!here>")
}

func TestPostMarkdown(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	_, m := o.post(t, &chat.Post{Markdown: "# Title\n\n**a** <!here> `<b>` {{emoji:party}}\n"})
	require.Equal(t, "# Title\n\n**a** &lt;!here> `<b>` :tada:", m.Markdown)
	_, m = o.post(t, &chat.Post{Tree: markdown.NewRoot(markdown.NewParagraph(markdown.NewText("2 * 3 * 4"), markdown.NewStrong(markdown.NewText("x"))))})
	require.Equal(t, "2 * 3 * 4**x**", m.Markdown)
	_, m = o.post(t, &chat.Post{Markdown: "look", Attachments: []chat.Attachment{{Type: "file", Name: "plan [1]", URL: "https://example.com/a b"}}})
	require.Equal(t, "look\n\n[plan (1)](<https://example.com/a b>)", m.Markdown)
}

func TestLongPostsContinue(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	paragraph := strings.Repeat("word ", 400) + "end.\n\n"
	id, _ := o.post(t, &chat.Post{Markdown: strings.Repeat(paragraph, 14)})
	own := o.shown()
	require.Len(t, own, 3)
	require.Equal(t, chat.MessageID("C0GENERAL:"+own[0].TS), id, "the first message is named")
	for _, m := range own {
		require.True(t, strings.HasSuffix(m.Markdown, "end."), "parts end with a paragraph")
	}

	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: strings.Repeat(paragraph, 8)}))
	own = o.shown()
	require.Len(t, own, 2, "what is not needed any more is deleted")
	require.Equal(t, 8, strings.Count(own[0].Markdown+own[1].Markdown, "end."))
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: strings.Repeat(paragraph, 21)}))
	require.Len(t, o.shown(), 5, "what is needed is added")
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Text: "short"}))
	require.Len(t, o.shown(), 1)
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: strings.Repeat(paragraph, 14)}))
	require.Len(t, o.shown(), 3)
	require.NoError(t, o.DeleteMessage(t.Context(), o.room, id))
	require.Empty(t, o.shown())
}

func TestLongTextContinues(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	text := strings.Repeat("a *line* of text & more\n", 1_500)
	o.post(t, &chat.Post{Text: text})
	require.Len(t, o.shown(), 3)
	for _, m := range o.shown() {
		require.LessOrEqual(t, utf8.RuneCountInString(m.Text), 4_000)
		require.NotEmpty(t, m.Blocks)
	}
}

func TestLongPostsInAChannelContinueInItsThread(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	thread, id, err := o.PostChannelMessage(t.Context(), "slack:C0OTHER", &chat.Post{Markdown: strings.Repeat("line\n", 5_000)})
	require.NoError(t, err)
	root := o.slack.Messages("C0OTHER", "")
	require.Len(t, root, 1)
	require.Equal(t, chat.ThreadID("slack:C0OTHER:"+root[0].TS), thread)
	require.Equal(t, chat.MessageID("C0OTHER:"+root[0].TS), id)
	require.Len(t, o.slack.Messages("C0OTHER", root[0].TS), 2)

	thread, _, err = o.PostChannelMessage(t.Context(), "slack:D0ADA", &chat.Post{Text: "hi"})
	require.NoError(t, err)
	require.Equal(t, chat.ThreadID("slack:D0ADA:"), thread, "a direct conversation is one thread")
}

func TestHalfPostedMessageIsTakenBack(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	o.slack.Fail("chat.postMessage", fakeslack.Failure{RetryAfter: time.Second})
	long := &chat.Post{Markdown: strings.Repeat("line\n", 5_000)}
	_, err := o.PostMessage(t.Context(), o.room, long)
	var limited *chat.PlatformError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, time.Second, limited.RetryAfter, "the first message is the caller's to repeat")
	require.Empty(t, o.shown())

	_, err = o.PostMessage(t.Context(), o.room, long)
	require.NoError(t, err)
	require.Len(t, o.shown(), 3)
	for i, m := range o.shown() {
		require.NoError(t, o.DeleteMessage(t.Context(), o.room, chat.MessageID("C0GENERAL:"+m.TS)), i)
		break
	}
	require.Empty(t, o.shown())

	// The second part is limited once, and then refused.
	pass := fakeslack.Failure{}
	o.slack.Fail("chat.postMessage", pass, fakeslack.Failure{RetryAfter: time.Second}, fakeslack.Failure{Error: "restricted_action_thread_locked"})
	_, err = o.PostMessage(t.Context(), o.room, long)
	require.ErrorIs(t, err, chat.ErrPermission)
	require.Empty(t, o.shown())
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"channel_not_found": chat.ErrNotFound, "is_archived": chat.ErrPermission, "restricted_action_read_only_channel": chat.ErrPermission,
		"invalid_auth": chat.ErrAuthentication, "token_revoked": chat.ErrAuthentication, "internal_error": chat.ErrTemporary,
		"msg_too_long": chat.ErrInvalid, "something_new": chat.ErrInvalid, "ratelimited": chat.ErrRateLimited,
		"slack_connect_file_link_sharing_blocked": chat.ErrPermission, "unknown_method": errors.ErrUnsupported,
	} {
		o := newOutbound(t)
		o.slack.Fail("chat.postMessage", fakeslack.Failure{Error: code})
		_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "secret text"})
		require.ErrorIs(t, err, want, code)
		require.ErrorContains(t, err, "chat.postMessage", code)
		require.NotContains(t, err.Error(), "secret", code)
	}
	for status, want := range map[int]error{500: chat.ErrTemporary, 503: chat.ErrTemporary, 401: chat.ErrAuthentication, 403: chat.ErrPermission, 400: chat.ErrInvalid} {
		o := newOutbound(t)
		o.slack.Fail("chat.postMessage", fakeslack.Failure{Status: status})
		_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
		require.ErrorIs(t, err, want, status)
	}
	o := newOutbound(t, func(c *slack.Config) { c.APIURL = "http://127.0.0.1:1/api/" })
	_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrTemporary)
	require.NotContains(t, err.Error(), "127.0.0.1:1/api")
}

func TestWhatCannotBePosted(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for name, post := range map[string]*chat.Post{
		"nil": nil, "blank text": {Text: " \n"}, "blank Markdown": {Markdown: "\n\n"},
		"attachment without an address": {Text: "x", Attachments: []chat.Attachment{{Name: "a"}}},
		"picture without an address":    {Card: card.New("", card.NewImage("data:image/png;base64,AA", ""))},
		"empty file":                    {Files: []chat.File{{Name: "a", Content: strings.NewReader("")}}},
		"button without an id":          {Card: card.New("", card.NewActions(card.NewButton("", "A")))},
	} {
		_, err := o.PostMessage(t.Context(), o.room, post)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	require.Empty(t, o.slack.Calls(), "Slack is not asked")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	_, m := o.post(t, &chat.Post{Text: "two files", Files: []chat.File{
		{Name: "a.txt", Content: strings.NewReader("one")}, {Name: "b.txt", Content: strings.NewReader("two")},
	}})
	require.Equal(t, "two files", m.Text)
	own := o.shown()
	require.Len(t, own, 2, "the files are one message")
	require.Len(t, own[0].Files, 2)
	f, _ := o.slack.File(own[0].Files[1])
	require.Equal(t, "two", string(f.Content))
	require.Equal(t, "b.txt", f.Title)

	id, err := o.PostMessage(t.Context(), o.room, &chat.Post{Files: []chat.File{{Name: "c.txt", Content: strings.NewReader("three")}}})
	require.NoError(t, err)
	require.Len(t, o.shown(), 3)
	require.ErrorIs(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Text: "x"}), errors.ErrUnsupported)
	require.NoError(t, o.DeleteMessage(t.Context(), o.room, id))
	require.Len(t, o.shown(), 2)
	require.ErrorIs(t, o.DeleteMessage(t.Context(), o.room, id), chat.ErrNotFound)
	require.ErrorIs(t, o.EditMessage(t.Context(), o.room, "C0GENERAL:"+chat.MessageID(own[1].TS), &chat.Post{
		Text: "x", Files: []chat.File{{Name: "c", Content: strings.NewReader("d")}},
	}), errors.ErrUnsupported)
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	_, err := o.PostEphemeral(t.Context(), o.room, "U0ADA", &chat.Post{Markdown: "**only** you"})
	require.NoError(t, err)
	own := o.shown()
	require.Equal(t, "U0ADA", own[0].EphemeralFor)
	require.Equal(t, "**only** you", own[0].Markdown)
	_, err = o.PostEphemeral(t.Context(), o.room, "U0NOBODY", &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrPermission)
}

// responseURLs answers what is sent to Slack's response URLs.
type responseURLs struct{ got []map[string]any }

func (r *responseURLs) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "hooks.slack.com" {
		return http.DefaultTransport.RoundTrip(req)
	}
	var body map[string]any
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	r.got = append(r.got, body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("ok")), Request: req}, nil
}

func TestEphemeralOfAnInteraction(t *testing.T) {
	t.Parallel()
	hooks := &responseURLs{}
	o := newOutbound(t, func(c *slack.Config) { c.HTTPClient = &http.Client{Transport: hooks} })
	// "ephemeral:{ts}:{base64 of the response URL and the user}", as in the TypeScript SDK.
	const id = "ephemeral:1700000000.000100:eyJyZXNwb25zZVVybCI6Imh0dHBzOi8vaG9va3Muc2xhY2suY29tL2FjdGlvbnMvVDEvMi8zIiwidXNlcklkIjoiVTBBREEifQ=="
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Markdown: "**done** <!here>"}))
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Card: card.New("Title")}))
	require.NoError(t, o.DeleteMessage(t.Context(), o.room, id))
	require.Len(t, hooks.got, 3)
	require.Equal(t, "*done* &lt;!here&gt;", hooks.got[0]["text"])
	require.Equal(t, true, hooks.got[0]["replace_original"])
	require.Len(t, hooks.got[1]["blocks"], 1)
	require.Equal(t, true, hooks.got[2]["delete_original"])
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	at := time.Now().Add(time.Hour)
	id, err := o.ScheduleMessage(t.Context(), o.room, &chat.Post{Markdown: "later"}, at)
	require.NoError(t, err)
	waiting := o.slack.Scheduled("C0GENERAL")
	require.Len(t, waiting, 1)
	require.Equal(t, o.root, waiting[0].Thread)
	require.WithinRange(t, waiting[0].At, at, at.Add(time.Second))
	require.NoError(t, o.CancelScheduledMessage(t.Context(), o.room, id))
	require.Empty(t, o.slack.Scheduled("C0GENERAL"))
	require.ErrorIs(t, o.CancelScheduledMessage(t.Context(), o.room, id), chat.ErrNotFound)

	for _, when := range []time.Time{{}, time.Now().Add(-time.Second), time.Now().Add(121 * 24 * time.Hour)} {
		_, err = o.ScheduleMessage(t.Context(), o.room, &chat.Post{Text: "x"}, when)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	}
	_, err = o.ScheduleMessage(t.Context(), o.room, &chat.Post{Markdown: strings.Repeat("x ", 9_000)}, at)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = o.ScheduleMessage(t.Context(), o.room, &chat.Post{Files: []chat.File{{Name: "a", Content: strings.NewReader("a")}}}, at)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestReact(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	root := chat.MessageID("C0GENERAL:" + o.root)
	for range 2 { // it is no error if it is there, or gone, already
		require.NoError(t, o.AddReaction(t.Context(), o.room, root, "thumbs_up"))
	}
	m, _ := o.slack.Message("C0GENERAL", o.root)
	require.Equal(t, []string{"+1 U0BOT"}, m.Reactions)
	for range 2 {
		require.NoError(t, o.RemoveReaction(t.Context(), o.room, root, "👍"))
	}
	require.ErrorIs(t, o.AddReaction(t.Context(), o.room, "C0GENERAL:1700000000.000009", "heart"), chat.ErrNotFound)
	require.ErrorIs(t, o.AddReaction(t.Context(), o.room, root, "no_such_emoji"), chat.ErrInvalid)
}

func TestTyping(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.StartTyping(t.Context(), o.room, ""))
	require.NoError(t, o.StartTyping(t.Context(), o.room, "is looking, and thinking"))
	require.Equal(t, []fakeslack.Status{
		{Thread: o.root, Text: "Typing...", Loading: "Typing..."}, {Thread: o.root, Text: "is looking, and thinking"},
	}, o.slack.Typing("C0GENERAL", o.root))
	require.NoError(t, o.StartTyping(t.Context(), "slack:D0ADA:", ""), "there is none outside of threads")
	o.slack.Fail("assistant.threads.setStatus", fakeslack.Failure{Error: "missing_scope"}, fakeslack.Failure{Error: "channel_type_not_supported"},
		fakeslack.Failure{RetryAfter: time.Second})
	require.NoError(t, o.StartTyping(t.Context(), o.room, ""))
	require.NoError(t, o.StartTyping(t.Context(), o.room, ""))
	require.ErrorIs(t, o.StartTyping(t.Context(), o.room, ""), chat.ErrRateLimited)
}

func TestOpenDMAndPermalink(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	dm, err := o.OpenDM(t.Context(), "U0BOB")
	require.NoError(t, err)
	id, err := o.PostMessage(t.Context(), dm, &chat.Post{Text: "hi"})
	require.NoError(t, err)
	address, err := o.Permalink(t.Context(), dm, id)
	require.NoError(t, err)
	require.Contains(t, address, "https://fake.slack.com/archives/D0BOB/p")
	_, err = o.Permalink(t.Context(), dm, "D0BOB:1700000000.000001")
	require.ErrorIs(t, err, chat.ErrNotFound)
	for id, want := range map[chat.UserID]bool{"U0BOB": true, "W012A3CDE": true, "U": false, "u0bob": false, "B0BOT": false, "12345": false, "U0 B": false} {
		require.Equal(t, want, o.IsUserID(id), id)
	}
	_, err = o.OpenDM(t.Context(), "U0NOBODY")
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = o.OpenDM(t.Context(), "no id")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestPlan(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	plan := chat.PlanState{Title: "Work {{emoji:party}}", Tasks: []chat.Task{
		{ID: "a", Title: "Read & think", Status: chat.TaskComplete, Details: "the **long** text", Output: strings.Repeat("x", 300)}, {ID: "b", Title: "Write"},
	}}
	id, err := o.PostPlan(t.Context(), o.room, plan)
	require.NoError(t, err)
	m := o.shown()[0]
	require.Equal(t, "Work :tada:\n• (complete) Read &amp; think\n• (pending) Write", m.Text)
	require.JSONEq(t, `[{"type":"plan","title":"Work :tada:","tasks":[
		{"type":"task_card","task_id":"a","title":"Read & think","status":"complete",
		 "details":{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"the long text"}]}]},
		 "output":{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"`+strings.Repeat("x", 255)+`…"}]}]}},
		{"type":"task_card","task_id":"b","title":"Write","status":"pending"}]}]`, string(m.Blocks))
	for i := range 80 {
		plan.Tasks = append(plan.Tasks, chat.Task{ID: fmt.Sprint(i % 3), Title: strings.Repeat("t", i*10)})
	}
	require.NoError(t, o.EditPlan(t.Context(), o.room, id, plan))
	require.Contains(t, o.shown()[0].Text, "Work :tada: (+32)")
	require.NoError(t, o.EditPlan(t.Context(), o.room, id, chat.PlanState{}))
}

func TestManyWorkspaces(t *testing.T) {
	t.Parallel()
	o := newOutbound(t, func(c *slack.Config) { c.BotToken, c.ClientID, c.ClientSecret = "", "1.2", "secret" })
	_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.NoError(t, o.SaveInstallation(t.Context(), fakeslack.TeamID, &slack.Installation{BotToken: fakeslack.Token}))
	ctx := slack.WithInstallation(t.Context(), fakeslack.TeamID)
	dm, err := o.OpenDM(ctx, "U0BOB")
	require.NoError(t, err)
	_, err = o.PostMessage(t.Context(), dm, &chat.Post{Text: "x"})
	require.NoError(t, err, "the conversation's workspace is remembered")
}

func TestMentionsOfKnownUsers(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	_, m := o.post(t, &chat.Post{Markdown: "@ada, hello"})
	require.Equal(t, "@ada, hello", m.Markdown, "nobody of that name was heard of")
	_, err := o.FetchUser(t.Context(), "U0ADA")
	require.NoError(t, err)
	_, m = o.post(t, &chat.Post{Markdown: "@ada, hello `@ada`"})
	require.Equal(t, "<@U0ADA>, hello `@ada`", m.Markdown)
	_, m = o.post(t, &chat.Post{Text: "hi @Ada!"})
	require.Equal(t, "hi <@U0ADA>!", m.Text)
	_, _, err = o.StreamMessage(t.Context(), o.room, pieces(nil, "hello @a", "da."), recipient)
	require.NoError(t, err)
	own := o.shown()
	require.Equal(t, "hello <@U0ADA>.", own[len(own)-1].Markdown)
}

func TestTypingIsTakenAway(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.StartTyping(t.Context(), o.room, "is looking"))
	for range 2 {
		require.NoError(t, o.StopTyping(t.Context(), o.room))
	}
	require.Equal(t, []fakeslack.Status{{Thread: o.root, Text: "is looking", Loading: "is looking"}, {Thread: o.root}, {Thread: o.root}}, o.slack.Typing("C0GENERAL", o.root))
	require.NoError(t, o.StopTyping(t.Context(), "slack:D0ADA:"), "there is none outside of threads")
	o.slack.Fail("assistant.threads.setStatus", fakeslack.Failure{Error: "missing_scope"}, fakeslack.Failure{RetryAfter: time.Second})
	require.NoError(t, o.StopTyping(t.Context(), o.room))
	require.ErrorIs(t, o.StopTyping(t.Context(), o.room), chat.ErrRateLimited)
}

// A session is marked in the thread; where Slack has none, nothing happens.
func TestSessionIsMarked(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	all := []chat.SessionStatus{chat.SessionProcessing, chat.SessionSuspended, chat.SessionActive, chat.SessionClosed}
	var want []fakeslack.Session
	for _, status := range all {
		require.NoError(t, o.MarkSession(t.Context(), o.room, status))
		want = append(want, fakeslack.Session{Thread: o.root, Status: string(status)})
	}
	require.Equal(t, want, o.slack.Sessions("C0GENERAL"))
	require.NoError(t, o.MarkSession(t.Context(), "slack:D0ADA:", chat.SessionClosed), "there is none outside of threads")
	const method = "agents.sessions.setStatus"
	for _, code := range []string{"missing_scope", "unknown_method", "feature_not_enabled", "invalid_thread_ts"} {
		o.slack.Fail(method, fakeslack.Failure{Error: code})
		require.NoError(t, o.MarkSession(t.Context(), o.room, chat.SessionClosed), code)
	}
	o.slack.Fail(method, fakeslack.Failure{RetryAfter: time.Second})
	require.ErrorIs(t, o.MarkSession(t.Context(), o.room, chat.SessionClosed), chat.ErrRateLimited)
	require.Equal(t, want, o.slack.Sessions("C0GENERAL"))
}
