package chat

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// EventBase is what all events but messages have in common. An adapter fills it
// in; Thread and Attempt are the bot's.
type EventBase struct {
	// ID is the platform's id of the event, unique per adapter. With it a
	// redelivery is recognised; without it the event is handled as often as it is
	// delivered, under an id that the bot gives it.
	ID string `json:"id,omitempty"`
	// ThreadID is the thread that the event belongs to. Default: none.
	ThreadID ThreadID `json:"threadId,omitempty"`
	// User is who caused it. Events caused by the bot itself are not handled, but
	// for [MembershipEvent].
	User Author `json:"user"`
	// At is when it happened. Default: when it was delivered.
	At time.Time `json:"at"`
	// Raw is the platform's payload as JSON. Default none.
	Raw json.RawMessage `json:"raw,omitempty"`

	// Thread is the thread with ThreadID, for handlers. Nil if there is none.
	Thread *Thread `json:"-"`
	// Attempt counts from 1: an event may be handed over more than once.
	Attempt int `json:"-"`

	turn *eventTurn // the running turn
}

// Base returns what all events but messages have in common, for middleware.
func (b *EventBase) Base() EventBase { return *b }

func (b *EventBase) inbound()         {}
func (b *EventBase) base() *EventBase { return b }

// asyncEvent is an event that is stored before the webhook is answered and
// handled afterwards, at the same time as everything else.
type asyncEvent interface {
	Inbound
	Event
	base() *EventBase
}

// ActionEvent is a click on a button or a choice in a select. The id and the value
// are those of the card, whatever their length: what the platform does not take, the
// adapter keeps in the state.
type ActionEvent struct {
	EventBase
	// MessageID is the message that has the element.
	MessageID MessageID `json:"messageId,omitempty"`
	// ActionID is the element's id.
	ActionID string `json:"actionId"`
	// Value is the button's value or the chosen option's.
	Value string `json:"value,omitempty"`
	// TriggerID allows to open a modal, on platforms that ask for one.
	TriggerID string `json:"triggerId,omitempty"`
}

// SlashCommandEvent is a slash command.
type SlashCommandEvent struct {
	EventBase
	// ChannelID is where it was called.
	ChannelID ChannelID `json:"channelId,omitempty"`
	// Command is the command's name with its slash, Text what follows it.
	Command string `json:"command"`
	Text    string `json:"text,omitempty"`
	// TriggerID allows to open a modal, on platforms that ask for one.
	TriggerID string `json:"triggerId,omitempty"`
}

// MessageUpdatedEvent is a message that was edited.
type MessageUpdatedEvent struct {
	EventBase
	// Message is the message as it is now.
	Message *Message `json:"message"`
	// Previous is the message as it was, where the platform says so.
	Previous *Message `json:"previous,omitempty"`
}

// MessageDeletedEvent is a message that was deleted.
type MessageDeletedEvent struct {
	EventBase
	// MessageID is the message.
	MessageID MessageID `json:"messageId"`
	// Previous is the message as it was, where the platform says so.
	Previous *Message `json:"previous,omitempty"`
}

// ModalClosedEvent is a modal that was closed without being submitted.
type ModalClosedEvent struct {
	EventBase
	// CallbackID is the modal's.
	CallbackID string `json:"callbackId"`
	// PrivateMetadata is what the bot attached to the modal.
	PrivateMetadata string `json:"privateMetadata,omitempty"`
	// ContextID is what [ModalOpener] was given. The adapter's.
	ContextID string `json:"contextId,omitempty"`

	// Opened is where the modal was opened from, for handlers.
	Opened ModalOrigin `json:"-"`
}

// MembershipEvent is somebody who joined or left a channel. That can be the bot:
// User.Me then is true.
type MembershipEvent struct {
	EventBase
	// ChannelID is the channel.
	ChannelID ChannelID `json:"channelId"`
	// Joined is false if the user left.
	Joined bool `json:"joined"`
	// Inviter is who added the user, where the platform says so. Default nil: the
	// user joined without being added, or it is not known.
	Inviter *Author `json:"inviter,omitempty"`
}

// InstallationEvent is the bot being installed in, or removed from, a workspace.
type InstallationEvent struct {
	EventBase
	// Workspace is the platform's id of the workspace.
	Workspace string `json:"workspace"`
	// Installed is false if the bot was removed.
	Installed bool `json:"installed"`
}

// PlatformEvent is an event that only one platform has. Its adapter documents the
// names and what Data holds.
type PlatformEvent struct {
	EventBase
	// Name is "{adapter}:{event}", such as "slack:app_home_opened".
	Name string `json:"name"`
	// Data is the event as JSON, in the shape of a type that the adapter exports.
	Data json.RawMessage `json:"data,omitempty"`
}

// Names of the events, which are also how they are stored. They never change.
const (
	eventReaction     = "reaction"
	eventAction       = "action"
	eventSlashCommand = "slash-command"
	eventUpdated      = "message-updated"
	eventDeleted      = "message-deleted"
	eventModalClosed  = "modal-closed"
	eventMembership   = "membership"
	eventInstallation = "installation"
	eventPlatform     = "platform"
	eventModalSubmit  = "modal-submit"
	eventOptionsLoad  = "options-load"
)

// EventName returns "action".
func (*ActionEvent) EventName() string { return eventAction }

// EventName returns "slash-command".
func (*SlashCommandEvent) EventName() string { return eventSlashCommand }

// EventName returns "message-updated".
func (*MessageUpdatedEvent) EventName() string { return eventUpdated }

// EventName returns "message-deleted".
func (*MessageDeletedEvent) EventName() string { return eventDeleted }

// EventName returns "modal-closed".
func (*ModalClosedEvent) EventName() string { return eventModalClosed }

// EventName returns "membership".
func (*MembershipEvent) EventName() string { return eventMembership }

// EventName returns "installation".
func (*InstallationEvent) EventName() string { return eventInstallation }

// EventName returns "platform".
func (*PlatformEvent) EventName() string { return eventPlatform }

var newEvent = map[string]func() asyncEvent{
	eventReaction:     func() asyncEvent { return new(ReactionEvent) },
	eventAction:       func() asyncEvent { return new(ActionEvent) },
	eventSlashCommand: func() asyncEvent { return new(SlashCommandEvent) },
	eventUpdated:      func() asyncEvent { return new(MessageUpdatedEvent) },
	eventDeleted:      func() asyncEvent { return new(MessageDeletedEvent) },
	eventModalClosed:  func() asyncEvent { return new(ModalClosedEvent) },
	eventMembership:   func() asyncEvent { return new(MembershipEvent) },
	eventInstallation: func() asyncEvent { return new(InstallationEvent) },
	eventPlatform:     func() asyncEvent { return new(PlatformEvent) },
	eventApproval:     func() asyncEvent { return new(ApprovalEvent) },
	eventTask:         func() asyncEvent { return new(taskEvent) },
}

// EventHandler handles an event of type E. An error or a panic makes the bot try
// the event again later; nil settles it.
type EventHandler[E any] func(ctx context.Context, ev *E) error

// OnAction registers a handler for actions with one of the ids; without any, for
// all. Ids that start with "chat:" are the bot's own: the buttons of
// [Thread.RequestApproval] have such.
func (c *Chat) OnAction(h EventHandler[ActionEvent], actionIDs ...string) *Registration {
	return addEvent(c, h, actionIDs, func(e *ActionEvent, wanted string) bool { return e.ActionID == wanted })
}

// OnSlashCommand registers a handler for the commands, with or without their
// slash; without any, for all.
func (c *Chat) OnSlashCommand(h EventHandler[SlashCommandEvent], commands ...string) *Registration {
	return addEvent(c, h, commands, func(e *SlashCommandEvent, wanted string) bool {
		return strings.TrimPrefix(e.Command, "/") == strings.TrimPrefix(wanted, "/")
	})
}

// OnMessageUpdated registers a handler for edits of messages.
func (c *Chat) OnMessageUpdated(h EventHandler[MessageUpdatedEvent]) *Registration {
	return addEvent(c, h, nil, nil)
}

// OnMessageDeleted registers a handler for deletions of messages.
func (c *Chat) OnMessageDeleted(h EventHandler[MessageDeletedEvent]) *Registration {
	return addEvent(c, h, nil, nil)
}

// OnModalClosed registers a handler for modals with one of the callback ids that
// were closed without being submitted; without any, for all.
func (c *Chat) OnModalClosed(h EventHandler[ModalClosedEvent], callbackIDs ...string) *Registration {
	return addEvent(c, h, callbackIDs, func(e *ModalClosedEvent, wanted string) bool { return e.CallbackID == wanted })
}

// OnMembership registers a handler for people who join or leave a channel.
func (c *Chat) OnMembership(h EventHandler[MembershipEvent]) *Registration {
	return addEvent(c, h, nil, nil)
}

// OnInstallation registers a handler for the bot's installation and removal.
func (c *Chat) OnInstallation(h EventHandler[InstallationEvent]) *Registration {
	return addEvent(c, h, nil, nil)
}

// OnPlatformEvent registers a handler for the events of a platform with one of
// the names; without any, for all.
func (c *Chat) OnPlatformEvent(h EventHandler[PlatformEvent], names ...string) *Registration {
	return addEvent(c, h, names, func(e *PlatformEvent, wanted string) bool { return e.Name == wanted })
}

// addEvent registers a handler for events of type E for which one of the wanted
// values matches.
func addEvent[E any, P interface {
	*E
	asyncEvent
}](c *Chat, h EventHandler[E], wanted []string, matches func(*E, string) bool) *Registration {
	mustNotBeNil(h == nil, "the handler")
	class := P(new(E)).EventName()
	mustBeCallable(class, wanted)
	r := &Registration{
		class:  class,
		handle: func(ctx context.Context, ev Event) error { return h(ctx, ev.(P)) },
	}
	if len(wanted) > 0 {
		r.accepts = func(ev Event) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return matches(ev.(P), w) })
		}
	}
	return c.handlers.add(r)
}
