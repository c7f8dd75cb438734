package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// answerTimeout is how long a webhook takes at most. Slack waits three seconds
	// and then delivers an event again.
	// https://docs.slack.dev/apis/events-api#responding
	answerTimeout = 2800 * time.Millisecond

	// Paths below /webhooks/slack for installing the app.
	installPath  = "/install"
	callbackPath = "/oauth/callback"

	retryHeader     = "X-Slack-Retry-Num"
	formContentType = "application/x-www-form-urlencoded"

	// deliveredPrefix begins the marks of events that are stored, which keep a
	// TypeScript instance from handling one again.
	deliveredPrefix = adapterName + ":event-delivered:"
	deliveredTTL    = 24 * time.Hour
)

// ServeHTTP takes events, interactions and slash commands at any path, all by
// POST, and serves the pages that install the app, GET /install and
// GET /oauth/callback.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.config.ClientID != "" && a.keepsInstallations() && r.Method == http.MethodGet {
		switch r.URL.Path {
		case installPath:
			a.InstallHandler().ServeHTTP(w, r)
			return
		case callbackPath:
			a.CallbackHandler().ServeHTTP(w, r)
			return
		}
	}
	if r.Method == http.MethodGet && r.URL.Query().Get("ssl_check") == "1" {
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		status := http.StatusBadRequest
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, "the body cannot be read", status)
		return
	}
	if isCertificateCheck(r.Header, body) {
		return
	}
	if err := a.verify(r, body); err != nil {
		status := http.StatusUnauthorized
		if errors.Is(err, chat.ErrTemporary) || isContextError(err) {
			status = http.StatusServiceUnavailable // Slack sends it again
		}
		a.log.WarnContext(r.Context(), "webhook-refused", "status", status, "error", err)
		http.Error(w, "invalid signature", status)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	out, err := a.take(ctx, r.Header, body)
	if err != nil {
		status := chat.HTTPStatus(err)
		a.log.WarnContext(ctx, "webhook-failed", "status", status, "error", err)
		http.Error(w, http.StatusText(status), status)
		return
	}
	if out != nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	_, _ = w.Write(out) // Slack may have left
}

// verify returns why a request is not to be taken.
func (a *Adapter) verify(r *http.Request, body []byte) error {
	if a.config.VerifyRequest != nil {
		return a.config.VerifyRequest(r, body)
	}
	return VerifySignature(a.config.SigningSecret, r.Header, body)
}

// isCertificateCheck reports whether Slack only looks at the server's certificate.
// It does not sign that, and any answer of 200 will do.
// https://docs.slack.dev/interactivity/implementing-slash-commands#ssl
func isCertificateCheck(header http.Header, body []byte) bool {
	if !isForm(header) {
		return false
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && form.Get("ssl_check") == "1" && !form.Has("payload") && !form.Has("command")
}

func isForm(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && kind == formContentType
}

// take handles the body of a webhook and returns what it is answered with.
func (a *Adapter) take(ctx context.Context, header http.Header, body []byte) (answer, error) {
	if isForm(header) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("%w: slack: body: %w", chat.ErrInvalidArgument, err)
		}
		return a.takeForm(ctx, form)
	}
	env := &envelope{}
	if err := json.Unmarshal(body, env); err != nil {
		return nil, fmt.Errorf("%w: slack: body: %w", chat.ErrInvalidArgument, err)
	}
	if env.Type == "url_verification" {
		// https://docs.slack.dev/reference/events/url_verification
		return json.Marshal(map[string]string{"challenge": env.Challenge})
	}
	return nil, a.takeEvent(ctx, env, header.Get(retryHeader) != "" && header.Get(retryHeader) != "0")
}

// takeForm handles an interaction or a slash command.
func (a *Adapter) takeForm(ctx context.Context, form url.Values) (answer, error) {
	if err := a.connect(ctx); err != nil {
		return nil, err
	}
	switch {
	case form.Has("payload"):
		return a.handleInteraction(ctx, []byte(form.Get("payload")))
	case form.Has("command"):
		return nil, a.handleCommand(ctx, form)
	}
	return nil, fmt.Errorf("%w: slack: body: want a payload or a command", chat.ErrInvalidArgument)
}

// takeEvent handles what the Events API delivers, also over a socket. An event
// that is delivered again is left alone if its mark says that it was stored;
// the mark is written after that, so an event that was not is taken.
func (a *Adapter) takeEvent(ctx context.Context, env *envelope, again bool) error {
	switch env.Type {
	case "event_callback":
	case "app_rate_limited": // https://docs.slack.dev/apis/events-api#rate-limiting
		a.log.WarnContext(ctx, "events-rate-limited", "team", env.TeamID)
		return nil
	default:
		return fmt.Errorf(`%w: slack: type is %q, want "event_callback"`, chat.ErrInvalidArgument, env.Type)
	}
	if err := a.connect(ctx); err != nil {
		return err
	}
	mark := deliveredPrefix + env.EventID
	if again && env.EventID != "" {
		switch _, err := a.host.State().Get(ctx, mark); {
		case err == nil:
			return nil
		case !errors.Is(err, state.ErrNotFound):
			return err
		}
	}
	if err := a.handleEvent(ctx, env); err != nil || env.EventID == "" {
		return err
	}
	if err := a.host.State().Set(ctx, mark, []byte("true"), deliveredTTL); err != nil {
		a.log.DebugContext(ctx, "mark-failed", "event", env.EventID, "error", err)
	}
	return nil
}

// connect makes sure that the state is connected: in a process that has just
// started, a webhook can come before the bot has done so.
func (a *Adapter) connect(ctx context.Context) error {
	if a.connected.Load() {
		return nil
	}
	if err := a.host.State().Connect(ctx); err != nil {
		return err
	}
	a.connected.Store(true)
	return nil
}
