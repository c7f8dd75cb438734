package slack

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Installing the app is OAuth v2. https://docs.slack.dev/authentication/installing-with-oauth
const (
	stateCookie = "chat_slack_oauth"
	stateTTL    = 10 * time.Minute
	usedPrefix  = adapterName + ":oauth-state:" // states that came back once

	oauthTimeout = 30 * time.Second
	opOAuth      = "oauth.v2.access"
)

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

var (
	errState   = errors.New("the state parameter is not this browser's, is too old or was used before")
	errNoToken = errors.New("the answer has no token or no workspace")
)

// InstallHandler returns the page that begins an installation: it sends the
// browser to Slack. It needs ClientID. The bot serves it at
// /webhooks/slack/install already.
func (a *Adapter) InstallHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		browser, err := r.Cookie(stateCookie)
		if err != nil || len(browser.Value) != len(rand.Text()) {
			browser = &http.Cookie{Name: stateCookie, Value: rand.Text()}
		}
		http.SetCookie(w, &http.Cookie{
			Name: stateCookie, Value: browser.Value, Path: "/", MaxAge: int(stateTTL / time.Second),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, // Lax: Slack sends the browser back
			Secure: r.TLS != nil || strings.HasPrefix(a.config.RedirectURL, "https:"),
		})
		query := url.Values{
			"client_id": {a.config.ClientID},
			"scope":     {strings.Join(a.config.Scopes, ",")},
			"state":     {a.newState(browser.Value, time.Now())},
		}
		if a.config.RedirectURL != "" {
			query.Set("redirect_uri", a.config.RedirectURL)
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, a.config.AuthorizeURL+"?"+query.Encode(), http.StatusFound)
	})
}

// CallbackHandler returns the page to which Slack sends the browser after an
// installation: it stores the installation, delivers a [chat.InstallationEvent]
// and goes on to Config.InstalledURL. An installation that began at Slack, in its
// Marketplace or by an organisation's admin, comes without a state: the browser
// begins again, as at [Adapter.InstallHandler], so that it is known who installs
// the app. It needs ClientID. The bot serves it at /webhooks/slack/oauth/callback
// already.
func (a *Adapter) CallbackHandler() http.Handler {
	begin := a.InstallHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		// https://github.com/slackapi/bolt-js/issues/1101
		if query := r.URL.Query(); query.Get("state") == "" && query.Get("code") != "" {
			a.log.InfoContext(r.Context(), "installation-begun-at-slack")
			begin.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the code
		ctx, cancel := context.WithTimeout(r.Context(), oauthTimeout)
		defer cancel()
		id, err := a.install(ctx, r)
		switch {
		case errors.Is(err, chat.ErrInvalidArgument), errors.Is(err, errState):
			a.log.WarnContext(ctx, "installation-refused", "error", err)
			http.Error(w, "The app was not installed: please begin again.", http.StatusBadRequest)
		case errors.Is(err, chat.ErrPermission):
			http.Error(w, "The app was not installed: it was not allowed.", http.StatusForbidden)
		case err != nil:
			a.log.ErrorContext(ctx, "installation-failed", "error", err)
			http.Error(w, "The app was not installed: please try again later.", http.StatusServiceUnavailable)
		default:
			a.log.InfoContext(ctx, "installed", "installation", id)
			if a.config.InstalledURL != "" {
				http.Redirect(w, r, a.config.InstalledURL, http.StatusSeeOther)
				return
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("The app is installed. You can close this page.\n"))
		}
	})
}

// install turns the code of the request into an installation and returns its id.
func (a *Adapter) install(ctx context.Context, r *http.Request) (string, error) {
	query := r.URL.Query()
	browser, err := r.Cookie(stateCookie)
	if err != nil {
		return "", errState
	}
	// Where the program mounts this handler, nobody may have done so.
	if err := a.host.State().Connect(ctx); err != nil {
		return "", err
	}
	if err := a.useState(ctx, query.Get("state"), browser.Value, time.Now()); err != nil {
		return "", err
	}
	if query.Get("error") != "" { // access_denied
		return "", platformError("oauth.v2.authorize", chat.CodePermission, errors.New("the user declined"))
	}
	code := query.Get("code")
	if code == "" {
		return "", fmt.Errorf("%w: slack: code is missing", chat.ErrInvalidArgument)
	}
	// https://docs.slack.dev/reference/methods/oauth.v2.access
	asked := time.Now()
	answer, err := slackapi.GetOAuthV2ResponseContext(ctx, a.config.HTTPClient, a.config.ClientID, a.config.ClientSecret, code,
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
	a.identities.Delete(id)
	installer := chat.UserID(answer.AuthedUser.ID)
	_, err = a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: "installed:" + query.Get("state"), User: chat.Author{UserID: installer, UserName: string(installer), FullName: string(installer)}},
		Workspace: id,
		Installed: true,
	})
	return id, err
}

// A state parameter is "{nonce}.{expiry}.{mac}". The mac covers a cookie too, so
// that nobody can have somebody else's browser finish an installation.

func (a *Adapter) newState(browser string, now time.Time) string {
	text := rand.Text() + "." + strconv.FormatInt(now.Add(stateTTL).Unix(), 10)
	return text + "." + a.stateMAC(text, browser)
}

// useState returns errState for a state that newState did not make for the
// browser, and for one that was used.
func (a *Adapter) useState(ctx context.Context, value, browser string, now time.Time) error {
	parts := strings.Split(value, ".")
	if len(parts) != 3 || browser == "" || !hmac.Equal([]byte(parts[2]), []byte(a.stateMAC(parts[0]+"."+parts[1], browser))) {
		return errState
	}
	expiry, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || now.Unix() > expiry {
		return errState
	}
	fresh, err := a.host.State().SetIfNotExists(ctx, usedPrefix+parts[0], []byte("true"), stateTTL)
	if err == nil && !fresh {
		err = errState
	}
	return err
}

func (a *Adapter) stateMAC(text, browser string) string {
	key, err := hkdf.Key(sha256.New, []byte(a.config.ClientSecret), nil, "chat-go slack oauth state", sha256.Size)
	if err != nil { // only for lengths that HKDF cannot make
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text + "." + browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
