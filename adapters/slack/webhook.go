package slack

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
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

	retryHeader = "X-Slack-Retry-Num"

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
	if page := a.page(r); page != nil {
		page.ServeHTTP(w, r)
		return
	}
	out, err := a.take(r)
	if err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	if out != nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	_, _ = w.Write(out) // Slack may have left
}

// page returns the page that a browser asks for to install the app, or nil.
func (a *Adapter) page(r *http.Request) http.Handler {
	switch {
	case r.Method != http.MethodGet, a.config.ClientID == "", !a.keepsInstallations():
		return nil
	case r.URL.Path == installPath:
		return a.InstallHandler()
	case r.URL.Path == callbackPath:
		return a.CallbackHandler()
	}
	return nil
}

// take handles a webhook and returns what it is answered with.
func (a *Adapter) take(r *http.Request) (answer, error) {
	if r.Method == http.MethodGet && r.URL.Query().Get("ssl_check") == "1" {
		return nil, nil
	}
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64) // the bot's bound holds
	if err != nil || isCertificateCheck(r.Header, body) {
		return nil, err
	}
	if err := a.verify(r, body); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	if webhook.MediaType(r.Header) == webhook.Form {
		form, err := webhook.ParseForm(body)
		if err != nil {
			return nil, err
		}
		return a.takeForm(ctx, form)
	}
	env := &envelope{}
	if err := webhook.DecodeJSON(body, env); err != nil {
		return nil, err
	}
	if env.Type == "url_verification" {
		// https://docs.slack.dev/reference/events/url_verification
		return json.Marshal(map[string]string{"challenge": env.Challenge})
	}
	retry := r.Header.Get(retryHeader)
	return nil, a.takeEvent(ctx, env, retry != "" && retry != "0")
}

// verify returns why a request is not Slack's.
func (a *Adapter) verify(r *http.Request, body []byte) error {
	if a.config.VerifyRequest != nil {
		return webhook.Unauthorized(a.config.VerifyRequest(r, body))
	}
	return VerifySignature(a.config.SigningSecret, r.Header, body)
}

// isCertificateCheck reports whether Slack only looks at the server's certificate.
// It does not sign that, and any answer of 200 will do.
// https://docs.slack.dev/interactivity/implementing-slash-commands#ssl
func isCertificateCheck(header http.Header, body []byte) bool {
	if webhook.MediaType(header) != webhook.Form {
		return false
	}
	form, err := webhook.ParseForm(body)
	return err == nil && form.Get("ssl_check") == "1" && !form.Has("payload") && !form.Has("command")
}

// takeForm handles an interaction or a slash command.
func (a *Adapter) takeForm(ctx context.Context, form url.Values) (answer, error) {
	switch {
	case form.Has("payload"):
		return a.handleInteraction(ctx, []byte(form.Get("payload")))
	case form.Has("command"):
		return nil, a.handleCommand(ctx, form)
	}
	return nil, webhook.BadRequest("want a form with a payload or a command")
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
		return webhook.BadRequest(`type is %q, want "event_callback"`, env.Type)
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
