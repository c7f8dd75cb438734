package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// frame is what Slack sends over a connection.
type frame struct {
	Type       string          `json:"type"`
	Reason     string          `json:"reason"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
	Retry      int             `json:"retry_attempt"`
}

// lane is the channel in which an envelope must keep its order. Empty: none, as for
// what a user waits for.
func (f *frame) lane() string {
	if f.Type != "events_api" {
		return ""
	}
	var payload struct {
		Event struct {
			Channel json.RawMessage `json:"channel"`
			Item    struct {
				Channel string `json:"channel"`
			} `json:"item"`
		} `json:"event"`
	}
	if json.Unmarshal(f.Payload, &payload) != nil {
		return ""
	}
	return firstOf(idIn(payload.Event.Channel), payload.Event.Item.Channel)
}

// takeEnvelope handles what came over a socket, and returns what it is answered
// with.
func (a *Adapter) takeEnvelope(ctx context.Context, f *frame) (answer, error) {
	switch f.Type {
	case "events_api":
		env := &envelope{}
		if err := webhook.DecodeJSON(f.Payload, env); err != nil {
			return nil, err
		}
		return nil, a.takeEvent(ctx, env, f.Retry > 0)
	case "interactive":
		return a.handleInteraction(ctx, f.Payload)
	case "slash_commands":
		form, err := f.form()
		if err != nil {
			return nil, err
		}
		return a.takeForm(ctx, form)
	}
	a.log.DebugContext(ctx, "envelope-ignored", "type", f.Type)
	return nil, nil
}

// form returns the fields of a slash command as a webhook has them.
func (f *frame) form() (url.Values, error) {
	var fields map[string]any
	if err := webhook.DecodeJSON(f.Payload, &fields); err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, value := range fields {
		switch value.(type) {
		case string, bool:
			form.Set(name, fmt.Sprint(value))
		}
	}
	return form, nil
}
