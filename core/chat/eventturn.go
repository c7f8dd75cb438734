package chat

import (
	"context"
	"fmt"
)

// eventTurn is the turn that an event is handled in: what the event's own methods
// work with.
type eventTurn struct{ caller }

// guard returns why the turn has ended, or nil.
func (t *eventTurn) guard(ctx context.Context) error {
	if t == nil {
		return fmt.Errorf("%w: the event is not being handled by a bot", ErrInvalidArgument)
	}
	return t.caller.guard(ctx)
}

// wants reports whether the event has to be stored: a handler is registered for
// its kind, or the bot itself does something with it.
func (c *Chat) wants(ev asyncEvent) bool {
	switch e := ev.(type) {
	case *taskEvent:
		return true
	case *ActionEvent:
		_, value, once := onceToken(e.Value)
		if !once {
			value = e.Value
		}
		if _, ok := callbackToken(value); ok || isApprovalAction(e.ActionID) {
			return true
		}
	}
	return c.handlers.table.Load().has(ev.EventName())
}

// isOwn reports whether the event is one that the bot itself stores, also while it
// shuts down: it comes of one that was accepted before.
func isOwn(ev asyncEvent) bool {
	switch ev.(type) {
	case *taskEvent, *ApprovalEvent:
		return true
	}
	return false
}

// handleEvent is the turn of an event other than a message: what the bot itself
// does with it, and its handlers. It reports whether there was anything to do.
func (rt router) handleEvent(ctx context.Context, a Adapter, ev asyncEvent) (bool, error) {
	switch e := ev.(type) {
	case *taskEvent:
		return true, rt.chat.runTask(ctx, e)
	case *ModalClosedEvent:
		return rt.chat.modals.handleClosed(ctx, a, e)
	case *MessageUpdatedEvent:
		rt.chat.adopt(a, e.Message)
		rt.chat.adopt(a, e.Previous)
		rt.identify(ctx, a, e.Message)
	case *MessageDeletedEvent:
		rt.chat.adopt(a, e.Previous)
	case *ActionEvent:
		if isApprovalAction(e.ActionID) {
			return true, rt.chat.approvals.answer(ctx, a, e)
		}
		return rt.handleOnce(ctx, e, func() (bool, error) {
			clicked, err := rt.chat.clickCallback(ctx, a, e)
			if err != nil {
				return true, err
			}
			called, err := rt.routeEvent(ctx, e)
			return clicked || called, err
		})
	}
	return rt.routeEvent(ctx, ev)
}
