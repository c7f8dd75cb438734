package teams

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// handleClick takes a click on a button of a card, or the choices in its menus.
func (a *Adapter) handleClick(ctx context.Context, act *activity, data map[string]json.RawMessage) error {
	_, err := webhook.DeliverAll(ctx, a.host, a.actionsOf(act, data)...)
	return err
}

// actionsOf returns the events of a click: one, or with autoSubmit one for each menu with a
// choice.
func (a *Adapter) actionsOf(act *activity, data map[string]json.RawMessage) []chat.Inbound {
	on := act.ReplyToID
	if on == "" {
		on = act.ID
	}
	event := func(part, id, value string) *chat.ActionEvent {
		ev := &chat.ActionEvent{EventBase: a.base(act, part), ActionID: id, Value: value}
		if isActivityID(on) {
			ev.MessageID = act.at.messageID(on)
		}
		return ev
	}
	action := textOf(data[actionKey])
	if action != autoSubmit {
		return []chat.Inbound{event("", action, textOf(data[valueKey]))}
	}
	var events []chat.Inbound
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if id, ok := inputOf(name); ok {
			if value := textOf(data[name]); value != "" {
				events = append(events, event(name, id, value))
			}
		}
	}
	return events
}

// textOf returns a value in the data of a click as text.
func textOf(raw json.RawMessage) string {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}
