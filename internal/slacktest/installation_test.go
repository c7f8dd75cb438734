package slacktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	key1 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	key2 = "/////////////////////////////////////////v8=" // in base64
)

func withKeys(keys ...string) func(*slack.Config) {
	return func(c *slack.Config) {
		many(c)
		c.EncryptionKeys = keys
	}
}

func TestInstallationsAreStoredAsTypeScript(t *testing.T) {
	t.Parallel()
	r := newRig(t, many)
	ctx, st := t.Context(), r.host.state
	want := &slack.Installation{BotToken: "xoxb-one", BotUserID: "U0BOT", TeamName: "One", EnterpriseID: "E0ONE"}
	require.NoError(t, r.SaveInstallation(ctx, "T0ONE", want))
	kept, err := st.Get(ctx, "slack:installation:T0ONE")
	require.NoError(t, err)
	require.JSONEq(t, `{"botToken":"xoxb-one","botUserId":"U0BOT","teamName":"One","enterpriseId":"E0ONE"}`, string(kept))
	got, err := r.Installation(ctx, "T0ONE")
	require.NoError(t, err)
	require.Equal(t, want, got)

	_, err = r.Installation(ctx, "T0TWO")
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = r.Installation(ctx, "a:b")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.ErrorIs(t, r.SaveInstallation(ctx, "T0TWO", &slack.Installation{}), chat.ErrInvalidArgument)
	require.NoError(t, r.DeleteInstallation(ctx, "T0ONE"))
	require.NoError(t, r.DeleteInstallation(ctx, "T0ONE"))
	_, err = r.Installation(ctx, "T0ONE")
	require.ErrorIs(t, err, chat.ErrNotFound)
}

// TestTokensAreEncrypted checks what is stored, the change of keys, and a token
// that the TypeScript SDK encrypted.
func TestTokensAreEncrypted(t *testing.T) {
	t.Parallel()
	old := newRig(t, withKeys(key1))
	ctx := t.Context()
	require.NoError(t, old.SaveInstallation(ctx, "T0ONE", &slack.Installation{BotToken: "xoxb-one"}))
	kept, err := old.host.state.Get(ctx, "slack:installation:T0ONE")
	require.NoError(t, err)
	require.NotContains(t, string(kept), "xoxb-one")
	require.Regexp(t, `^\{"botToken":\{"iv":"[^"]{16}","data":"[^"]+","tag":"[^"]{24}"\}\}$`, string(kept))

	// Made by encryptToken of the npm package with key1.
	const typescript = `{"botToken":{"iv":"4eojMtKvUhLvenre","data":"ZrKJRvnMi8A=","tag":"+W/N/UbZgoPqcr8IwO1JVA=="},"botUserId":"U0BOT"}`
	for name, stored := range map[string]string{"ours": string(kept), "TypeScript's": typescript, "plain": `{"botToken":"xoxb-one"}`} {
		rotated := newRig(t, withKeys(key2, key1))
		require.NoError(t, rotated.host.state.Set(ctx, "slack:installation:T0ONE", []byte(stored), 0))
		got, err := rotated.Installation(ctx, "T0ONE")
		require.NoError(t, err, name)
		require.Equal(t, "xoxb-one", got.BotToken, name)
		again, err := rotated.host.state.Get(ctx, "slack:installation:T0ONE")
		require.NoError(t, err)
		require.NotEqual(t, stored, string(again), "encrypted with the first key")
		require.NotContains(t, string(again), "xoxb-one")
		first := newRigOn(t, rotated, withKeys(key2))
		got, err = first.Installation(ctx, "T0ONE")
		require.NoError(t, err, name)
		require.Equal(t, "xoxb-one", got.BotToken, name)
		kept, err := first.host.state.Get(ctx, "slack:installation:T0ONE")
		require.NoError(t, err)
		require.Equal(t, again, kept, "it stays as it is")
	}
	for _, keys := range [][]string{{key2}, nil} {
		other := newRig(t, withKeys(keys...))
		require.NoError(t, other.host.state.Set(ctx, "slack:installation:T0ONE", kept, 0))
		_, err = other.Installation(ctx, "T0ONE")
		require.ErrorContains(t, err, "EncryptionKeys")
		require.NotContains(t, err.Error(), "xoxb")
	}
}

// TestEventsOfManyWorkspaces checks whose token is used, and what a workspace
// without the app is told.
func TestEventsOfManyWorkspaces(t *testing.T) {
	t.Parallel()
	r := newRig(t, many)
	ctx := t.Context()
	var tokens []string
	r.api.answer("users.info", func(args url.Values, token string) any {
		tokens = append(tokens, token)
		return object{"ok": true, "user": object{"id": args.Get("user"), "name": "ada"}}
	})
	require.Empty(t, r.event(t, callback(aMessage)), "the app is not installed there")
	require.NoError(t, r.SaveInstallation(ctx, "T0ONE", &slack.Installation{BotToken: "xoxb-one", BotUserID: "U0BOT"}))
	m := one[*chat.Message](t, r.event(t, callback(aMessage)))
	require.Equal(t, "ada", m.Author.UserName)
	require.Equal(t, []string{"xoxb-one"}, tokens)

	_, err := r.host.state.Get(ctx, "slack:user:T0ONE:U0ADA")
	require.NoError(t, err, "each installation keeps its own names")
	origin, err := r.host.state.Get(ctx, "slack:installation-of:C0ONE")
	require.NoError(t, err)
	require.JSONEq(t, `{"installation":"T0ONE"}`, string(origin))

	info, err := r.FetchChannel(ctx, "slack:C0ONE")
	require.NoError(t, err)
	require.Equal(t, &chat.ChannelInfo{ID: "slack:C0ONE", Name: "general", Members: 7, Visibility: chat.VisibilityWorkspace}, info)
	_, err = r.FetchChannel(ctx, "slack:C0TWO")
	require.ErrorIs(t, err, chat.ErrAuthentication, "nothing says where it is")
	_, err = r.FetchChannel(slack.WithInstallation(ctx, "T0ONE"), "slack:C0TWO")
	require.NoError(t, err)
	_, err = r.FetchChannel(slack.WithInstallation(ctx, "T0TWO"), "slack:C0TWO")
	require.ErrorIs(t, err, chat.ErrNotFound)
	user, err := r.FetchUser(ctx, "U0ADA")
	require.NoError(t, err)
	require.Equal(t, "ada", user.UserName)

	again := newRigOn(t, r, many)
	_, err = again.FetchChannel(ctx, "slack:C0ONE")
	require.NoError(t, err, "another instance knows it too")
}

func TestEnterpriseInstallation(t *testing.T) {
	t.Parallel()
	r := newRig(t, many)
	require.NoError(t, r.SaveInstallation(t.Context(), "E0ONE", &slack.Installation{BotToken: "xoxb-org", EnterpriseID: "E0ONE", Enterprise: true}))
	body := strings.Replace(callback(aMessage), `"enterprise_id":null,"team_id":"T0ONE","user_id":"U0BOT","is_bot":true,"is_enterprise_install":false`,
		`"enterprise_id":"E0ONE","team_id":"T0ONE","user_id":"U0BOT","is_bot":true,"is_enterprise_install":true`, 1)
	one[*chat.Message](t, r.event(t, body))
	origin, err := r.host.state.Get(t.Context(), "slack:installation-of:C0ONE")
	require.NoError(t, err)
	require.JSONEq(t, `{"installation":"E0ONE","team":"T0ONE"}`, string(origin))

	got := r.interacted(t, `{"type":"shortcut","user":{"id":"U0ADA"},"team":{"id":"T0ONE"},"enterprise":{"id":"E0ONE"},"is_enterprise_install":true,"callback_id":"x","trigger_id":"1.2.abc"}`)
	require.Equal(t, "E0ONE:1.2.abc", data[slack.Shortcut](t, one[*chat.PlatformEvent](t, got)).TriggerID, "a trigger says whose it is")

	w := serve(r, request(formType, url.Values{"command": {"/x"}, "user_id": {"U0ADA"}, "team_id": {"T0ONE"}, "enterprise_id": {"E0ONE"}, "is_enterprise_install": {"true"}, "trigger_id": {"1.2.abc"}}.Encode()))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "E0ONE:1.2.abc", one[*chat.SlashCommandEvent](t, r.host.taken()).TriggerID)
}

func TestUninstalled(t *testing.T) {
	t.Parallel()
	r := newRig(t, many)
	ctx := t.Context()
	stored := func() bool {
		_, err := r.host.state.Get(ctx, "slack:installation:T0ONE")
		return err == nil
	}
	require.NoError(t, r.SaveInstallation(ctx, "T0ONE", &slack.Installation{BotToken: "xoxb-one"}))
	require.Empty(t, r.event(t, callback(`{"type":"tokens_revoked","tokens":{"oauth":["U0ADA"]}}`)), "somebody's own token")
	require.Empty(t, r.event(t, callback(`{"type":"app_uninstalled"}`)), "the token works: the app was installed again")
	require.True(t, stored())

	r.api.answer("auth.test", func(url.Values, string) any { return object{"ok": false, "error": "fatal_error"} })
	require.Equal(t, http.StatusServiceUnavailable, serve(r, request(jsonType, callback(`{"type":"app_uninstalled"}`))).Code, "Slack does not know now")
	require.True(t, stored())

	r.api.answer("auth.test", func(url.Values, string) any { return object{"ok": false, "error": "account_inactive"} })
	ev := one[*chat.InstallationEvent](t, r.event(t, callback(`{"type":"tokens_revoked","tokens":{"bot":["U0BOT"]}}`)))
	require.Equal(t, "T0ONE", ev.Workspace)
	require.False(t, ev.Installed)
	require.False(t, stored())
	require.Empty(t, r.event(t, callback(`{"type":"app_uninstalled"}`)), "the other of the two events")

	single := newRig(t, nil)
	require.Equal(t, "T0ONE", one[*chat.InstallationEvent](t, single.event(t, callback(`{"type":"app_uninstalled"}`))).Workspace)
}

// newRigOn is another instance on the same state and API.
func newRigOn(t *testing.T, r *rig, change func(*slack.Config)) *rig {
	t.Helper()
	config := slack.Config{SigningSecret: signingSecret, BotToken: botToken, APIURL: r.api.URL, LookupTimeout: patience}
	change(&config)
	adapter, err := slack.New(config)
	require.NoError(t, err)
	h := &host{state: r.host.state}
	require.NoError(t, adapter.Attach(h))
	return &rig{Adapter: adapter, host: h, api: r.api}
}

// browser keeps cookies between requests.
type browser struct{ cookies map[string]*http.Cookie }

func (b *browser) get(r *rig, target string) *http.Response {
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for _, c := range b.cookies {
		req.AddCookie(c)
	}
	response := serve(r, req).Result()
	if b.cookies == nil {
		b.cookies = map[string]*http.Cookie{}
	}
	for _, c := range response.Cookies() {
		b.cookies[c.Name] = c
	}
	return response
}

// begin follows /install and returns the state parameter.
func (b *browser) begin(t *testing.T, r *rig) string {
	t.Helper()
	response := b.get(r, "/install")
	require.Equal(t, http.StatusFound, response.StatusCode)
	target, err := url.Parse(response.Header.Get("Location"))
	require.NoError(t, err)
	require.Equal(t, "slack.com", target.Host)
	require.Equal(t, "12.34", target.Query().Get("client_id"))
	require.Contains(t, target.Query().Get("scope"), "chat:write")
	require.Equal(t, "https://bot.example/webhooks/slack/oauth/callback", target.Query().Get("redirect_uri"))
	return target.Query().Get("state")
}

func oauthRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, func(c *slack.Config) {
		many(c)
		c.RedirectURL = "https://bot.example/webhooks/slack/oauth/callback"
	})
	r.api.answer("oauth.v2.access", func(args url.Values, _ string) any {
		if args.Get("code") != "good" || args.Get("client_id") != "12.34" || args.Get("client_secret") != "client-secret" || args.Get("redirect_uri") == "" {
			return object{"ok": false, "error": "invalid_code"}
		}
		return object{
			"ok": true, "access_token": "xoxb-new", "token_type": "bot", "bot_user_id": "U0BOT",
			"team": object{"id": "T0ONE", "name": "One"}, "enterprise": nil, "is_enterprise_install": false, "authed_user": object{"id": "U0ADA"},
		}
	})
	return r
}

func TestInstall(t *testing.T) {
	t.Parallel()
	r := oauthRig(t)
	var b browser
	state1 := b.begin(t, r)
	require.True(t, b.cookies["chat_slack_oauth"].HttpOnly)
	require.True(t, b.cookies["chat_slack_oauth"].Secure)
	require.Equal(t, http.SameSiteLaxMode, b.cookies["chat_slack_oauth"].SameSite)
	response := b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(state1))
	require.Equal(t, http.StatusOK, response.StatusCode)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "installed")
	ev := one[*chat.InstallationEvent](t, r.host.taken())
	require.Equal(t, "T0ONE", ev.Workspace)
	require.True(t, ev.Installed)
	require.Equal(t, chat.UserID("U0ADA"), ev.User.UserID)
	got, err := r.Installation(t.Context(), "T0ONE")
	require.NoError(t, err)
	require.Equal(t, &slack.Installation{BotToken: "xoxb-new", BotUserID: "U0BOT", TeamName: "One"}, got)

	require.Equal(t, http.StatusBadRequest, b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(state1)).StatusCode, "used")
	require.Empty(t, r.host.taken())
}

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	r := oauthRig(t)
	var b, other browser
	good := b.begin(t, r)
	other.begin(t, r)
	for name, status := range map[string]int{
		"neither":         b.get(r, "/oauth/callback").StatusCode,
		"made up":         b.get(r, "/oauth/callback?code=good&state=a.b.c").StatusCode,
		"changed":         b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape("x"+good)).StatusCode,
		"another browser": other.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(good)).StatusCode,
		"no browser":      (&browser{}).get(r, "/oauth/callback?code=good&state="+url.QueryEscape(good)).StatusCode,
		"no code":         b.get(r, "/oauth/callback?state="+url.QueryEscape(b.begin(t, r))).StatusCode,
	} {
		require.Equal(t, http.StatusBadRequest, status, name)
	}
	require.Equal(t, http.StatusForbidden, b.get(r, "/oauth/callback?error=access_denied&state="+url.QueryEscape(b.begin(t, r))).StatusCode)
	require.Equal(t, http.StatusServiceUnavailable, b.get(r, "/oauth/callback?code=bad&state="+url.QueryEscape(b.begin(t, r))).StatusCode)
	require.Empty(t, r.host.taken())

	r.api.answer("oauth.v2.access", func(url.Values, string) any {
		return object{"ok": true, "access_token": "xoxe.xoxb-1", "expires_in": 43200, "team": object{"id": "T0ONE"}}
	})
	require.Equal(t, http.StatusServiceUnavailable, b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(b.begin(t, r))).StatusCode, "a token that expires")
	_, err := r.host.state.Get(t.Context(), "slack:installation:T0ONE")
	require.ErrorIs(t, err, state.ErrNotFound)
}

// TestInstallBegunAtSlack checks that an installation which Slack itself has begun
// begins again here, with a state, and ends well.
func TestInstallBegunAtSlack(t *testing.T) {
	t.Parallel()
	r := oauthRig(t)
	for _, query := range []string{"?code=good", "?code=good&state="} {
		var b browser
		response := b.get(r, "/oauth/callback"+query)
		require.Equal(t, http.StatusFound, response.StatusCode)
		require.Empty(t, r.host.taken(), "nobody knows yet who has begun")
		target, err := url.Parse(response.Header.Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "slack.com", target.Host)
		require.Equal(t, "12.34", target.Query().Get("client_id"))
		require.Empty(t, target.Query().Get("code"))
		require.Equal(t, http.StatusOK, b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(target.Query().Get("state"))).StatusCode)
		require.True(t, one[*chat.InstallationEvent](t, r.host.taken()).Installed)
	}
}

// TestInstallIsForManyWorkspaces checks that an app with a token of its own has no
// page to install it.
func TestInstallIsForManyWorkspaces(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) { c.ClientID, c.ClientSecret = "12.34", "client-secret" })
	require.Equal(t, http.StatusMethodNotAllowed, (&browser{}).get(r, "/install").StatusCode)
}

func TestInstallInOrganisation(t *testing.T) {
	t.Parallel()
	r := oauthRig(t)
	r.api.answer("oauth.v2.access", func(url.Values, string) any {
		return object{
			"ok": true, "access_token": "xoxb-org", "bot_user_id": "U0BOT", "team": nil,
			"enterprise": object{"id": "E0ONE", "name": "Org"}, "is_enterprise_install": true, "authed_user": object{"id": "U0ADA"},
		}
	})
	var b browser
	require.Equal(t, http.StatusOK, b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(b.begin(t, r))).StatusCode)
	kept, err := r.host.state.Get(t.Context(), "slack:installation:E0ONE")
	require.NoError(t, err)
	var v object
	require.NoError(t, json.Unmarshal(kept, &v))
	require.Equal(t, object{"botToken": "xoxb-org", "botUserId": "U0BOT", "teamName": "Org", "enterpriseId": "E0ONE", "isEnterpriseInstall": true}, v)
}
