package gchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Parameters that Chat sends back when a dialog is submitted.
const (
	callbackParameter = "callbackId"
	contextParameter  = "contextId"
	metadataParameter = "privateMetadata"
	numbersParameter  = "numbers" // what inputs for numbers want, as JSON
)

// patience is the time that handlers have to open a dialog or to answer a form. Chat
// waits for 30 seconds.
// https://developers.google.com/workspace/chat/receive-respond-interactions
const patience = 25 * time.Second

// opDialog is the Op of errors about a dialog.
const opDialog = "dialog"

// deliverInteraction delivers a click or a command. Where Chat asks for a dialog, it
// waits until a handler has opened one or all have returned.
func (a *Adapter) deliverInteraction(ctx context.Context, i *interaction, ev chat.Inbound, trigger *string) (params, error) {
	if i.dialog != requestDialog {
		_, err := a.host.Deliver(ctx, ev)
		return nil, err
	}
	id, dialogs := a.waiting.begin()
	defer a.waiting.end(id)
	*trigger = id
	receipt, err := a.host.Deliver(ctx, ev)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	handled := make(chan struct{})
	go func() {
		defer close(handled)
		_ = receipt.Wait(ctx) // what became of the event is not the answer's
	}()
	select {
	case dialog := <-dialogs:
		return openDialog(i.addOn, pushCard, dialog), nil
	case <-handled:
	}
	a.waiting.end(id)
	select {
	case dialog := <-dialogs:
		return openDialog(i.addOn, pushCard, dialog), nil
	default:
		return closeDialog(i.addOn), nil
	}
}

// pushCard shows a dialog over one that is open, in the form of add-ons.
const pushCard = "pushCard"

// openDialog returns the answer to a webhook that shows a dialog.
// https://developers.google.com/workspace/chat/dialogs
// https://developers.google.com/workspace/add-ons/chat/dialogs
func openDialog(addOn bool, navigation string, dialog *outCard) params {
	if addOn {
		return params{"action": params{"navigations": []params{{navigation: dialog}}}}
	}
	return dialogAction(params{"dialog": params{"body": dialog}})
}

// closeDialog returns the answer to a webhook that closes all dialogs.
func closeDialog(addOn bool) params {
	if addOn {
		return params{"action": params{"navigations": []params{{"endNavigation": params{"action": "CLOSE_DIALOG"}}}}}
	}
	return dialogAction(params{"actionStatus": params{"statusCode": "OK"}})
}

// tellUser returns the answer to a webhook that leaves the dialog open and shows a
// text.
func tellUser(addOn bool, text string) params {
	if addOn {
		return params{"action": params{"notification": params{"text": text}}}
	}
	return dialogAction(params{"actionStatus": params{"statusCode": "INVALID_ARGUMENT", "userFacingMessage": text}})
}

func dialogAction(action params) params {
	return params{"actionResponse": params{"type": "DIALOG", "dialogAction": action}}
}

// OpenModal opens a dialog in answer to a click on a button with [card.OpenModal], or
// to a command that is set up to open one. It works once per trigger, for 25 seconds,
// and only in the process that received the webhook; after that it returns
// [chat.ErrNotFound]. It returns [chat.ErrInvalidArgument] for a modal that Chat would
// refuse, and [errors.ErrUnsupported] for a select that asks the bot for its options.
func (a *Adapter) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if trigger == "" {
		return fmt.Errorf("%w: gchat: the trigger is empty", chat.ErrInvalidArgument)
	}
	form, err := a.form(modal, contextID)
	if err != nil {
		return err
	}
	if err := a.waiting.answer(trigger, form); err != nil {
		return &chat.PlatformError{Adapter: adapterName, Op: opDialog, Code: chat.CodeNotFound, Err: err}
	}
	return nil
}

// form returns a modal as a card of Chat's.
func (a *Adapter) form(modal *card.Modal, contextID string) (*outCard, error) {
	if modal == nil {
		return nil, fmt.Errorf("%w: gchat: the modal is nil", chat.ErrInvalidArgument)
	}
	if err := modal.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", chat.ErrInvalidArgument, err)
	}
	f := &formWriter{widgets: widgets{adapter: a}, numbers: map[string]number{}}
	for i, child := range modal.Children {
		f.input(fmt.Sprintf("children[%d]", i), child)
	}
	if f.err != nil {
		return nil, f.err
	}
	numbers, err := json.Marshal(f.numbers)
	if err != nil {
		return nil, fmt.Errorf("%w: gchat: %w", chat.ErrInvalidArgument, err)
	}
	submit := f.onClick(modal.CallbackID, false, callbackParameter, modal.CallbackID, contextParameter, contextID,
		metadataParameter, modal.PrivateMetadata, numbersParameter, string(numbers))
	if len(f.required) > 0 {
		submit["requiredWidgets"] = f.required
	}
	out := &outCard{
		Header: &header{Title: a.plain(modal.Title)}, Sections: []section{{Widgets: f.list}},
		Footer: &fixedFooter{Primary: params{"text": cmp.Or(a.plain(modal.SubmitLabel), "Submit"), "onClick": params{"action": submit}}},
	}
	switch {
	case len(f.list) == 0:
		return nil, fmt.Errorf("%w: gchat: the modal has no children", chat.ErrInvalidArgument)
	case len(f.list) > maxWidgets || size(out) > maxCard:
		return nil, fmt.Errorf("%w: gchat: the modal is too long, want at most %d elements and %d bytes", chat.ErrInvalidArgument, maxWidgets, maxCard)
	}
	return out, nil
}

// formWriter makes the widgets of a dialog.
type formWriter struct {
	widgets

	required []string
	numbers  map[string]number
}

// number is the condition of an input for a number.
type number struct {
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Decimal bool     `json:"decimal,omitempty"`
}

// problem tells the user what is wrong with a text. It returns "" if nothing is.
func (n number) problem(text string) string {
	value, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(value) || math.IsInf(value, 0):
		return "Please write a number."
	case !n.Decimal && value != math.Trunc(value):
		return "Please write a whole number."
	case n.Min != nil && value < *n.Min:
		return fmt.Sprintf("Please write a number of at least %v.", *n.Min)
	case n.Max != nil && value > *n.Max:
		return fmt.Sprintf("Please write a number of at most %v.", *n.Max)
	}
	return ""
}

func (f *formWriter) input(at string, child card.Input) {
	switch in := child.(type) {
	case *card.TextInput:
		text := params{"type": "SINGLE_LINE"}
		if in.Multiline {
			text["type"] = "MULTIPLE_LINE"
		}
		if in.MaxLength > 0 {
			text["validation"] = params{"characterLimit": in.MaxLength}
		}
		f.textInput(text, in.ID, in.Label, in.Placeholder, in.InitialValue, in.Optional)
	case *card.NumberInput:
		value := ""
		if in.InitialValue != nil {
			value = strconv.FormatFloat(*in.InitialValue, 'f', -1, 64)
		}
		f.numbers[in.ID] = number{in.Min, in.Max, in.Decimal}
		kind := "INTEGER"
		if in.Decimal {
			kind = "FLOAT"
		}
		f.textInput(params{"type": "SINGLE_LINE", "validation": params{"inputType": kind}}, in.ID, in.Label, in.Placeholder, value, in.Optional)
	case *card.DateInput:
		picker := params{"name": in.ID, "label": f.adapter.plain(in.Label), "type": "DATE_ONLY"}
		if day, err := time.Parse(time.DateOnly, in.InitialValue); err == nil {
			picker["valueMsEpoch"] = strconv.FormatInt(day.UnixMilli(), 10)
		}
		f.require(in.ID, in.Optional)
		f.add("dateTimePicker", picker)
	case *card.Select:
		f.require(in.ID, in.Optional)
		f.menu(at, "DROPDOWN", in.ID, in.Label, in.InitialOption, in.Options, false)
	case *card.RadioSelect:
		f.require(in.ID, in.Optional)
		f.menu(at, "RADIO_BUTTON", in.ID, in.Label, in.InitialOption, in.Options, false)
	case card.Child: // text and fields
		f.text(in)
	default:
		if f.err == nil {
			f.err = fmt.Errorf("gchat: %s: an element of the type %q: %w", at, child.Type(), errors.ErrUnsupported)
		}
	}
}

func (f *formWriter) textInput(text params, id, label, placeholder, value string, optional bool) {
	text["name"], text["label"] = id, f.adapter.plain(label)
	if placeholder != "" {
		text["placeholderText"] = f.adapter.plain(placeholder)
	}
	if value != "" {
		text["value"] = value
	}
	f.require(id, optional)
	f.add("textInput", text)
}

func (f *formWriter) require(id string, optional bool) {
	if !optional {
		f.required = append(f.required, id)
	}
}

// handleForm takes a dialog that was submitted or closed. Its answer to Chat is what
// the handlers return.
func (a *Adapter) handleForm(ctx context.Context, i *interaction, base chat.EventBase) (params, error) {
	given := i.common.Parameters
	callback := given[callbackParameter]
	if callback == "" {
		return nil, a.deliverPlatformEvent(ctx, i) // of a dialog that this adapter has not made
	}
	if i.dialog == cancelDialog {
		_, err := a.host.Deliver(ctx, &chat.ModalClosedEvent{
			EventBase: base, CallbackID: callback, PrivateMetadata: given[metadataParameter], ContextID: given[contextParameter],
		})
		return nil, err
	}
	values := chat.ModalValues{}
	for id, in := range i.common.Inputs {
		if value, ok := in.value(); ok {
			values[id] = value
		}
	}
	var numbers map[string]number
	_ = json.Unmarshal([]byte(given[numbersParameter]), &numbers) // a dialog of another program has none
	problems := map[string]string{}
	for id, n := range numbers {
		if value, ok := values[id]; ok {
			values[id] = strings.TrimSpace(value)
			if problem := n.problem(values[id]); problem != "" {
				problems[id] = problem
			}
		}
	}
	if len(problems) > 0 {
		return tellUser(i.addOn, listOf(problems)), nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ev := &chat.ModalSubmitEvent{
		EventBase: base, CallbackID: callback, PrivateMetadata: given[metadataParameter], ContextID: given[contextParameter], ViewID: base.ID, Values: values,
	}
	answer, err := webhook.InTime(ctx, func() (chat.ModalAnswer, error) { return a.host.SubmitModal(ctx, ev) })
	if err != nil {
		return nil, err
	}
	switch answer.Action {
	case chat.ModalErrors:
		return tellUser(i.addOn, listOf(answer.Errors)), nil
	case chat.ModalUpdate, chat.ModalPush:
		next, err := a.form(answer.Modal, answer.ContextID)
		if err != nil {
			return nil, err
		}
		navigation := pushCard
		if answer.Action == chat.ModalUpdate {
			navigation = "updateCard"
		}
		return openDialog(i.addOn, navigation, next), nil
	}
	return closeDialog(i.addOn), nil
}

func listOf(problems map[string]string) string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(problems)) {
		lines = append(lines, problems[id])
	}
	return strings.Join(lines, "\n")
}
