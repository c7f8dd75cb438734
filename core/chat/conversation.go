package chat

import "context"

// Conversation is what a running handler is about.
type Conversation struct {
	// Event is the event that is handled, a *[MessageEvent] or another one.
	Event Event
	// Thread is where it happened and where to answer. Nil if the event belongs to
	// no thread.
	Thread *Thread
	// Channel is the thread's channel. Nil if there is no thread.
	Channel *Channel
	// Message is the message that is handled. Nil for other events.
	Message *Message
	// User is who wrote the message or caused the event.
	User Author
}

// ConversationFrom returns the conversation of the handler that the context
// belongs to, so that functions deep below a handler, such as a tool of a language
// model, need not be handed it. It returns false outside of a handler.
func ConversationFrom(ctx context.Context) (Conversation, bool) {
	ev, ok := ctx.Value(conversationKey{}).(Event)
	if !ok {
		return Conversation{}, false
	}
	c := Conversation{Event: ev}
	switch e := ev.(type) {
	case *MessageEvent:
		c.Thread, c.Message, c.User = e.Thread, e.Message, e.Message.Author
	case interface{ Base() EventBase }:
		base := e.Base()
		c.Thread, c.User = base.Thread, base.User
	}
	if c.Thread != nil {
		c.Channel = c.Thread.Channel()
	}
	return c, true
}

// conversationKey is the key under which a handler's context has its event.
type conversationKey struct{}

// conversationContext is the context of a handler, which has its event.
type conversationContext struct {
	context.Context
	event Event
}

// Value implements context.Context.
func (c *conversationContext) Value(key any) any {
	if key == (conversationKey{}) {
		return c.event
	}
	return c.Context.Value(key)
}
