package chat

import (
	"sync"
)

// Event is what a handler receives, as middleware sees it: a *[MessageEvent] or
// a pointer to another of this package's event types.
type Event interface {
	// EventName names the kind of event, such as "mention".
	EventName() string
}

// MessageKind says why a handler was chosen for a message.
type MessageKind string

// The kinds of message, in the order in which handlers are looked for.
const (
	KindDirect     MessageKind = "direct"
	KindSubscribed MessageKind = "subscribed"
	KindMention    MessageKind = "mention"
	KindPattern    MessageKind = "pattern"
)

// MessageEvent is a message for a handler.
type MessageEvent struct {
	// Thread is where it was written and where to answer.
	Thread *Thread
	// Message is the message. Handlers must not change it.
	Message *Message
	// Kind says why this handler was chosen.
	Kind MessageKind
	// Match holds the pattern's match and its groups. Nil for other kinds.
	Match []string
	// Skipped are older messages of the thread that waited too and get no event of
	// their own, oldest first.
	Skipped []*Message
	// SinceLast is the number of messages since the last handler ran:
	// len(Skipped) + 1.
	SinceLast int
	// Attempt counts from 1. A message may be handed over more than once: its
	// handler failed, or an instance died.
	Attempt int

	welcomed *sync.Once          // shared by the event's copies
	ctx      conversationContext // of the handler
}

// EventName returns the kind of message.
func (e *MessageEvent) EventName() string { return string(e.Kind) }

// Registering what can never work is a mistake of the program, found when it
// starts: it panics, as net/http's ServeMux does.
