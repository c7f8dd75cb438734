package chat

import (
	"fmt"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
)

// ModalSubmitEvent is a modal that was submitted.
type ModalSubmitEvent struct {
	EventBase
	// CallbackID is the modal's.
	CallbackID string `json:"callbackId"`
	// PrivateMetadata is what the bot attached to the modal.
	PrivateMetadata string `json:"privateMetadata,omitempty"`
	// ContextID is what [ModalOpener] was given. The adapter's.
	ContextID string `json:"contextId,omitempty"`
	// ViewID is the platform's id of the open modal.
	ViewID string `json:"viewId,omitempty"`
	// Values are the answers by the ids of the inputs.
	Values ModalValues `json:"values"`
	// TriggerID allows to open another modal, on platforms that ask for one.
	TriggerID string `json:"triggerId,omitempty"`

	// Opened is where the modal was opened from, for handlers. Its fields are nil
	// where that is not known.
	Opened ModalOrigin `json:"-"`

	origin modalContext // what Opened was made of
	answer ModalAnswer  // of the handler that was called last
}

// ModalOrigin is where a modal was opened from. One event gets it: of two
// submissions of one modal, for instance, the other one has none. A submission
// that was answered with errors, or failed, leaves it to the next.
type ModalOrigin struct {
	// Thread is the thread, Message the message with the button, and Channel the
	// channel. Each is nil where the modal was opened from none.
	Thread  *Thread
	Message *Message
	Channel *Channel
}

// ModalValues are the answers of a modal by the ids of its inputs. An input that
// was left empty is absent. A date is written as 2006-01-02.
type ModalValues map[string]string

// Date returns the answer to a date input.
func (v ModalValues) Date(id string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, v[id])
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: the answer to %q is not a date", ErrInvalidArgument, id)
	}
	return t, nil
}

// Number returns the answer to a number input.
func (v ModalValues) Number(id string) (float64, error) {
	n, err := strconv.ParseFloat(v[id], 64)
	if err != nil {
		return 0, fmt.Errorf("%w: the answer to %q is not a number", ErrInvalidArgument, id)
	}
	return n, nil
}

// ModalAction says what becomes of a submitted modal.
type ModalAction string

// The actions, as the TypeScript SDK names them.
const (
	ModalClose  ModalAction = "close"  // the modal closes; the default
	ModalClear  ModalAction = "clear"  // it and those below it close
	ModalErrors ModalAction = "errors" // it stays and shows Errors
	ModalUpdate ModalAction = "update" // Modal takes its place
	ModalPush   ModalAction = "push"   // Modal opens over it
)

// ModalAnswer is the answer to a submitted modal. The zero value closes it.
type ModalAnswer struct {
	// Action says what becomes of it. Default ModalClose. It is never empty for an
	// adapter.
	Action ModalAction `json:"action,omitempty"`
	// Errors are what is wrong, by the ids of the inputs, for ModalErrors.
	Errors map[string]string `json:"errors,omitempty"`
	// Modal is the next one, for ModalUpdate and ModalPush. ContextID is the
	// bot's, for the adapter to attach to it.
	Modal     *card.Modal `json:"modal,omitempty"`
	ContextID string      `json:"-"`
}

// OptionsLoadEvent asks for the options of an external select while a user types.
type OptionsLoadEvent struct {
	EventBase
	// ActionID is the select's id.
	ActionID string `json:"actionId"`
	// Query is what was typed.
	Query string `json:"query"`

	options Options
}

// Options are the options of an external select: a flat list, or groups.
type Options struct {
	// Options are the flat list. Empty with Groups.
	Options []*card.Option
	// Groups are the groups. Empty with Options.
	Groups []OptionGroup
}

// OptionGroup is a part of the options under a heading.
type OptionGroup struct {
	// Label is the heading.
	Label string
	// Options are the options below it.
	Options []*card.Option
}

// EventName returns "modal-submit".
func (*ModalSubmitEvent) EventName() string { return eventModalSubmit }

// EventName returns "options-load".
func (*OptionsLoadEvent) EventName() string { return eventOptionsLoad }
