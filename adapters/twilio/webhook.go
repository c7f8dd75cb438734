package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// maxBody is more than any webhook of Twilio's has, in bytes.
const maxBody = 1 << 20

// emptyAnswer says that there is nothing to send: the bot answers through the API.
// https://www.twilio.com/docs/messaging/twiml#respond-without-sending-a-message
const emptyAnswer = `<?xml version="1.0" encoding="UTF-8"?><Response/>`

// ServeHTTP takes webhooks. One is answered 200 when what it holds is stored.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.take(r); err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, emptyAnswer) // a sender that does not wait gets none
}

// take verifies and reads a webhook, and hands what it holds to the bot.
func (a *Adapter) take(r *http.Request) error {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return err
	}
	if r.Header.Get(signatureHeader) == "" {
		return webhook.Unauthorized(errors.New("the header " + signatureHeader + " is missing"))
	}
	if err := webhook.CheckMediaType(r, webhook.Form, webhook.JSON); err != nil {
		return err
	}
	body, err := webhook.ReadBody(r, maxBody)
	if err != nil {
		return err
	}
	if webhook.MediaType(r.Header) == webhook.JSON {
		if err := a.signature.checkJSON(r, body); err != nil {
			return err
		}
		return a.takeEvents(r.Context(), body)
	}
	fields, err := webhook.ParseForm(body)
	if err != nil {
		return err
	}
	if err := a.signature.checkForm(r, fields); err != nil {
		return err
	}
	return a.takeForm(r.Context(), formOf(fields))
}

// form has the fields of a webhook.
type form map[string]string

// formOf returns the fields. Twilio sends none twice; of one that comes twice the first
// counts.
func formOf(fields url.Values) form {
	f := form{}
	for name := range fields {
		f[name] = fields.Get(name)
	}
	return f
}

// first returns the first field of these that is not empty.
func (f form) first(names ...string) string {
	for _, name := range names {
		if f[name] != "" {
			return f[name]
		}
	}
	return ""
}

// json returns the fields as an object.
func (f form) json() json.RawMessage {
	data, _ := json.Marshal(f) // texts alone
	return data
}

// takeForm takes what has come from somebody, or what has become of a message.
// https://www.twilio.com/docs/messaging/guides/webhook-request
func (a *Adapter) takeForm(ctx context.Context, f form) error {
	id := chat.MessageID(f.first("MessageSid", "SmsMessageSid", "SmsSid"))
	if !isMessageID(id) {
		return webhook.BadRequest("MessageSid is missing, or no id of a message")
	}
	if status := f.first("MessageStatus", "SmsStatus"); status != "" && status != "received" && status != "receiving" {
		return a.takeStatus(ctx, f, id, status)
	}
	if !isAddress(f["From"]) || !isAddress(f["To"]) {
		return webhook.BadRequest("From or To is missing, or no address")
	}
	p := place{sender: f["To"], recipient: f["From"]}
	thread, err := p.threadID()
	if err != nil {
		return err
	}
	base := chat.EventBase{ID: string(id), ThreadID: thread, User: a.author(f), Raw: f.json()}
	switch {
	case f["OptOutType"] != "":
		// Twilio has answered the word itself, and blocks or allows further messages.
		// https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
		return a.deliverPlatformEvent(ctx, base, "opt_out")
	case f.first("ButtonPayload", "ListId") != "":
		return a.deliverAction(ctx, f, base)
	case !f.says():
		return a.deliverPlatformEvent(ctx, base, f.kind())
	}
	_, err = a.host.Deliver(ctx, a.message(f, p, base))
	return err
}

// author is who has sent what came in.
func (a *Adapter) author(f form) chat.Author {
	from := f["From"]
	name := f.first("ProfileName", "From") // WhatsApp tells a name
	c := &a.config
	me := from == c.PhoneNumber || from == prefixed(whatsAppPrefix, c.WhatsAppNumber) || from == prefixed(rcsPrefix, c.RCSSenderID)
	return chat.Author{UserID: chat.UserID(from), UserName: name, FullName: name, Bot: new(false), Me: me}
}

// deliverAction delivers that a button of a template, or an item of its list, was tapped.
func (a *Adapter) deliverAction(ctx context.Context, f form, base chat.EventBase) error {
	payload, label := f["ButtonPayload"], f["ButtonText"]
	if payload == "" {
		payload, label = f["ListId"], f["ListTitle"]
	}
	id, value, err := a.buttons.Unpack(ctx, payload)
	if errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a tap on a button that is too old", "error", err)
		return nil
	} else if err != nil {
		return err
	}
	if id == "" {
		return a.deliverPlatformEvent(ctx, base, "button")
	}
	if value == "" {
		value = label
	}
	ev := &chat.ActionEvent{EventBase: base, ActionID: id, Value: value}
	if on := chat.MessageID(f["OriginalRepliedMessageSid"]); isMessageID(on) {
		ev.MessageID = on
	}
	_, err = a.host.Deliver(ctx, ev)
	return err
}

// deliverPlatformEvent delivers what only Twilio has, with the webhook's fields.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, base chat.EventBase, name string) error {
	_, err := a.host.Deliver(ctx, &chat.PlatformEvent{EventBase: base, Name: adapterName + ":" + name, Data: base.Raw})
	return err
}

var nameForm = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// kind is what a message without content is, which has "text" for its type, too.
func (f form) kind() string {
	if kind := strings.ToLower(f["MessageType"]); kind != "text" && nameForm.MatchString(kind) {
		return kind
	}
	return "empty"
}

// streamEvent is an event of Twilio's Event Streams.
// https://www.twilio.com/docs/events/webhook-quickstart
type streamEvent struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// takeEvents takes the events of a stream, of which there can be several. One that cannot
// be read stops no other: it is refused only if there was no other.
func (a *Adapter) takeEvents(ctx context.Context, body []byte) error {
	var list []json.RawMessage
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		if err := webhook.DecodeJSON(body, &list); err != nil {
			return err
		}
	} else {
		list = []json.RawMessage{body}
	}
	var events []chat.Inbound
	var unreadable []error
	for _, raw := range list {
		ev, err := readEvent(raw)
		if err != nil {
			unreadable = append(unreadable, err)
			continue
		}
		events = append(events, ev)
	}
	if len(events) == 0 {
		return errors.Join(unreadable...)
	}
	if _, err := webhook.DeliverAll(ctx, a.host, events...); err != nil {
		return err
	}
	if len(unreadable) > 0 { // what was taken must not come again and again for this
		a.log.WarnContext(ctx, "webhook-parts-refused", "error", errors.Join(unreadable...))
	}
	return nil
}

func readEvent(raw json.RawMessage) (*chat.PlatformEvent, error) {
	var e streamEvent
	if err := webhook.DecodeJSON(raw, &e); err != nil {
		return nil, err
	}
	if e.ID == "" || e.Type == "" || len(e.ID) > 256 {
		return nil, webhook.BadRequest("an event has no id or no type")
	}
	return &chat.PlatformEvent{EventBase: chat.EventBase{ID: "event:" + e.ID, Raw: raw}, Name: adapterName + ":event", Data: raw}, nil
}
