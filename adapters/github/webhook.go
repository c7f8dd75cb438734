package github

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The headers of a delivery. Only the body is signed.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
const (
	eventHeader     = "X-GitHub-Event"
	deliveryHeader  = "X-GitHub-Delivery"
	signatureHeader = "X-Hub-Signature-256"
)

// maxBody is the largest payload that GitHub sends, in bytes.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const maxBody = 25 << 20

var (
	eventForm    = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
	deliveryForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// ServeHTTP takes a webhook, at /webhooks/github. It answers 200 when its content is
// stored, 401 without a valid signature, 400 for what cannot be read, and 503 while it
// cannot be stored. GitHub does not deliver it again by itself: see [Adapter.Run].
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.take(r); err != nil {
		webhook.Refuse(w, r, a.log, err)
	}
}

func (a *Adapter) take(r *http.Request) error {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return err
	}
	sent, err := webhook.ReadBody(r, maxBody)
	if err != nil {
		return err
	}
	if err := a.signature.Check(r.Header.Get(signatureHeader), sent); err != nil {
		return err
	}
	d := &delivery{event: r.Header.Get(eventHeader), id: r.Header.Get(deliveryHeader)}
	if !eventForm.MatchString(d.event) {
		return bad("the header " + eventHeader + " is missing or not a name")
	}
	if !deliveryForm.MatchString(d.id) {
		return bad("the header " + deliveryHeader + " is missing or not an id")
	}
	if d.raw, err = payloadOf(r, sent); err != nil {
		return err
	}
	if err := webhook.DecodeJSON(d.raw, d); err != nil {
		return err
	}
	return a.handle(r.Context(), d)
}

// payloadOf returns the JSON of a body, which may be a field of a form.
// https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks
func payloadOf(r *http.Request, sent []byte) (json.RawMessage, error) {
	if err := webhook.CheckMediaType(r, webhook.JSON, webhook.Form); err != nil {
		return nil, err
	}
	if webhook.MediaType(r.Header) == webhook.JSON {
		return sent, nil
	}
	form, err := webhook.ParseForm(sent)
	return json.RawMessage(form.Get("payload")), err
}

func bad(text string) error { return webhook.BadRequest("%s", text) }

// handle delivers the content of a webhook.
func (a *Adapter) handle(ctx context.Context, d *delivery) error {
	if d.Repository != nil && d.Installation != nil {
		a.learnInstallation(ctx, d.Repository.FullName, d.Installation.ID)
	}
	me, err := a.whoami(ctx)
	if err != nil {
		return err // without its identity the bot would answer itself
	}
	event, err := a.inbound(ctx, d, me)
	if err != nil {
		return err
	}
	_, err = a.host.Deliver(ctx, event)
	return err
}

// delivery is a webhook, with the fields that the adapter reads.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
type delivery struct {
	event, id string
	raw       json.RawMessage

	Action     string `json:"action"`
	Sender     *user  `json:"sender"`
	Repository *struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
	Installation *struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Issue       *item   `json:"issue"`
	PullRequest *item   `json:"pull_request"`
	Discussion  *item   `json:"discussion"`
	Comment     *item   `json:"comment"`
	Review      *item   `json:"review"`
	Changes     changes `json:"changes"`
}

// changes has the texts that an edit has replaced.
type changes struct {
	Title *from `json:"title"`
	Body  *from `json:"body"`
}

type from struct {
	From string `json:"from"`
}

func (d *delivery) base(me identity, thread chat.ThreadID) chat.EventBase {
	base := chat.EventBase{ID: "delivery:" + d.id, ThreadID: thread, Raw: d.raw}
	if d.Sender != nil {
		base.User = me.author(d.Sender)
	}
	return base
}
