package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Installing the app is OAuth v2. https://docs.slack.dev/authentication/installing-with-oauth
const opOAuth = "oauth.v2.access"

// DefaultScopes are the bot scopes that the adapter's abilities need. An assistant
// needs "assistant:write" too.
// https://docs.slack.dev/reference/scopes
func DefaultScopes() []string {
	return []string{
		"app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:read", "files:write",
		"groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
		"reactions:read", "reactions:write", "users:read", "users:read.email",
	}
}

var errNoToken = errors.New("the answer has no token or no workspace")

// InstallHandler returns the page that begins an installation: it sends the
// browser to Slack. It needs ClientID. The bot serves it at
// /webhooks/slack/install already.
func (a *Adapter) InstallHandler() http.Handler {
	return a.installPage((*credential.Installer).Begin)
}

// CallbackHandler returns the page to which Slack sends the browser after an
// installation: it stores the installation, delivers a [chat.InstallationEvent]
// and goes on to Config.InstalledURL. An installation that began at Slack, in its
// Marketplace or by an organisation's admin, comes without a state
// (https://github.com/slackapi/bolt-js/issues/1101): the browser begins again, as at
// [Adapter.InstallHandler], so that it is known who installs the app. It needs
// ClientID. The bot serves it at /webhooks/slack/oauth/callback already.
func (a *Adapter) CallbackHandler() http.Handler {
	return a.installPage((*credential.Installer).Finish)
}

func (a *Adapter) installPage(serve func(*credential.Installer, http.ResponseWriter, *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.installer == nil {
			http.NotFound(w, r)
			return
		}
		serve(a.installer, w, r)
	})
}

func (a *Adapter) newInstaller(host chat.Host) (*credential.Installer, error) {
	state, err := credential.NewOAuthState(credential.OAuthStateConfig{
		Adapter: adapterName, Secret: a.config.ClientSecret, Secure: strings.HasPrefix(a.config.RedirectURL, "https:"),
	})
	if err != nil {
		return nil, err
	}
	query := url.Values{"client_id": {a.config.ClientID}, "scope": {strings.Join(a.config.Scopes, ",")}}
	if a.config.RedirectURL != "" {
		query.Set("redirect_uri", a.config.RedirectURL)
	}
	return credential.NewInstaller(host, credential.InstallerConfig{
		State: state, AuthorizeURL: a.config.AuthorizeURL + "?" + query.Encode(), Install: a.install, InstalledURL: a.config.InstalledURL,
	})
}

// install turns a code into an installation and returns its id.
// https://docs.slack.dev/reference/methods/oauth.v2.access
func (a *Adapter) install(ctx context.Context, query url.Values) (string, error) {
	asked := time.Now()
	answer, err := slackapi.GetOAuthV2ResponseContext(ctx, a.config.HTTPClient, a.config.ClientID, a.config.ClientSecret, query.Get("code"),
		a.config.RedirectURL, slackapi.OAuthOptionAPIURL(a.config.APIURL))
	if err != nil {
		return "", apiError(opOAuth, err)
	}
	id, name := answer.Team.ID, answer.Team.Name
	if answer.IsEnterpriseInstall {
		id, name = answer.Enterprise.ID, answer.Enterprise.Name
	}
	if answer.AccessToken == "" || !isID(id) {
		return "", platformError(opOAuth, chat.CodeInvalid, errNoToken)
	}
	i := &Installation{
		BotToken: answer.AccessToken, BotUserID: chat.UserID(answer.BotUserID), TeamName: firstOf(name, answer.Enterprise.Name),
		EnterpriseID: answer.Enterprise.ID, Enterprise: answer.IsEnterpriseInstall,
	}
	if answer.ExpiresIn > 0 {
		if answer.RefreshToken == "" {
			return "", platformError(opOAuth, chat.CodeInvalid, errNoRefreshToken)
		}
		i.RefreshToken, i.ExpiresAt = answer.RefreshToken, expiry(asked, answer.ExpiresIn)
	}
	if err := a.SaveInstallation(ctx, id, i); err != nil {
		return "", err
	}
	installer := chat.UserID(answer.AuthedUser.ID)
	_, err = a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: "installed:" + query.Get("state"), User: chat.Author{UserID: installer, UserName: string(installer), FullName: string(installer)}},
		Workspace: id,
		Installed: true,
	})
	return id, err
}
