package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Discord's limits for modals, in characters or elements.
// https://docs.discord.com/developers/components/using-modal-components
const (
	maxModalTitle       = 45
	maxModalComponents  = 5
	maxModalLabel       = 45
	maxInputText        = 4000
	maxInputPlaceholder = 100
)

// Styles of text inputs.
const (
	shortInput = 1
	longInput  = 2
)

// Kinds of text inputs whose values are checked. Discord has no inputs for dates and
// numbers.
const (
	dateKind   = "date"
	numberKind = "number"
)

// formComponent is a component of a modal, or of a submitted one: a label or a row with
// an input.
type formComponent struct {
	Type        int             `json:"type"`
	Label       string          `json:"label,omitempty"`
	Description string          `json:"description,omitempty"`
	Content     string          `json:"content,omitempty"`
	Component   *component      `json:"component,omitempty"`
	Components  []formComponent `json:"components,omitempty"`
	CustomID    string          `json:"custom_id,omitempty"`
	Value       string          `json:"value,omitempty"`
	Values      []string        `json:"values,omitempty"`
}

// formContext is the data that is stored in a modal and comes back with it.
type formContext struct {
	ContextID string `json:"c,omitempty"`
	Metadata  string `json:"m,omitempty"`
}

// OpenModal opens a modal. The trigger id must be that of a click or a command that came
// at most three seconds ago, and which has no response yet. A modal has one to five
// elements. The error is [chat.ErrInvalidArgument] for a modal that Discord would refuse,
// and [errors.ErrUnsupported] for a select whose options are loaded while the user types.
// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
func (a *Adapter) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	id, token, err := parseTrigger(trigger)
	if err != nil {
		return err
	}
	data, err := a.form(ctx, modal, contextID)
	if err != nil {
		return err
	}
	send := func() error { return a.respond(ctx, id, token, &response{Type: modalResponse, Data: data}) }
	tried, err := a.waiting.find(id).answer(send)
	if !tried { // it came to another instance, or has a response
		err = send()
	}
	if err == nil {
		a.settle(ctx, &openInteraction{ID: id})
	}
	return err
}

// form returns the arguments of a modal.
func (a *Adapter) form(ctx context.Context, modal *card.Modal, contextID string) (params, error) {
	if modal == nil {
		return nil, fmt.Errorf("%w: discord: the modal is nil", chat.ErrInvalidArgument)
	}
	if err := modal.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	if n := len(modal.Children); n < 1 || n > maxModalComponents {
		return nil, fmt.Errorf("%w: discord: the modal has %d children, want 1 to %d", chat.ErrInvalidArgument, n, maxModalComponents)
	}
	list := make([]formComponent, len(modal.Children))
	for i, child := range modal.Children {
		made, err := a.input(ctx, child)
		if err != nil {
			return nil, fmt.Errorf("discord: children[%d]: %w", i, err)
		}
		list[i] = made
	}
	kept, err := json.Marshal(formContext{contextID, modal.PrivateMetadata})
	if err != nil {
		return nil, err
	}
	customID, err := a.buttons.Pack(ctx, modal.CallbackID, string(kept))
	if err != nil {
		return nil, err
	}
	return params{"custom_id": customID, "title": format.Shorten(a.plain(modal.Title), maxModalTitle, format.UTF16), "components": list}, nil
}

// input returns an element of a modal.
func (a *Adapter) input(ctx context.Context, child card.Input) (formComponent, error) {
	text := func(id, label, kind, placeholder, value string, optional bool) (formComponent, error) {
		c := component{Type: textInputComponent, Style: shortInput, Placeholder: placeholder, Value: value}
		return a.labelled(ctx, id, kind, label, optional, c)
	}
	switch in := child.(type) {
	case *card.TextInput:
		if size(in.InitialValue) > maxInputText {
			return formComponent{}, fmt.Errorf("%w: the initialValue has more than %d characters", chat.ErrInvalidArgument, maxInputText)
		}
		c := component{Type: textInputComponent, Style: shortInput, Placeholder: in.Placeholder, Value: in.InitialValue, MaxLength: min(in.MaxLength, maxInputText)}
		if in.Multiline {
			c.Style = longInput
		}
		return a.labelled(ctx, in.ID, "", in.Label, in.Optional, c)
	case *card.DateInput:
		return text(in.ID, in.Label, dateKind, firstOf(in.Placeholder, "YYYY-MM-DD"), in.InitialValue, in.Optional)
	case *card.NumberInput:
		value := ""
		if in.InitialValue != nil {
			value = strconv.FormatFloat(*in.InitialValue, 'f', -1, 64)
		}
		return text(in.ID, in.Label, numberKind, in.Placeholder, value, in.Optional)
	case *card.Select:
		return a.choice(ctx, in.ID, in.Label, in.Placeholder, in.InitialOption, in.Options, in.Optional)
	case *card.RadioSelect:
		return a.choice(ctx, in.ID, in.Label, "", in.InitialOption, in.Options, in.Optional)
	case *card.ExternalSelect:
		return formComponent{}, fmt.Errorf("a select whose options are loaded while the user types: %w", errors.ErrUnsupported)
	case card.Child: // text and fields
		var m mentions
		text := format.Render(format.CardTree(&card.Card{Children: []card.Child{in}}, format.NoActions), a.markup(&m))
		return formComponent{Type: textComponent, Content: orBlank(text)}, nil
	}
	return formComponent{}, fmt.Errorf("an element of the type %q: %w", child.Type(), errors.ErrUnsupported)
}

func (a *Adapter) choice(ctx context.Context, id, label, placeholder, initial string, options []*card.Option, optional bool) (formComponent, error) {
	b := &rowBuilder{adapter: a, ctx: ctx}
	all := b.options(initial, options)
	if b.err != nil {
		return formComponent{}, b.err
	}
	if len(all) == 0 || len(all) > maxOptions {
		return formComponent{}, fmt.Errorf("%w: the select has %d options, want 1 to %d", chat.ErrInvalidArgument, len(all), maxOptions)
	}
	c := component{Type: selectComponent, Placeholder: placeholder, Options: all}
	if optional {
		c.MinValues = new(0)
	}
	return a.labelled(ctx, id, "", label, optional, c)
}

// labelled returns a label with an input. The id of the input contains the kind of its
// value.
func (a *Adapter) labelled(ctx context.Context, id, kind, label string, optional bool, c component) (formComponent, error) {
	customID, err := a.buttons.Pack(ctx, id, kind)
	if err != nil {
		return formComponent{}, err
	}
	c.CustomID, c.Required = customID, new(!optional)
	most := maxInputPlaceholder
	if c.Type == selectComponent {
		most = maxPlaceholder
	}
	c.Placeholder = format.Shorten(a.plain(c.Placeholder), most, format.UTF16)
	return formComponent{
		Type: labelComponent, Label: orBlank(format.Shorten(a.plain(label), maxModalLabel, format.UTF16)), Component: &c,
	}, nil
}

// handleForm takes a submitted modal, and responds with the result of the handlers.
func (a *Adapter) handleForm(ctx context.Context, at place, i *interaction, base chat.EventBase) (*response, error) {
	callbackID, kept, err := a.buttons.Unpack(ctx, i.Data.CustomID)
	if errors.Is(err, chat.ErrNotFound) {
		return a.tell("This form is too old."), nil
	} else if err != nil {
		return nil, err
	}
	var form formContext
	if kept != "" && json.Unmarshal([]byte(kept), &form) != nil {
		form = formContext{Metadata: kept} // another program opened the modal
	}
	values, problems, err := a.answers(ctx, i.Data.Components)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return a.tell(listOf(problems)), nil
	}
	return a.submit(ctx, at, i, &chat.ModalSubmitEvent{
		EventBase: base, CallbackID: callbackID, PrivateMetadata: form.Metadata, ContextID: form.ContextID, ViewID: i.ID, Values: values,
	})
}

// submit calls the handlers of a modal. If a command opened the modal, a post of the
// handlers is the response. Otherwise the response is that nothing changes.
func (a *Adapter) submit(ctx context.Context, at place, i *interaction, ev *chat.ModalSubmitEvent) (*response, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	w := a.waiting.begin(i.ID)
	if w == nil {
		return nil, webhook.BadRequest("the form is being handled already")
	}
	defer a.waiting.end(i.ID)
	open := &openInteraction{ID: i.ID, Token: i.Token, Answerable: i.Message == nil}
	if err := a.keepOpen(ctx, at, ev.User.UserID, open); err != nil {
		return nil, err
	}
	answer, err := webhook.InTime(ctx, func() (chat.ModalAnswer, error) { return a.host.SubmitModal(ctx, ev) })
	if err != nil {
		return nil, err
	}
	switch answer.Action {
	case chat.ModalErrors:
		if w.close(nil) {
			a.settle(ctx, open)
			return a.tell(listOf(answer.Errors)), nil
		}
	case chat.ModalUpdate, chat.ModalPush:
		a.log.WarnContext(ctx, "Discord opens no modal from a modal", "action", string(answer.Action), "modal", ev.CallbackID)
	}
	if !w.close(nil) {
		return nil, nil
	}
	if !open.Answerable {
		return &response{Type: silentResponse}, nil
	}
	a.background.run(func(ctx context.Context) {
		if a.showLoading(ctx, open, true) == nil {
			a.endLoading(ctx, open)
		}
	})
	return nil, nil
}

// tell returns a response that only the user sees.
func (a *Adapter) tell(text string) *response {
	return &response{Type: messageResponse, Data: params{
		"content": format.Shorten(escape(text), maxContent, format.UTF16), "flags": ephemeralFlag, "allowed_mentions": params{"parse": []string{}},
	}}
}

func listOf(problems map[string]string) string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(problems)) {
		lines = append(lines, problems[id])
	}
	return strings.Join(lines, "\n")
}

// answers returns the submitted values and what is wrong with them, by the ids of the
// inputs.
func (a *Adapter) answers(ctx context.Context, components []formComponent) (values chat.ModalValues, problems map[string]string, err error) {
	values, problems = chat.ModalValues{}, map[string]string{}
	for _, c := range components {
		for _, in := range slices.Concat(c.Components, c.inner()) {
			value := in.Value
			if len(in.Values) > 0 {
				if value, _, err = a.buttons.Unpack(ctx, in.Values[0]); err != nil {
					return nil, nil, err
				}
			}
			if in.CustomID == "" || value == "" {
				continue
			}
			id, kind, err := a.buttons.Unpack(ctx, in.CustomID)
			if err != nil {
				return nil, nil, err
			}
			value, problem := checked(kind, value)
			if problem != "" {
				problems[id] = problem
			}
			values[id] = value
		}
	}
	return values, problems, nil
}

// inner returns the input below a label.
func (c *formComponent) inner() []formComponent {
	if c.Component == nil {
		return nil
	}
	return []formComponent{{CustomID: c.Component.CustomID, Value: c.Component.Value, Values: c.Component.Values}}
}

func checked(kind, value string) (text, problem string) {
	switch kind {
	case dateKind:
		value = strings.TrimSpace(value)
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return value, "Please write the date as YYYY-MM-DD."
		}
	case numberKind:
		value = strings.TrimSpace(value)
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return value, "Please write a number."
		}
	}
	return value, ""
}
