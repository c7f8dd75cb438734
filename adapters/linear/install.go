package linear

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// authorizeURL is the page on which a user allows the app.
	// https://linear.app/developers/oauth-2-0-authentication
	authorizeURL = "https://linear.app/oauth/authorize"

	// Paths below /webhooks/linear for installing the app.
	installPath  = "/install"
	callbackPath = "/oauth/callback"
)

// Installation returns the stored installation of a workspace. If there is none, the error
// is [chat.ErrNotFound].
func (a *Adapter) Installation(ctx context.Context, organizationID string) (*Installation, error) {
	if err := checkWorkspace(organizationID); err != nil {
		return nil, err
	}
	return a.kept.Get(ctx, organizationID)
}

// SaveInstallation stores the installation of a workspace, and replaces a former one. Its
// tokens are encrypted with the first of Config.EncryptionKeys, if there is one. A missing
// AccessToken or OrganizationID is [chat.ErrInvalidArgument].
func (a *Adapter) SaveInstallation(ctx context.Context, i *Installation) error {
	if i == nil || i.AccessToken == "" {
		return fmt.Errorf("%w: linear: Installation.AccessToken is empty, want a token", chat.ErrInvalidArgument)
	}
	if err := checkWorkspace(i.OrganizationID); err != nil {
		return err
	}
	_ = a.identities.Forget(ctx, i.OrganizationID) // if the state fails, Set below fails, too
	return a.kept.Set(ctx, i.OrganizationID, i)
}

// DeleteInstallation deletes the stored installation of a workspace. If there is none, it
// returns nil. An installation that is revoked at Linear is deleted by the adapter.
func (a *Adapter) DeleteInstallation(ctx context.Context, organizationID string) error {
	if err := checkWorkspace(organizationID); err != nil {
		return err
	}
	return a.kept.Delete(ctx, organizationID)
}

func checkWorkspace(id string) error {
	if !isID(id) {
		return fmt.Errorf("%w: linear: organization id %q, want letters, digits and dashes", chat.ErrInvalidArgument, id)
	}
	return nil
}

func (a *Adapter) newInstaller(host chat.Host) (*credential.Installer, error) {
	app := a.config.OAuth
	state, err := credential.NewOAuthState(credential.OAuthStateConfig{
		Adapter: adapterName, Secret: app.ClientSecret, Secure: strings.HasPrefix(app.RedirectURL, "https:"),
	})
	if err != nil {
		return nil, err
	}
	query := url.Values{
		"client_id": {app.ClientID}, "redirect_uri": {app.RedirectURL}, "response_type": {"code"},
		"scope": {strings.Join(a.config.scopes(), ",")}, "actor": {"app"},
	}
	return credential.NewInstaller(host, credential.InstallerConfig{
		State: state, AuthorizeURL: authorizeURL + "?" + query.Encode(), Install: a.install, InstalledURL: app.InstalledURL,
	})
}

// page serves the pages for installing the app. It returns false for other requests.
func (a *Adapter) page(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case a.installer == nil || r.Method != http.MethodGet:
		return false
	case r.URL.Path == installPath:
		a.installer.Begin(w, r)
	case r.URL.Path == callbackPath:
		a.installer.Finish(w, r)
	default:
		return false
	}
	return true
}

// install exchanges a code for an installation, stores it, and returns the workspace.
func (a *Adapter) install(ctx context.Context, query url.Values) (string, error) {
	app := a.config.OAuth
	i, err := a.fetchToken(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {query.Get("code")}, "redirect_uri": {app.RedirectURL},
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
	})
	if err != nil {
		return "", err
	}
	self, err := a.askIdentity(ctx, i.AccessToken)
	if err != nil {
		return "", err
	}
	i.BotUserID, i.OrganizationID = self.ID, self.Organization
	if err := a.SaveInstallation(ctx, i); err != nil {
		return "", err
	}
	_, err = a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: "installed:" + query.Get("state")}, Workspace: i.OrganizationID, Installed: true,
	})
	return i.OrganizationID, err
}
