package messaging

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// entry is what has happened to one page or account.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
type entry struct {
	ID        string            `json:"id"`
	Time      json.Number       `json:"time"`
	Messaging []json.RawMessage `json:"messaging"`
	// Standby are events of conversations that another app has at present.
	Standby []json.RawMessage `json:"standby"`
	Changes []json.RawMessage `json:"changes"`
	change
}

// change is what has happened outside conversations, such as a comment. Instagram also
// has it in the entry itself.
// https://developers.facebook.com/documentation/instagram-platform/webhooks/examples
type change struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

// ServeHTTP takes webhooks at any path: by GET the question whether they are the bot's,
// by POST entries. What is answered 200 is stored.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.webhook.Take(w, r, a.log, a.takeEntry)
}

// takeEntry takes what an entry has, part by part.
func (a *Adapter) takeEntry(ctx context.Context, d *meta.Delivery, raw json.RawMessage) error {
	var e entry
	if err := webhook.DecodeJSON(raw, &e); err != nil {
		return err
	}
	if !isID(e.ID) {
		return webhook.BadRequest("an entry has no id")
	}
	if a.cfg.Account != "" && e.ID != a.cfg.Account {
		a.log.InfoContext(ctx, "an entry of another account is left out", "account", e.ID)
		return nil
	}
	if len(e.Messaging)+len(e.Standby)+len(e.Changes) == 0 && e.Field == "" {
		return webhook.BadRequest("an entry has nothing in it")
	}
	err := meta.Each(d, e.Messaging, func(fields *map[string]json.RawMessage, raw json.RawMessage) error {
		return a.takeEvent(ctx, e.ID, *fields, raw)
	})
	if err != nil {
		return err
	}
	err = meta.Each(d, e.Standby, func(fields *map[string]json.RawMessage, raw json.RawMessage) error {
		ev, err := readEvent(e.ID, *fields, raw)
		if err != nil {
			return err
		}
		ev.kind, ev.data = "standby", raw
		return a.deliver(ctx, a.platformEvent(ev))
	})
	if err != nil {
		return err
	}
	err = meta.Each(d, e.Changes, func(c *change, raw json.RawMessage) error { return a.takeChange(ctx, &e, c, raw) })
	if err != nil || e.Field == "" {
		return err
	}
	return a.takeChange(ctx, &e, &e.change, raw)
}

// takeChange takes a change. The tests of Meta's dashboard send events of conversations
// so.
func (a *Adapter) takeChange(ctx context.Context, e *entry, c *change, raw json.RawMessage) error {
	if c.Field == "" {
		return webhook.BadRequest("a change has no field")
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.Value, &fields) == nil && fields["sender"] != nil && fields["recipient"] != nil {
		return a.takeEvent(ctx, e.ID, fields, c.Value)
	}
	ev := &event{account: e.ID, kind: c.Field, data: c.Value, raw: raw, at: timeOf(e.Time)}
	return a.deliver(ctx, a.platformEvent(ev))
}

func (a *Adapter) deliver(ctx context.Context, events ...chat.Inbound) error {
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}
