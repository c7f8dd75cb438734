package linear

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// signatureHeader has the HMAC-SHA256 of the body.
// https://linear.app/developers/webhooks#securing-webhooks
const signatureHeader = "Linear-Signature"

// window is how far the time of a webhook may be from now. A webhook that Linear sends again
// has the new time.
var window = webhook.Window{Within: time.Minute, Milliseconds: true}

// envelope has the fields of all webhooks.
type envelope struct {
	Action         string          `json:"action"`
	Type           string          `json:"type"`
	CreatedAt      string          `json:"createdAt"`
	OrganizationID string          `json:"organizationId"`
	Timestamp      json.Number     `json:"webhookTimestamp"`
	URL            string          `json:"url"`
	Actor          *person         `json:"actor"`
	Data           json.RawMessage `json:"data"`
	UpdatedFrom    json.RawMessage `json:"updatedFrom"`

	raw json.RawMessage
}

// ServeHTTP takes webhooks by POST at any path. With Config.OAuth it also serves the pages
// for installing the app, GET /install and GET /oauth/callback. It answers a webhook 200
// when it is stored, 401 without a valid signature or time, 400 for what cannot be read, and
// 503 while it cannot be stored.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.page(w, r) {
		return
	}
	if err := a.take(r); err != nil {
		webhook.Refuse(w, r, a.log, err)
	}
}

func (a *Adapter) take(r *http.Request) error {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64) // the limit is chat.Config.Webhook.MaxBodyBytes
	if err != nil {
		return err
	}
	if err := (webhook.HMAC{Secrets: []string{a.config.WebhookSecret}}).Check(r.Header.Get(signatureHeader), body); err != nil {
		return err
	}
	e := envelope{raw: body}
	if err := webhook.DecodeJSON(body, &e); err != nil {
		return err
	}
	if err := window.Check(wholeNumber(e.Timestamp), time.Now()); err != nil {
		return err
	}
	if e.Type == "" || e.Action == "" || !isID(e.OrganizationID) {
		return bad("the webhook has no type, action or organizationId")
	}
	return a.handle(r.Context(), &e)
}

// wholeNumber returns a number without its fraction, which Linear's schema allows.
func wholeNumber(n json.Number) string {
	if f, err := n.Float64(); err == nil && f >= 0 && f < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return string(n)
}

// handle delivers the content of a webhook.
func (a *Adapter) handle(ctx context.Context, e *envelope) error {
	switch e.Type {
	case "Comment":
		if e.Action == "create" && a.config.Mode == ModeComments || e.Action == "update" || e.Action == "remove" {
			return decoded(ctx, e, e.Data, a.handleComment)
		}
	case "Reaction":
		if e.Action == "create" || e.Action == "remove" {
			return decoded(ctx, e, e.Data, a.handleReaction)
		}
	case "AgentSessionEvent":
		if a.config.Mode == ModeAgentSessions && (e.Action == "created" || e.Action == "prompted") {
			return decoded(ctx, e, e.raw, a.handleSession)
		}
	case "OAuthApp":
		if e.Action == "revoked" {
			return a.handleRevoked(ctx, e)
		}
	}
	return a.deliverPlatformEvent(ctx, e)
}

// decoded decodes the content of a webhook and handles it.
func decoded[T any](ctx context.Context, e *envelope, data json.RawMessage, handle func(context.Context, *envelope, *T) error) error {
	content := new(T)
	if err := webhook.DecodeJSON(data, content); err != nil {
		return err
	}
	return handle(ctx, e, content)
}

// eventID returns the id of an event, made of what is signed. It is the same when Linear
// sends the webhook again.
func (e *envelope) eventID(entity string) string {
	at := e.CreatedAt
	if at == "" { // two events without a time must not have the same id
		at = fmt.Sprintf("%x", sha256.Sum256(e.raw))
	}
	return e.Type + ":" + e.Action + ":" + entity + ":" + at
}

// deliverPlatformEvent delivers a webhook that has no type of its own, such as changes of
// issues, and notifications in the app's inbox about mentions and assignments.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, e *envelope) error {
	var about struct {
		Data struct {
			ID      string `json:"id"`
			IssueID string `json:"issueId"`
		} `json:"data"`
		Notification struct {
			ID      string  `json:"id"`
			IssueID string  `json:"issueId"`
			Actor   *person `json:"actor"`
		} `json:"notification"`
		AgentSession struct {
			ID      string `json:"id"`
			IssueID string `json:"issueId"`
		} `json:"agentSession"`
	}
	_ = json.Unmarshal(e.raw, &about) // a webhook of another form has none of these
	issue := about.Data.IssueID + about.Notification.IssueID + about.AgentSession.IssueID
	if e.Type == "Issue" {
		issue = about.Data.ID
	}
	if e.Actor == nil {
		e.Actor = about.Notification.Actor
	}
	ev := &chat.PlatformEvent{
		EventBase: chat.EventBase{
			ID: e.eventID(about.Data.ID + about.Notification.ID + about.AgentSession.ID), At: timeOf(e.CreatedAt), User: e.Actor.author(a.selfOf(ctx, e.OrganizationID).ID), Raw: e.raw,
		},
		Name: fmt.Sprintf("%s:%s.%s", adapterName, e.Type, e.Action), Data: e.raw,
	}
	if isID(issue) {
		p := place{issue: issue}
		ev.ThreadID = p.threadID()
		a.learnWorkspace(ctx, p, e.OrganizationID)
	}
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// handleRevoked takes a webhook about a workspace that has removed the app.
func (a *Adapter) handleRevoked(ctx context.Context, e *envelope) error {
	if err := a.kept.Delete(ctx, e.OrganizationID); err != nil {
		return err
	}
	_, err := a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: e.eventID(e.OrganizationID), At: timeOf(e.CreatedAt), Raw: e.raw}, Workspace: e.OrganizationID,
	})
	return err
}

func timeOf(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func bad(text string) error { return webhook.BadRequest("%s", text) }
