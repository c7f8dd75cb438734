package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// InstallerConfig configures an [Installer].
type InstallerConfig struct {
	// State makes and checks the state parameter. Required.
	State *OAuthState
	// AuthorizeURL is the address of the platform's page on which a user allows the app,
	// with its query, but without the state parameter. Required.
	AuthorizeURL string
	// Install exchanges the code, which is "code" in the query of the callback, stores
	// the installation, and returns its id for the log. Required.
	Install func(ctx context.Context, query url.Values) (id string, err error)
	// InstalledURL is the address to which the browser goes after an installation.
	// Default: a line of text says that the app is installed.
	InstalledURL string
	// Timeout is the limit for Install. Default: 30 s.
	Timeout time.Duration
}

// Installer serves the two pages by which a user installs an app with OAuth 2.0 (RFC 6749,
// section 4.1). It is safe for concurrent use.
type Installer struct {
	cfg  InstallerConfig
	host chat.Host
}

// NewInstaller returns the Installer of an adapter. It needs the adapter's host, so
// call it in Attach. Its error is [chat.ErrInvalidConfig].
func NewInstaller(host chat.Host, cfg InstallerConfig) (*Installer, error) {
	if u, err := url.Parse(cfg.AuthorizeURL); err != nil || u.Host == "" || cfg.State == nil || cfg.Install == nil {
		return nil, fmt.Errorf("%w: credential: InstallerConfig needs State, Install and a valid AuthorizeURL", chat.ErrInvalidConfig)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	return &Installer{cfg, host}, nil
}

// Begin redirects the browser to the platform's page.
func (i *Installer) Begin(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(i.cfg.AuthorizeURL)
	if err != nil { // NewInstaller has parsed it
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	query := target.Query()
	query.Set("state", i.cfg.State.Begin(w, r))
	target.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// Finish serves the callback, to which the platform sends the browser back. It installs the
// app and redirects the browser to InstalledURL. An installation that was begun at the
// platform comes without a state parameter. Finish then begins it again, so that the state
// parameter ties the installation to this browser. It answers 400 for a state parameter or a
// query that is not valid, 403 if the user declined, and 503 if the installation failed.
func (i *Installer) Finish(w http.ResponseWriter, r *http.Request) {
	log := i.host.Logger()
	if query := r.URL.Query(); query.Get("state") == "" && query.Get("code") != "" {
		log.InfoContext(r.Context(), "installation-begun-at-platform")
		i.Begin(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the code
	ctx, cancel := context.WithTimeout(r.Context(), i.cfg.Timeout)
	defer cancel()
	id, err := i.install(ctx, r)
	switch {
	case errors.Is(err, chat.ErrInvalidArgument), errors.Is(err, ErrState):
		log.WarnContext(ctx, "installation-refused", "error", err)
		http.Error(w, "The app was not installed: please begin again.", http.StatusBadRequest)
	case errors.Is(err, chat.ErrPermission):
		http.Error(w, "The app was not installed: it was not allowed.", http.StatusForbidden)
	case err != nil:
		log.ErrorContext(ctx, "installation-failed", "error", err)
		http.Error(w, "The app was not installed: please try again later.", http.StatusServiceUnavailable)
	case i.cfg.InstalledURL != "":
		log.InfoContext(ctx, "installed", "installation", id)
		http.Redirect(w, r, i.cfg.InstalledURL, http.StatusSeeOther)
	default:
		log.InfoContext(ctx, "installed", "installation", id)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("The app is installed. You can close this page.\n")) // a browser that is gone needs no answer
	}
}

func (i *Installer) install(ctx context.Context, r *http.Request) (id string, err error) {
	// A program may serve the page before the bot has connected its state.
	if err := i.host.State().Connect(ctx); err != nil {
		return "", err
	}
	if err := i.cfg.State.Finish(ctx, i.host.State(), r); err != nil {
		return "", err
	}
	query := r.URL.Query()
	if query.Get("error") != "" { // such as access_denied
		return "", &chat.PlatformError{Adapter: i.cfg.State.cfg.Adapter, Op: "authorize", Code: chat.CodePermission, Err: errors.New("the user declined")}
	}
	if query.Get("code") == "" {
		return "", fmt.Errorf("%w: %s: code is missing", chat.ErrInvalidArgument, i.cfg.State.cfg.Adapter)
	}
	return i.cfg.Install(ctx, query)
}
