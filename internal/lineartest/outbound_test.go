package lineartest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

const inThread chat.ThreadID = "linear:" + issue + ":c:root-1"

func TestCommentsOnProjects(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), "linear:p:project-1:c:root-2", &chat.Post{Text: "yes"})
	require.NoError(t, err)
	in := r.linear.Calls("CommentCreate")[0].Variables["input"]
	require.Equal(t, map[string]any{"body": "yes", "projectId": "project-1", "parentId": "root-2"}, in)
	got, err := r.FetchMessages(t.Context(), "linear:p:project-1:c:root-2", chat.PageRequest{})
	require.NoError(t, err)
	require.Len(t, got.Items, 2)
	require.Equal(t, id, got.Items[1].ID)
	require.True(t, got.Items[1].Author.Me)
	subject, err := r.FetchSubject(t.Context(), "linear:p:project-1", "root-2")
	require.NoError(t, err)
	require.Equal(t, "project project-1 Analysis Planned", fmt.Sprint(subject.Type, " ", subject.ID, " ", subject.Title, " ", subject.Status))
}

func TestSubjectsAndNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	subject, err := r.FetchSubject(t.Context(), inThread, "root-1")
	require.NoError(t, err)
	require.Equal(t, "issue ENG-1 The engine In Progress [bug] helper", fmt.Sprint(subject.Type, " ", subject.ID, " ", subject.Title, " ", subject.Status, " ", subject.Labels, " ", subject.Author.Name))
	require.True(t, json.Valid(subject.Raw))
	info, err := r.FetchChannel(t.Context(), "linear:"+issue)
	require.NoError(t, err)
	require.Equal(t, "ENG-1: The engine", info.Name)
	u, err := r.FetchUser(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, "ada Ada Lovelace", u.UserName+" "+u.FullName)
	_, err = r.FetchUser(t.Context(), "ada00000-0000-4000-8000-00000000dead")
	require.ErrorIs(t, err, chat.ErrNotFound)
	link, err := r.Permalink(t.Context(), inThread, "root-1")
	require.NoError(t, err)
	require.Equal(t, "https://linear.app/acme/issue/ENG-1#comment-root-1", link)
	_, err = r.FetchMessage(t.Context(), "linear:another", "root-1")
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestThreadsOfAnIssue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for i := range 120 { // more than a page of the API
		r.linear.AddComment(fakelinear.Comment{ID: fmt.Sprint("more-", i), Body: "more", Issue: issue, Author: ada, At: at.Add(time.Duration(i) * time.Second)})
	}
	r.linear.AddComment(fakelinear.Comment{ID: "late", Body: "late", Issue: issue, Parent: "root-1", Author: ada, At: at.Add(time.Hour)})
	page, err := r.ListThreads(t.Context(), "linear:"+issue, chat.PageRequest{Limit: 100})
	require.NoError(t, err)
	require.Len(t, page.Items, 100)
	require.Equal(t, chat.ThreadID("linear:"+issue+":c:more-119"), page.Items[0].ID)
	page, err = r.ListThreads(t.Context(), "linear:"+issue, chat.PageRequest{Limit: 100, Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Items, 21)
	require.Empty(t, page.Next)
	last := page.Items[20]
	require.Equal(t, fmt.Sprint(inThread, 1, at.Add(time.Hour)), fmt.Sprint(last.ID, last.Replies, last.LastReplyAt))
	_, err = r.FetchMessages(t.Context(), inThread, chat.PageRequest{Cursor: "nothing"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestFilesAreUploaded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "see", Files: []chat.File{
		{Name: "a [1].txt", Content: strings.NewReader("one"), MIMEType: "text/plain"}, {Name: "b.png", Content: strings.NewReader("two")},
	}})
	require.NoError(t, err)
	posts, err := r.linear.Shown(t.Context(), inThread)
	require.NoError(t, err)
	require.Len(t, posts[0].Files, 2)
	require.Equal(t, "one two", string(posts[0].Files[0].Content)+" "+string(posts[0].Files[1].Content))
	require.Contains(t, posts[0].Text, "![b.png](")
	_, err = r.PostMessage(t.Context(), inThread, &chat.Post{Files: []chat.File{{Name: "x"}}})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failure fakelinear.Failure
		want    error
	}{
		"authentication": {fakelinear.Failure{Status: 400, Message: "no", Type: "authentication error", Code: "AUTHENTICATION_ERROR"}, chat.ErrAuthentication},
		"forbidden":      {fakelinear.Failure{Status: 200, Message: "no", Type: "forbidden"}, chat.ErrPermission},
		"feature":        {fakelinear.Failure{Status: 200, Message: "no", Type: "feature not accessible"}, chat.ErrPermission},
		"not found":      {fakelinear.Failure{Status: 200, Message: "Entity not found: Comment - private", Type: "invalid input", Code: "INPUT_ERROR"}, chat.ErrNotFound},
		"invalid":        {fakelinear.Failure{Status: 200, Message: "private words", Type: "invalid input", Code: "INPUT_ERROR"}, chat.ErrInvalid},
		"user":           {fakelinear.Failure{Status: 200, Message: "private words", Type: "user error"}, chat.ErrInvalid},
		"usage":          {fakelinear.Failure{Status: 200, Message: "private words", Type: "usage limit exceeded"}, chat.ErrPermission},
		"internal":       {fakelinear.Failure{Status: 200, Message: "private words", Type: "internal error"}, chat.ErrTemporary},
		"lock":           {fakelinear.Failure{Status: 200, Message: "private words", Type: "lock timeout"}, chat.ErrTemporary},
		"network":        {fakelinear.Failure{Status: 200, Message: "private words", Type: "network error"}, chat.ErrTemporary},
		"bad gateway":    {fakelinear.Failure{Status: 502, Body: "<html>private words</html>"}, chat.ErrTemporary},
		"no JSON":        {fakelinear.Failure{Status: 200, Body: "private words"}, chat.ErrTemporary},
		"nothing":        {fakelinear.Failure{Status: 200, Body: `{"data":null}`}, chat.ErrTemporary},
		"limited": {
			fakelinear.Failure{Status: 400, Message: "no", Type: "ratelimited", Code: "RATELIMITED", Header: map[string]string{"X-RateLimit-Requests-Remaining": "0"}},
			chat.ErrRateLimited,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if name == "limited" {
				c.failure.Header["X-RateLimit-Requests-Reset"] = fmt.Sprint(time.Now().Add(90 * time.Second).UnixMilli())
			}
			r.linear.Fail("CommentCreate", c.failure)
			_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "private")
			if name == "limited" {
				var failure *chat.PlatformError
				require.ErrorAs(t, err, &failure)
				require.InDelta(t, 90, failure.RetryAfter.Seconds(), 30)
			}
		})
	}
}

func ownToken(c *linear.Config) {
	c.APIKey, c.ClientCredentials = "", linear.ClientCredentials{ClientID: fakelinear.ClientID, ClientSecret: fakelinear.ClientSecret}
	c.EncryptionKeys = []string{strings.Repeat("ab", 32)}
}

func TestTokensOfClientCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, ownToken)
	for range 3 {
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
		require.NoError(t, err)
	}
	require.Len(t, r.linear.Calls("token"), 1, "a token is fetched once")
	used := strings.TrimPrefix(r.linear.Calls("CommentCreate")[0].Authorization, "Bearer ")
	r.linear.Revoke(used)
	other := newRigOn(t, r.linear, r.state, ownToken) // another instance, which has not just fetched it
	_, err := other.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
	require.NoError(t, err, "one that is refused is fetched again")
	_, err = r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
	require.NoError(t, err, "by one instance for all")
	require.Len(t, r.linear.Calls("token"), 2)
	kept, err := r.state.Get(t.Context(), "linear:installation:client-credentials")
	require.NoError(t, err)
	require.NotContains(t, string(kept), "lin_oauth_", "it is encrypted")
}

func manyWorkspaces(c *linear.Config) {
	c.APIKey, c.OAuth = "", linear.OAuth{ClientID: fakelinear.ClientID, ClientSecret: fakelinear.ClientSecret, RedirectURL: "https://bot.example/webhooks/linear/oauth/callback"}
}

// An issue can be delegated only to an app with the scope app:assignable.
// https://linear.app/developers/agents
func TestAnAgentAsksForItsScopes(t *testing.T) {
	t.Parallel()
	r := newRig(t, manyWorkspaces, func(c *linear.Config) { c.Mode = linear.ModeAgentSessions })
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/linear/install", nil))
	to, err := w.Result().Location()
	require.NoError(t, err)
	require.Equal(t, "read,write,comments:create,issues:create,app:assignable,app:mentionable", to.Query().Get("scope"))
}

func TestInstallationsOfAnApp(t *testing.T) {
	t.Parallel()
	r := newRig(t, manyWorkspaces)
	get := func(path string, cookies []*http.Cookie) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for _, c := range cookies {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		return w
	}
	begin := get("/webhooks/linear/install", nil)
	require.Equal(t, http.StatusFound, begin.Code)
	to, err := begin.Result().Location()
	require.NoError(t, err)
	require.Equal(t, "https://linear.app/oauth/authorize app read,write,comments:create,issues:create", fmt.Sprint("https://", to.Host, to.Path, " ", to.Query().Get("actor"), " ", to.Query().Get("scope")))
	callback := "/webhooks/linear/oauth/callback?code=" + fakelinear.Code + "&state=" + to.Query().Get("state")
	require.NotEqual(t, http.StatusOK, get(callback, nil).Code, "another browser")
	done := get(callback, begin.Result().Cookies())
	require.Equal(t, http.StatusOK, done.Code, done.Body)
	require.Equal(t, fakelinear.Organization, next[*chat.InstallationEvent](t, r).Workspace)
	kept, err := r.Installation(t.Context(), fakelinear.Organization)
	require.NoError(t, err)
	require.Equal(t, chat.UserID(fakelinear.BotID), kept.BotUserID)

	// It is written in the TypeScript SDK's form.
	data, err := r.state.Get(t.Context(), "linear:installation:"+fakelinear.Organization)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(data, &fields))
	require.IsType(t, float64(0), fields["expiresAt"])

	// The bot writes where it has heard of the issue, and says so where it has not.
	_, err = r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
	require.ErrorIs(t, err, chat.ErrNotFound)
	require.ErrorContains(t, err, "WithWorkspace")
	_, err = r.PostMessage(linear.WithWorkspace(t.Context(), fakelinear.Organization), inThread, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	r.send(t, hook("Comment", "create", commentData("root-1", "", "hello")))
	next[*chat.Message](t, r)
	_, err = r.PostMessage(t.Context(), "linear:"+issue, &chat.Post{Text: "hello"})
	require.NoError(t, err)

	// A token that has ended is exchanged.
	ended := *kept
	ended.ExpiresAt = time.Now().Add(-time.Hour)
	require.NoError(t, r.SaveInstallation(t.Context(), &ended))
	_, err = r.PostMessage(t.Context(), "linear:"+issue, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	now, err := r.Installation(t.Context(), fakelinear.Organization)
	require.NoError(t, err)
	require.NotEqual(t, kept.AccessToken, now.AccessToken)

	r.send(t, hook("OAuthApp", "revoked", `"oauthClientId":"c"`))
	require.False(t, next[*chat.InstallationEvent](t, r).Installed)
	_, err = r.Installation(t.Context(), fakelinear.Organization)
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestConfigThatIsWrong(t *testing.T) {
	t.Parallel()
	right := linear.Config{WebhookSecret: secret, APIKey: "secret-key"}
	for field, change := range map[string]func(*linear.Config){
		"WebhookSecret":     func(c *linear.Config) { c.WebhookSecret = "" },
		"Mode":              func(c *linear.Config) { c.Mode = "issues" },
		"AccessToken":       func(c *linear.Config) { c.AccessToken = "secret-token" },
		"APIKey":            func(c *linear.Config) { c.APIKey = "" },
		"APIKey has":        func(c *linear.Config) { c.APIKey = "secret key" },
		"ClientCredentials": func(c *linear.Config) { c.APIKey, c.ClientCredentials.ClientID = "", "a" },
		"OAuth needs":       func(c *linear.Config) { c.APIKey, c.OAuth.ClientSecret = "", "secret-b" },
		"RedirectURL":       func(c *linear.Config) { c.APIKey, c.OAuth = "", linear.OAuth{ClientID: "a", ClientSecret: "secret-b"} },
		"APIURL":            func(c *linear.Config) { c.APIURL = "ftp://secret@host" },
		"EncryptionKeys":    func(c *linear.Config) { c.EncryptionKeys = []string{"secret-short"} },
	} {
		cfg := right
		change(&cfg)
		_, err := linear.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
		require.NotContains(t, err.Error(), "secret-")
	}
	_, err := linear.New(right)
	require.NoError(t, err)
}

func TestAPIBelowAPath(t *testing.T) {
	t.Parallel()
	s := newLinear(t)
	to, err := url.Parse(s.URL)
	require.NoError(t, err)
	to.Path = ""
	proxy := httptest.NewServer(http.StripPrefix("/linear/v1", httputil.NewSingleHostReverseProxy(to)))
	t.Cleanup(proxy.Close)
	r := newRigOn(t, s, botrig.Memory(t), ownToken, func(c *linear.Config) { c.APIURL = proxy.URL + "/linear/v1/graphql" })
	_, err = r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	require.Len(t, s.Calls("token"), 1)
}

func TestWrongQueriesAreRefused(t *testing.T) {
	t.Parallel()
	for query, variables := range map[string]map[string]any{
		`query A { viewer { id login } }`: nil,
		`query A { issue { id } }`:        nil,
		`mutation A($input: CommentCreateInput!) { commentCreate(input: $input) { success } }`:             {"input": map[string]any{"text": "x"}},
		`mutation A($input: ReactionCreateInput!) { reactionCreate(input: $input) { success } }`:           {"input": map[string]any{"commentId": "c"}},
		`mutation A($input: AgentActivityCreateInput!) { agentActivityCreate(input: $input) { success } }`: {"input": map[string]any{"agentSessionId": "s", "signal": "wave", "content": map[string]any{}}},
		`mutation A { fileUpload(contentType: "a/b", filename: "c") { success } }`:                         nil,
		`query A($id: String!) { comment(id: $id) { externalUser { url } } }`:                              {"id": "c"},
	} {
		require.Error(t, fakelinear.CheckQuery(map[string]any{"query": query, "variables": variables}), query)
	}
}
