package teams

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Fields in the data of a submitted dialog, in addition to its values. The first two are
// those of the TypeScript SDK.
const (
	callbackKey = "__callbackId"
	contextKey  = "__contextId"
	metadataKey = "__privateMetadata"
	viewKey     = "__view"
)

// viewTTL is how long a dialog can be shown again with errors.
const viewTTL = 24 * time.Hour

// dialog returns a modal as the answer to an invoke. values are shown in its inputs, and
// problems above them.
func (a *Adapter) dialog(ctx context.Context, modal *card.Modal, contextID string, values chat.ModalValues, problems map[string]string) (params, error) {
	if modal == nil {
		return nil, fmt.Errorf("%w: teams: the modal is nil", chat.ErrInvalidArgument)
	}
	if err := modal.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	w := &cardWriter{adapter: a, mentions: &mentions{name: func(id chat.UserID) string { return string(id) }}}
	for _, id := range slices.Sorted(maps.Keys(problems)) {
		w.add(w.plain(problems[id], params{"color": "Attention"})...)
	}
	for i, child := range modal.Children {
		elements, err := w.input(child, values)
		if err != nil {
			return nil, fmt.Errorf("teams: children[%d]: %w", i, err)
		}
		w.add(elements...)
	}
	view, err := a.keepView(ctx, modal)
	if err != nil {
		return nil, err
	}
	data := params{callbackKey: modal.CallbackID, viewKey: view}
	if contextID != "" {
		data[contextKey] = contextID
	}
	if modal.PrivateMetadata != "" {
		data[metadataKey] = modal.PrivateMetadata
	}
	label := "Submit"
	if modal.SubmitLabel != "" {
		label = w.label(modal.SubmitLabel)
	}
	content := params{
		"type": "AdaptiveCard", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "version": cardVersion, "body": w.body,
		"actions": []params{{"type": "Action.Submit", "title": label, "style": "positive", "data": data}},
	}
	return params{"task": params{"type": "continue", "value": params{
		"title": w.label(modal.Title), "card": params{"contentType": adaptiveType, "content": content},
	}}}, nil
}

// keepView stores a modal, so that it can be shown again.
func (a *Adapter) keepView(ctx context.Context, modal *card.Modal) (string, error) {
	data, err := json.Marshal(modal)
	if err != nil {
		return "", err
	}
	view := rand.Text()
	return view, a.host.State().Set(ctx, "teams:dialog:"+view, data, viewTTL)
}

// viewOf returns a modal that was shown, or nil.
func (a *Adapter) viewOf(ctx context.Context, view string) *card.Modal {
	data, err := a.host.State().Get(ctx, "teams:dialog:"+view)
	if err != nil {
		return nil
	}
	modal := new(card.Modal)
	if json.Unmarshal(data, modal) != nil {
		return nil
	}
	return modal
}

// input returns an element of a modal.
func (w *cardWriter) input(child card.Input, values chat.ModalValues) ([]params, error) {
	field := func(kind, id, label, placeholder, initial string, optional bool) params {
		out := params{"type": kind, "id": inputID(id), "label": w.label(label), "isRequired": !optional}
		if !optional {
			out["errorMessage"] = "Please fill this in."
		}
		if placeholder != "" {
			out["placeholder"] = w.label(placeholder)
		}
		if given, ok := values[id]; ok {
			initial = given
		}
		if initial != "" {
			out["value"] = initial
		}
		return out
	}
	choices := func(out params, style string, options []*card.Option) []params {
		all := []params{}
		for _, o := range options {
			if o != nil {
				all = append(all, params{"title": w.label(o.Label), "value": o.Value})
			}
		}
		out["choices"], out["style"] = all, style
		return []params{out}
	}
	switch in := child.(type) {
	case *card.TextInput:
		out := field("Input.Text", in.ID, in.Label, in.Placeholder, in.InitialValue, in.Optional)
		out["isMultiline"] = in.Multiline
		if in.MaxLength > 0 {
			out["maxLength"] = in.MaxLength
		}
		return []params{out}, nil
	case *card.DateInput:
		return []params{field("Input.Date", in.ID, in.Label, in.Placeholder, in.InitialValue, in.Optional)}, nil
	case *card.NumberInput:
		out := field("Input.Number", in.ID, in.Label, in.Placeholder, "", in.Optional)
		delete(out, "value") // it is a number here
		if in.InitialValue != nil {
			out["value"] = *in.InitialValue
		}
		if given, err := values.Number(in.ID); err == nil {
			out["value"] = given
		}
		if in.Min != nil {
			out["min"] = *in.Min
		}
		if in.Max != nil {
			out["max"] = *in.Max
		}
		return []params{out}, nil
	case *card.Select:
		return choices(field("Input.ChoiceSet", in.ID, in.Label, in.Placeholder, in.InitialOption, in.Optional), "compact", in.Options), nil
	case *card.RadioSelect:
		return choices(field("Input.ChoiceSet", in.ID, in.Label, "", in.InitialOption, in.Optional), "expanded", in.Options), nil
	case *card.ExternalSelect:
		// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search
		var options []*card.Option
		initial := ""
		if in.InitialOption != nil {
			options, initial = []*card.Option{in.InitialOption}, in.InitialOption.Value
		}
		out := field("Input.ChoiceSet", in.ID, in.Label, in.Placeholder, initial, in.Optional)
		out["choices.data"] = params{"type": "Data.Query", "dataset": in.ID}
		return choices(out, "filtered", options), nil
	case card.Child: // text and fields
		return w.child(in), nil
	}
	return nil, fmt.Errorf("%w: a dialog cannot have an element of the type %q", chat.ErrInvalidArgument, child.Type())
}

// submission returns the event of a submitted dialog.
func (a *Adapter) submission(act *activity, data map[string]json.RawMessage) *chat.ModalSubmitEvent {
	values := chat.ModalValues{}
	for name, raw := range data {
		if id, ok := inputOf(name); ok {
			if value := textOf(raw); value != "" {
				values[id] = value
			}
		}
	}
	return &chat.ModalSubmitEvent{
		EventBase: a.base(act, ""), CallbackID: textOf(data[callbackKey]), PrivateMetadata: textOf(data[metadataKey]), ContextID: textOf(data[contextKey]),
		ViewID: textOf(data[viewKey]), Values: values,
	}
}

// nextDialog returns the answer to a submission. If it is nil, the dialog closes.
func (a *Adapter) nextDialog(ctx context.Context, ev *chat.ModalSubmitEvent, answer chat.ModalAnswer) (any, error) {
	switch answer.Action {
	case chat.ModalUpdate, chat.ModalPush: // Teams shows one at a time
		return a.dialog(ctx, answer.Modal, answer.ContextID, nil, nil)
	case chat.ModalErrors:
		modal := a.viewOf(ctx, ev.ViewID)
		if modal == nil {
			var lines []string
			for _, id := range slices.Sorted(maps.Keys(answer.Errors)) {
				lines = append(lines, answer.Errors[id])
			}
			return params{"task": params{"type": "message", "value": format.Shorten(strings.Join(lines, "\n"), maxBlock, format.UTF16)}}, nil
		}
		return a.dialog(ctx, modal, ev.ContextID, ev.Values, answer.Errors)
	}
	return nil, nil
}
