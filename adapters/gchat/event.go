package gchat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// Kinds of interactions.
const (
	messageKind = "message"
	addedKind   = "added"
	removedKind = "removed"
	clickKind   = "click"
	commandKind = "command"
)

// Steps of a dialog.
// https://developers.google.com/workspace/chat/dialogs
const (
	requestDialog = "REQUEST_DIALOG"
	submitDialog  = "SUBMIT_DIALOG"
	cancelDialog  = "CANCEL_DIALOG"
)

// interaction is something that a user has done with the app. Chat has two forms of it,
// chatEvent and addOnEvent.
type interaction struct {
	kind   string // one of the above, or the platform's name for what is none
	addOn  bool   // the form of Workspace add-ons
	user   *user
	space  *space
	thread *named
	msg    *message
	rawMsg json.RawMessage
	at     time.Time
	dialog string // a step of a dialog
	common commonEvent
	// command is the id of a command in the app's configuration.
	command json.Number
	raw     json.RawMessage // without tokens
}

// commonEvent has the fields that both forms have.
// https://developers.google.com/workspace/add-ons/concepts/event-objects#common-event-object
type commonEvent struct {
	Parameters map[string]string `json:"parameters"`
	Inputs     map[string]input  `json:"formInputs"`
}

// input is what was entered or chosen.
type input struct {
	Strings *struct {
		Value []string `json:"value"`
	} `json:"stringInputs"`
	Date *struct {
		Milliseconds json.Number `json:"msSinceEpoch"`
	} `json:"dateInput"`
}

type commandMetadata struct {
	ID json.Number `json:"appCommandId"`
}

// chatEvent is the older form.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/Event
type chatEvent struct {
	Type      string          `json:"type"`
	EventTime string          `json:"eventTime"`
	User      *user           `json:"user"`
	Space     *space          `json:"space"`
	Thread    *named          `json:"thread"`
	Message   json.RawMessage `json:"message"`
	Action    *struct {
		Name       string `json:"actionMethodName"`
		Parameters []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"parameters"`
	} `json:"action"`
	Common  commonEvent      `json:"common"`
	Dialog  string           `json:"dialogEventType"`
	Command *commandMetadata `json:"appCommandMetadata"`
}

// addOnEvent is the form of Workspace add-ons.
// https://developers.google.com/workspace/add-ons/concepts/event-objects#chat-event-object
type addOnEvent struct {
	Common commonEvent `json:"commonEventObject"`
	Chat   struct {
		User      *user         `json:"user"`
		Space     *space        `json:"space"`
		EventTime string        `json:"eventTime"`
		Message   *addOnPayload `json:"messagePayload"`
		Added     *addOnPayload `json:"addedToSpacePayload"`
		Removed   *addOnPayload `json:"removedFromSpacePayload"`
		Clicked   *addOnPayload `json:"buttonClickedPayload"`
		Widget    *addOnPayload `json:"widgetUpdatedPayload"`
		Command   *addOnPayload `json:"appCommandPayload"`
	} `json:"chat"`
}

type addOnPayload struct {
	Space    *space           `json:"space"`
	Thread   *named           `json:"thread"`
	Message  json.RawMessage  `json:"message"`
	Dialog   string           `json:"dialogEventType"`
	Metadata *commandMetadata `json:"appCommandMetadata"`
}

var chatKinds = map[string]string{
	"MESSAGE": messageKind, "ADDED_TO_SPACE": addedKind, "REMOVED_FROM_SPACE": removedKind, "CARD_CLICKED": clickKind, "APP_COMMAND": commandKind,
}

// parseInteraction reads an interaction of either form.
func parseInteraction(body []byte) (*interaction, error) {
	var fields map[string]json.RawMessage
	if err := webhook.DecodeJSON(body, &fields); err != nil {
		return nil, err
	}
	// They hold tokens, which are not kept.
	delete(fields, "authorizationEventObject")
	delete(fields, "token")
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var i *interaction
	if _, ok := fields["chat"]; ok {
		i, err = parseAddOn(raw)
	} else {
		i, err = parseChat(raw)
	}
	if err != nil {
		return nil, err
	}
	i.raw = raw
	if len(i.rawMsg) > 0 {
		if err := webhook.DecodeJSON(i.rawMsg, &i.msg); err != nil {
			return nil, err
		}
	}
	if i.msg != nil {
		if i.space == nil || !i.space.isTyped() && i.msg.Space != nil && i.msg.Space.isTyped() {
			i.space = i.msg.Space
		}
		if i.thread == nil {
			i.thread = i.msg.Thread
		}
		if i.command == "" && i.msg.SlashCommand != nil {
			i.command = i.msg.SlashCommand.ID
		}
		if i.kind == messageKind && i.command != "" {
			i.kind = commandKind
		}
	}
	return i, nil
}

func parseChat(raw []byte) (*interaction, error) {
	var e chatEvent
	if err := webhook.DecodeJSON(raw, &e); err != nil {
		return nil, err
	}
	if e.Type == "" {
		return nil, bad("the event has no type")
	}
	i := &interaction{kind: chatKinds[e.Type], user: e.User, space: e.Space, thread: e.Thread, rawMsg: e.Message, at: timeOf(e.EventTime), dialog: e.Dialog, common: e.Common}
	if i.kind == "" {
		i.kind = e.Type
	}
	if e.Command != nil {
		i.command = e.Command.ID
	}
	if e.Action != nil && len(i.common.Parameters) == 0 {
		i.common.Parameters = map[string]string{}
		for _, p := range e.Action.Parameters {
			i.common.Parameters[p.Key] = p.Value
		}
	}
	return i, nil
}

func parseAddOn(raw []byte) (*interaction, error) {
	var e addOnEvent
	if err := webhook.DecodeJSON(raw, &e); err != nil {
		return nil, err
	}
	c := &e.Chat
	i := &interaction{addOn: true, user: c.User, space: c.Space, at: timeOf(c.EventTime), common: e.Common}
	for _, one := range []struct {
		kind    string
		payload *addOnPayload
	}{
		{messageKind, c.Message}, {addedKind, c.Added}, {removedKind, c.Removed}, {clickKind, c.Clicked}, {commandKind, c.Command}, {"WIDGET_UPDATED", c.Widget},
	} {
		p := one.payload
		if p == nil {
			continue
		}
		i.kind, i.thread, i.rawMsg, i.dialog = one.kind, p.Thread, p.Message, p.Dialog
		if p.Space != nil {
			i.space = p.Space
		}
		if p.Metadata != nil {
			i.command = p.Metadata.ID
		}
		return i, nil
	}
	i.kind = futureKind(raw)
	return i, nil
}

// futureKind returns the name of a payload that the adapter does not know.
func futureKind(raw []byte) string {
	var e struct {
		Chat map[string]json.RawMessage `json:"chat"`
	}
	_ = json.Unmarshal(raw, &e) // it was decoded before
	var names []string
	for name := range e.Chat {
		if name != "user" && name != "space" && name != "eventTime" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "UNKNOWN"
	}
	return slices.Min(names)
}

// id returns an id for the event. A repeated delivery has the same id.
func (i *interaction) id() string { return i.kind + ":" + digest(i.raw) }

// digest returns a hash, which serves as the id of an event without one.
func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// value is what was entered or chosen in the input, and whether anything was.
func (in input) value() (string, bool) {
	switch {
	case in.Strings != nil && len(in.Strings.Value) > 0:
		return in.Strings.Value[0], in.Strings.Value[0] != ""
	case in.Date != nil:
		ms, err := in.Date.Milliseconds.Int64()
		return time.UnixMilli(ms).UTC().Format(time.DateOnly), err == nil
	}
	return "", false
}

func bad(text string) error { return webhook.BadRequest("%s", text) }
