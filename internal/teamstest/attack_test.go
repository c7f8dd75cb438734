package teamstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

func TestActivitiesThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := message(thread, "1767224937245", "hello")
	for name, c := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"by GET":                      {good, func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"no JSON":                     {"hello", nil, 400},
		"half":                        {good[:len(good)/2], nil, 400},
		"doubled":                     {good + good, nil, 400},
		"a list":                      {"[" + good + "]", nil, 400},
		"empty":                       {"", nil, 400},
		"null":                        {"null", nil, 401},
		"another channel":             {activity("message", thread, map[string]any{"channelId": "webchat", "text": "x"}), nil, 400},
		"no channel":                  {activity("message", thread, map[string]any{"channelId": nil, "text": "x"}), nil, 400},
		"no type":                     {activity("", thread, nil), nil, 400},
		"a type of a number":          {activity("", thread, map[string]any{"type": 7}), nil, 400},
		"no conversation":             {activity("message", thread, map[string]any{"conversation": nil, "text": "x"}), nil, 400},
		"a conversation of a path":    {activity("message", thread, map[string]any{"conversation": map[string]any{"id": ".."}, "text": "x"}), nil, 400},
		"a conversation with a break": {activity("message", thread, map[string]any{"conversation": map[string]any{"id": "19:x\nInjected: 1"}, "text": "x"}), nil, 400},
		"a root that is no number":    {activity("message", thread, map[string]any{"conversation": map[string]any{"id": channel + ";messageid=../1"}, "text": "x"}), nil, 400},
		"an id of a number":           {activity("message", thread, map[string]any{"id": 7, "text": "x"}), nil, 400},
		"no id":                       {activity("message", thread, map[string]any{"id": "", "text": "x"}), nil, 400},
		"an id of a path":             {activity("message", thread, map[string]any{"id": "..", "text": "x"}), nil, 400},
		"nobody":                      {activity("message", thread, map[string]any{"from": nil, "text": "x"}), nil, 400},
		"a text of a number":          {activity("message", thread, map[string]any{"text": 7}), nil, 400},
		"attachments of text":         {activity("message", thread, map[string]any{"text": "x", "attachments": "y"}), nil, 400},
		"entities of numbers":         {activity("message", thread, map[string]any{"text": "x", "entities": []any{1}}), nil, 400},
		"an edit without an id":       {activity("messageUpdate", thread, map[string]any{"id": "", "text": "x"}), nil, 400},
		"a deletion without an id":    {activity("messageDelete", thread, map[string]any{"id": ""}), nil, 400},
		"a reaction to nothing":       {activity("messageReaction", channel, map[string]any{"reactionsAdded": []any{map[string]any{"type": "like"}}}), nil, 400},
		"an invoke without a name":    {activity("invoke", thread, nil), nil, 400},
		"a fetch without a value":     {activity("invoke", thread, map[string]any{"name": "task/fetch"}), nil, 400},
		"a fetch of text":             {activity("invoke", thread, map[string]any{"name": "task/fetch", "value": "x"}), nil, 400},
		"a submission of a list":      {activity("invoke", thread, map[string]any{"name": "task/submit", "value": []any{}}), nil, 400},
		"a search of numbers":         {activity("invoke", thread, map[string]any{"name": "application/search", "value": map[string]any{"queryText": 7}}), nil, 400},
		"an action of text":           {activity("invoke", thread, map[string]any{"name": "adaptiveCard/action", "value": map[string]any{"action": "x"}}), nil, 400},
		"a consent of a list":         {activity("invoke", personal, map[string]any{"name": "fileConsent/invoke", "value": []any{}}), nil, 400},
		"too long":                    {message(thread, "1767224937245", strings.Repeat("x", 33<<20)), nil, 413},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*http.Request)
			if c.change != nil {
				changes = append(changes, c.change)
			}
			w := r.deliver(t, c.body, changes...)
			require.Equal(t, c.want, w.Code, "%s", w.Body)
			require.NotContains(t, w.Body.String(), "Injected")
		})
	}
	r.quiet(t)
	require.NotContains(t, r.log.String(), faketeams.AppPassword)
}

// What the future brings is an event of the platform.
func TestActivitiesOfTheFuture(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, body := range map[string]string{
		"teams:telepathy":                            activity("telepathy", thread, nil),
		"teams:typing":                               activity("typing", thread, nil),
		"teams:channelCreated":                       activity("conversationUpdate", thread, map[string]any{"channelData": map[string]any{"eventType": "channelCreated"}}),
		"teams:installationUpdate":                   activity("installationUpdate", thread, map[string]any{"action": "add-upgrade"}),
		"teams:message":                              activity("message", thread, nil),
		"teams:composeExtension/query":               activity("invoke", thread, map[string]any{"name": "composeExtension/query", "value": map[string]any{"commandId": "c"}}),
		"teams:task/fetch":                           activity("invoke", thread, map[string]any{"name": "task/fetch", "value": map[string]any{"data": "of another bot's card"}}),
		"teams:task/submit":                          activity("invoke", thread, map[string]any{"name": "task/submit", "value": map[string]any{"data": map[string]any{"x": 1}}}),
		"teams:application/vnd.microsoft.meetingEnd": activity("event", thread, map[string]any{"name": "application/vnd.microsoft.meetingEnd"}),
	} {
		w := r.deliver(t, body)
		require.Equal(t, 200, w.Code, "%s %s", name, w.Body)
		require.Equal(t, name, next[*chat.PlatformEvent](t, r).Name)
	}
	r.quiet(t)
}

func TestFormattedMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	html := func(source string) map[string]any {
		return map[string]any{"text": "the plain text", "attachments": []any{map[string]any{"contentType": "text/html", "content": source}}}
	}
	for source, want := range map[string]string{
		`<p><span itemtype="http://schema.skype.com/Mention" itemscope="" itemid="0">The Bot</span>&nbsp;<strong>do</strong> it</p>`: "@The Bot do it",
		`<div>one<br>two</div><ul><li>three</li></ul>`:               "one\ntwo\n\nthree",
		`<p>a &lt;b&gt; &amp; c</p>`:                                 "a <b> & c",
		`<p>x <emoji alt="🙂" title="Smile"></emoji></p>`:             "x 🙂",
		`<codeblock class="Go"><code>if a {<br>}</code></codeblock>`: "if a {\n}",
		`<script>alert(1)</script><p>y</p>`:                          "y",
		strings.Repeat("<div>", 600) + "deep":                        "the plain text",
		strings.Repeat("<b>", 100_000) + "wide":                      "the plain text",
	} {
		r.send(t, activity("message", thread, html(source)))
		m := next[*chat.Message](t, r)
		require.Equal(t, want, strings.TrimSpace(m.Text), "%.100s", source)
	}
	for text, want := range map[string]string{
		"<at>The Bot</at> a <b>": "@The Bot a <b>", "<at id=\"0\">A B</at>&nbsp;x": "@A B x", "<at>open": "<at>open", "<attic>": "<attic>", "a <at": "a <at",
	} {
		r.send(t, message(thread, fmt.Sprint(1767224938000+len(want)), text))
		require.Equal(t, want, next[*chat.Message](t, r).Text)
	}
}

// Every documented refusal has its meaning, and quotes nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		want   error
	}{
		{400, "Bad Argument", chat.ErrInvalid},
		{401, "BotNotRegistered", chat.ErrAuthentication},
		{403, "BotDisabledByAdmin", chat.ErrPermission},
		{403, "BotNotInConversationRoster", chat.ErrPermission},
		{404, "BotNotInConversationRoster", chat.ErrPermission},
		{403, "ConversationBlockedByUser", chat.ErrPermission},
		{403, "ForbiddenOperationException", chat.ErrPermission},
		{403, "InvalidBotApiHost", chat.ErrPermission},
		{403, "NotEnoughPermissions", chat.ErrPermission},
		{404, "ActivityNotFoundInConversation", chat.ErrNotFound},
		{404, "ConversationNotFound", chat.ErrNotFound},
		{412, "PreconditionFailed", chat.ErrTemporary},
		{413, "MessageSizeTooBig", chat.ErrInvalid},
		{429, "Throttled", chat.ErrRateLimited},
		{500, "ServiceError", chat.ErrTemporary},
		{502, "ServiceError", chat.ErrTemporary},
		{503, "", chat.ErrTemporary},
		{504, "", chat.ErrTemporary},
		{418, "<script>", chat.ErrInvalid},
	} {
		r := newRig(t)
		failure := faketeams.Failure{Status: c.status, Code: c.code, Message: "You said: the secret text"}
		r.teams.Fail("sendToConversation", failure, failure, failure, failure)
		_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "the secret text"})
		require.ErrorIs(t, err, c.want, "%d %s", c.status, c.code)
		require.NotContains(t, err.Error(), "secret text")
		require.NotContains(t, err.Error(), "<script>")
	}
	// A collision with another call passes.
	r := newRig(t)
	r.teams.Fail("sendToConversation", faketeams.Failure{Status: 412, Code: "PreconditionFailed"})
	_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "x"})
	require.NoError(t, err)
	for _, body := range []string{"", "{}", `{"id":""}`, `{"id":7}`, "<html>", `{"id":".."}`, `{"id":"a b"}`} {
		r.teams.Fail("sendToConversation", faketeams.Failure{Status: 201, Body: body + " "})
		_, err := r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Text: "x"})
		require.ErrorIs(t, err, chat.ErrTemporary, body)
	}
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(thread)
	id, err := r.PostMessage(t.Context(), where, &chat.Post{Text: "x"})
	require.NoError(t, err)
	for name, want := range map[string]string{"thumbs_up": "like", "heart": "heart", "eyes": "1f440_eyes", "👀": "1f440_eyes", "1f44b_wavinghand": "1f44b_wavinghand"} {
		require.NoError(t, r.AddReaction(t.Context(), where, id, name), name)
		posts, err := r.teams.Shown(t.Context(), where)
		require.NoError(t, err)
		require.Contains(t, posts[0].Reactions, want)
		require.NoError(t, r.RemoveReaction(t.Context(), where, id, name))
	}
	require.ErrorIs(t, r.AddReaction(t.Context(), where, id, ""), chat.ErrInvalidArgument)
	require.ErrorIs(t, r.AddReaction(t.Context(), where, id, "pizza"), errors.ErrUnsupported)
	require.ErrorIs(t, r.AddReaction(t.Context(), where, id, "../x"), errors.ErrUnsupported)
	for raw, want := range map[string]string{"like": "thumbs_up", "1f440_eyes": "eyes", "launch": "rocket", "1f44b_wavinghand-tone5": "wave", "fffffff_x": "fffffff_x", "new": "new"} {
		r.send(t, activity("messageReaction", thread, map[string]any{"replyToId": root, "reactionsRemoved": []any{map[string]any{"type": raw}}}))
		ev := next[*chat.ReactionEvent](t, r)
		require.Equal(t, want+" false "+raw, fmt.Sprint(string(ev.Emoji), " ", ev.Added, " ", ev.RawEmoji))
	}
}

func TestWhatTeamsIsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	send := func(where chat.ThreadID, post *chat.Post) string {
		id, err := r.PostMessage(t.Context(), where, post)
		require.NoError(t, err)
		data, err := json.Marshal(r.teams.Activity(id))
		require.NoError(t, err)
		return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
	}
	require.Contains(t, send(faketeams.Thread(thread), &chat.Post{Text: "one\ntwo"}), `"text":"one  \ntwo"`, "line endings are seen")
	require.Contains(t, send(faketeams.Thread(thread), &chat.Post{Text: "    x  y"}), `&nbsp;&nbsp;&nbsp;&nbsp;x &nbsp;y`, "so are spaces")
	require.Contains(t, send(faketeams.Thread(thread), &chat.Post{Markdown: "# Head\n\n---\n\n![alt](https://example.com/p.png)"}), `"**Head**\n\n———\n\n[alt](https://example.com/p.png)"`)
	require.Contains(t, send(faketeams.Thread(thread), &chat.Post{Text: "<@" + ada + ">"}), `"text":"<at>Ada Lovelace</at>"`)
	require.Contains(t, send(faketeams.Thread(thread), &chat.Post{Raw: "<b>x</b>"}), `"text":"<b>x</b>"`)
	sent := send(faketeams.Thread(personal), &chat.Post{Card: card.New("", card.NewText("Tea?"), teams.SuggestedActions("Yes", "No", "Later", "Never"))})
	require.Contains(t, sent, `"suggestedActions"`)
	require.NotContains(t, sent, "Never", "Teams shows three")
	long := make([][]string, 400)
	for i := range long {
		long[i] = []string{fmt.Sprint("row ", i), strings.Repeat("x", 100)}
	}
	id, err := r.PostMessage(t.Context(), faketeams.Thread(group), chat.Card(card.New("Long", card.NewTable([]string{"A", "B"}, long...))))
	require.NoError(t, err)
	posts, err := r.teams.Shown(t.Context(), faketeams.Thread(group))
	require.NoError(t, err)
	require.Greater(t, len(posts), 1)
	all := ""
	for _, p := range posts {
		all += p.Text
	}
	for i := range long {
		require.Contains(t, all, fmt.Sprint("row ", i))
	}
	require.NoError(t, r.DeleteMessage(t.Context(), faketeams.Thread(group), id))
}

// The fake refuses what the documentation does not allow.
func TestTheFakeRefusesWrongActivities(t *testing.T) {
	t.Parallel()
	good := map[string]any{"type": "message", "text": "x", "textFormat": "markdown"}
	require.NoError(t, faketeams.CheckActivity(good))
	adaptive := func(element map[string]any) map[string]any {
		return map[string]any{"attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": map[string]any{
			"type": "AdaptiveCard", "version": "1.5", "body": []any{element},
		}}}}
	}
	many := []any{}
	for range 7 {
		many = append(many, map[string]any{"type": "Action.Submit", "title": "x"})
	}
	for name, change := range map[string]map[string]any{
		"an unknown field":       {"colour": "red"},
		"a wrong type":           {"text": 7.0},
		"no text":                {"text": " "},
		"another kind":           {"type": "trace"},
		"another format":         {"textFormat": "html"},
		"a mention not in it":    {"entities": []any{map[string]any{"type": "mention", "text": "<at>A</at>", "mentioned": map[string]any{"id": "29:a", "name": "A"}}}},
		"a file elsewhere":       {"attachments": []any{map[string]any{"contentType": "image/png", "contentUrl": "file:///x"}}},
		"an attachment's field":  {"attachments": []any{map[string]any{"contentType": "image/png", "size": 1.0}}},
		"an unknown element":     adaptive(map[string]any{"type": "Carousel"}),
		"an element's property":  adaptive(map[string]any{"type": "TextBlock", "text": "x", "colour": "red"}),
		"an element without one": adaptive(map[string]any{"type": "TextBlock"}),
		"too many actions":       adaptive(map[string]any{"type": "ActionSet", "actions": many}),
		"a stream without order": {"type": "typing", "entities": []any{map[string]any{"type": "streaminfo", "streamType": "streaming"}}},
		"an end with an order":   {"entities": []any{map[string]any{"type": "streaminfo", "streamType": "final", "streamId": "1", "streamSequence": 2.0}}},
		"four suggestions":       {"suggestedActions": map[string]any{"actions": []any{map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}}}},
	} {
		body := maps.Clone(good)
		maps.Copy(body, change)
		require.Error(t, faketeams.CheckActivity(body), name)
	}
}
