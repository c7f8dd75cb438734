package lineartest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		"hello":             false,
		"@helper, look":     true,
		"please @Helper":    true,
		"`@helper`":         false,
		"```\n@helper\n```": false,
		"@helpers look":     false,
		"me@helper.example": false,
		"https://linear.app/acme/profiles/helper":   true,
		"[H](https://linear.app/acme/profiles/ada)": false,
	} {
		r := newRig(t)
		r.send(t, hook("Comment", "create", commentData("root-1", "", body)))
		m := next[*chat.Message](t, r)
		require.NotNil(t, m.Mention, body)
		require.Equal(t, want, *m.Mention, body)
	}
}

func TestWhoWroteAComment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	send := func(id, author string) *chat.Message {
		r.send(t, hook("Comment", "create", fmt.Sprintf(`"data":{"id":%q,"body":"hello","issueId":%q,"createdAt":"2026-01-01T00:00:00Z",%s}`, id, issue, author)))
		return next[*chat.Message](t, r)
	}
	m := send("c1", `"externalUser":{"id":"ext-1","name":"Bob","displayName":"bob"}`)
	require.Equal(t, "ext-1 bob", fmt.Sprint(m.Author.UserID, " ", m.Author.UserName))
	m = send("c2", `"botActor":"{\"id\":\"app-1\",\"name\":\"Zapier\"}"`)
	require.Equal(t, "app-1 true", fmt.Sprint(m.Author.UserID, " ", *m.Author.Bot))
	m = send("c3", `"botActor":"{\"name\":\"GitHub\",\"type\":\"github\"}"`)
	require.Equal(t, chat.UserID("bot:GitHub"), m.Author.UserID)
	r.send(t, hook("Comment", "create", fmt.Sprintf(`"data":{"id":"c4","body":"hello","issueId":%q}`, issue)))
	require.Equal(t, "linear:Comment.create", next[*chat.PlatformEvent](t, r).Name)
}

func TestEditsSayWhatItWas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, hook("Comment", "update", commentData("root-1", "", "new")+`,"updatedFrom":{"body":"**old**"},"actor":{"id":"`+ada+`","name":"Ada"}`))
	ev := next[*chat.MessageUpdatedEvent](t, r)
	require.Equal(t, "new old true", fmt.Sprint(ev.Message.Text, " ", ev.Previous.Text, " ", ev.Message.Edited))
	r.send(t, hook("Comment", "update", commentData("root-1", "", "new")+`,"updatedFrom":{"resolvedAt":null}`))
	require.Equal(t, "linear:Comment.update", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, hook("Comment", "remove", commentData("root-1", "", "new")))
	require.Equal(t, "new", next[*chat.MessageDeletedEvent](t, r).Previous.Text)
}

func TestReactionsToWhatIsNoComment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, data := range []string{
		fmt.Sprintf(`"data":{"id":"r1","emoji":"👍","issueId":%q,"user":%s}`, issue, adaJSON),
		fmt.Sprintf(`"data":{"id":"r2","emoji":"👍","commentId":"gone","user":%s}`, adaJSON),
		`"data":{"id":"r3","emoji":"👍","commentId":"root-1"}`,
	} {
		r.send(t, hook("Reaction", "create", data))
		require.Equal(t, "linear:Reaction.create", next[*chat.PlatformEvent](t, r).Name)
	}
	r.linear.Fail("CommentPlace", fakelinear.Failure{Status: 503, Message: "away"})
	w := r.deliver(t, hook("Reaction", "create", fmt.Sprintf(`"data":{"id":"r4","emoji":"👍","commentId":"root-1","user":%s}`, adaJSON)))
	require.Equal(t, http.StatusServiceUnavailable, w.Code, "Linear sends it again")
}

func TestMentionsInIssuesAreEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, hook("AppUserNotification", "issueMention", fmt.Sprintf(`"appUserId":%q,"notification":{"id":"n1","issueId":%q,"actor":%s}`, fakelinear.BotID, issue, adaJSON)))
	ev := next[*chat.PlatformEvent](t, r)
	require.Equal(t, fmt.Sprint("linear:AppUserNotification.issueMention linear:", issue, " ", ada), fmt.Sprint(ev.Name, " ", ev.ThreadID, " ", ev.User.UserID))
}

func TestWebhooksThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := hook("Comment", "create", commentData("root-1", "", "hello"))
	aged := func(by time.Duration) string {
		return fmt.Sprintf(`{"action":"create","type":"Comment","createdAt":"2026-01-01T00:00:00Z","organizationId":%q,"webhookTimestamp":%d,%s}`,
			fakelinear.Organization, time.Now().Add(by).UnixMilli(), commentData("old", "", "hello"))
	}
	for name, c := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"no signature":             {good, func(r *http.Request) { r.Header.Del("Linear-Signature") }, 401},
		"another's signature":      {good, func(r *http.Request) { r.Header.Set("Linear-Signature", strings.Repeat("0", 64)) }, 401},
		"the secret itself":        {good, func(r *http.Request) { r.Header.Set("Linear-Signature", secret) }, 401},
		"a signature that is none": {good, func(r *http.Request) { r.Header.Set("Linear-Signature", "not hex") }, 401},
		"two minutes old":          {aged(-2 * time.Minute), nil, 401},
		"of the future":            {aged(2 * time.Minute), nil, 401},
		"no time":                  {strings.Replace(good, `"webhookTimestamp"`, `"other"`, 1), nil, 401},
		"a time that is text":      {strings.Replace(good, `"webhookTimestamp":`, `"webhookTimestamp":"x","other":`, 1), nil, 400},
		"by GET":                   {good, func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"no JSON":                  {"hello", nil, 400},
		"half":                     {good[:len(good)/2], nil, 400},
		"a list":                   {"[]", nil, 400},
		"empty":                    {"", nil, 400},
		"no type":                  {strings.Replace(good, `"type":"Comment"`, `"type":""`, 1), nil, 400},
		"no workspace":             {strings.Replace(good, fakelinear.Organization, "", 1), nil, 400},
		"a workspace of a path":    {strings.Replace(good, fakelinear.Organization, "../x", 1), nil, 400},
		"an id of a number":        {strings.Replace(good, `"id":"root-1"`, `"id":7`, 1), nil, 400},
		"no id":                    {strings.Replace(good, `"id":"root-1"`, `"id":""`, 1), nil, 400},
		"data that is text":        {hook("Comment", "create", `"data":"x"`), nil, 400},
		"no data":                  {hook("Comment", "create", `"other":1`), nil, 400},
		"a reaction of nothing":    {hook("Reaction", "create", `"data":{}`), nil, 400},
		"too long":                 {hook("Comment", "create", commentData("root-1", "", strings.Repeat("x", 33<<20))), nil, 413},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*http.Request)
			if c.change != nil {
				changes = append(changes, c.change)
			}
			w := r.deliver(t, c.body, changes...)
			require.Equal(t, c.want, w.Code, "%s", w.Body)
			require.NotContains(t, w.Body.String(), secret)
		})
	}
	r.quiet(t)
	require.NotContains(t, r.log.String(), secret)
	require.NotContains(t, r.log.String(), fakelinear.APIKey)

	// What the future brings is an event of the platform.
	r.send(t, hook("Telepathy", "received", `"data":{"id":"t1"}`))
	require.Equal(t, "linear:Telepathy.received", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, hook("Comment", "enchant", `"data":[]`))
	require.Equal(t, "linear:Comment.enchant", next[*chat.PlatformEvent](t, r).Name)
}

// Linear sends a webhook again an hour later if it has heard no answer.
func TestRedeliveriesAreHandledOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		hook("Comment", "create", commentData("root-1", "", "hello")),
		hook("Comment", "update", commentData("root-1", "", "new")+`,"updatedFrom":{"body":"old"}`),
		hook("Issue", "update", fmt.Sprintf(`"data":{"id":%q}`, issue)),
	} {
		r.send(t, body)
		stamp := body[strings.Index(body, `"webhookTimestamp":`):]
		again := strings.Replace(body, stamp[:strings.IndexByte(stamp, ',')], fmt.Sprintf(`"webhookTimestamp":%d`, time.Now().UnixMilli()+1), 1)
		require.NotEqual(t, body, again)
		r.send(t, again)
	}
	for range 3 {
		<-r.handled
	}
	r.quiet(t)
}
