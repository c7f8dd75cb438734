package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// SignatureHeader is the header with the HMAC of the body, made with the app secret:
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
const SignatureHeader = "X-Hub-Signature-256"

// Signature makes and checks what stands in [SignatureHeader].
func Signature(appSecret string) webhook.HMAC {
	return webhook.HMAC{Secrets: []string{appSecret}, Prefix: "sha256="}
}

// Webhook takes what one platform sends. It is safe for concurrent use.
type Webhook struct {
	// Object is what the platform's webhooks are about, such as
	// "whatsapp_business_account", "page" or "instagram". Required.
	Object string
	// VerifyToken is what Meta repeats when the webhook is set up. Default: nobody can
	// set it up.
	VerifyToken string
	// AppSecret signs webhooks. Default: none is taken.
	AppSecret string
}

// Take answers a request: a GET that asks whether the webhook is the bot's, or a POST
// with entries. It hands each entry, as JSON, to the function, in their order. What the
// function returns means what an error of Host.Deliver means; see the package's section
// Batches.
func (h *Webhook) Take(w http.ResponseWriter, r *http.Request, log *slog.Logger, entry func(ctx context.Context, d *Delivery, entry json.RawMessage) error) {
	if r.Method == http.MethodGet {
		challenge, err := webhook.HubChallenge(r.URL.Query(), h.VerifyToken)
		if err != nil {
			webhook.Refuse(w, r, log, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, challenge)
		return
	}
	d := &Delivery{}
	err := h.take(r, d, entry)
	invalid := errors.Join(d.invalid...)
	switch {
	case err != nil:
		webhook.Refuse(w, r, log, err)
	case invalid != nil && d.taken == 0:
		webhook.Refuse(w, r, log, invalid)
	case invalid != nil: // what was taken must not come again and again for this
		log.WarnContext(r.Context(), "webhook-parts-refused", "error", invalid)
	}
}

// Delivery counts what has become of the parts of one webhook.
type Delivery struct {
	taken   int
	invalid []error
}

func (h *Webhook) take(r *http.Request, d *Delivery, entry func(ctx context.Context, d *Delivery, entry json.RawMessage) error) error {
	if err := webhook.CheckMethod(r, http.MethodGet, http.MethodPost); err != nil {
		return err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64)
	if err != nil {
		return err
	}
	if err := Signature(h.AppSecret).Check(r.Header.Get(SignatureHeader), body); err != nil {
		return err
	}
	var delivery struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := webhook.DecodeJSON(body, &delivery); err != nil {
		return err
	}
	if delivery.Object != h.Object {
		return webhook.BadRequest("object is another one than %q", h.Object)
	}
	if len(delivery.Entry) == 0 {
		return webhook.BadRequest("entry is empty")
	}
	return Each(d, delivery.Entry, func(_ *struct{}, raw json.RawMessage) error { return entry(r.Context(), d, raw) })
}

// Each decodes each part of a list by itself and has it taken, in their order, with its
// JSON. A part that cannot be decoded, or with [chat.ErrInvalidArgument], stops no other
// one: the delivery keeps why. Any other error is returned at once.
func Each[T any](d *Delivery, parts []json.RawMessage, take func(part *T, raw json.RawMessage) error) error {
	for _, raw := range parts {
		part, before := new(T), len(d.invalid)
		err := decode(raw, part)
		if err == nil {
			err = take(part, raw)
		}
		switch {
		case errors.Is(err, chat.ErrInvalidArgument):
			d.invalid = append(d.invalid, err)
		case err != nil:
			return err
		case len(d.invalid) == before: // so are the lists in it
			d.taken++
		}
	}
	return nil
}

// decode decodes an object: null is none.
func decode(raw json.RawMessage, into any) error {
	if text := bytes.TrimSpace(raw); len(text) == 0 || text[0] != '{' {
		return webhook.BadRequest("a list in the webhook has what is no object")
	}
	return webhook.DecodeJSON(raw, into)
}
