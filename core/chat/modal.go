package chat

import (
	"context"
	"fmt"
)

// ModalSubmitHandler handles a submitted modal and says what becomes of it.
type ModalSubmitHandler = func(ctx context.Context, ev *ModalSubmitEvent) (ModalAnswer, error)

// OptionsLoadHandler returns the options that fit what was typed.
type OptionsLoadHandler = func(ctx context.Context, ev *OptionsLoadEvent) (Options, error)

// OnModalSubmit registers a handler for submitted modals with one of the
// callback ids; without any, for all. It runs before the platform is answered,
// so it must be quick: what takes time belongs to a goroutine or a message. The
// first answer that is not the zero value wins.
func (c *Chat) OnModalSubmit(h ModalSubmitHandler, callbackIDs ...string) *Registration {
	if h == nil {
		panic("chat: nil handler")
	}
	return addEvent(c, func(ctx context.Context, ev *ModalSubmitEvent) error {
		if ev.answered {
			return nil
		}
		var err error
		ev.answer, err = h(ctx, ev)
		ev.answered = err == nil && ev.answer.Action != ""
		return err
	}, callbackIDs, func(e *ModalSubmitEvent, wanted string) bool { return e.CallbackID == wanted })
}

// OnOptionsLoad registers a handler for the options of external selects with one
// of the ids; without any, for all. It runs while the user waits. The first one
// that returns options wins.
func (c *Chat) OnOptionsLoad(h OptionsLoadHandler, actionIDs ...string) *Registration {
	if h == nil {
		panic("chat: nil handler")
	}
	return addEvent(c, func(ctx context.Context, ev *OptionsLoadEvent) error {
		if len(ev.options.Options) > 0 || len(ev.options.Groups) > 0 {
			return nil
		}
		var err error
		ev.options, err = h(ctx, ev)
		return err
	}, actionIDs, func(e *OptionsLoadEvent, wanted string) bool { return e.ActionID == wanted })
}

func (h *host) SubmitModal(ctx context.Context, ev *ModalSubmitEvent) (ModalAnswer, error) {
	if err := h.answerNow(ctx, ev); err != nil {
		return ModalAnswer{}, err
	}
	return ev.answer, nil
}

func (h *host) LoadOptions(ctx context.Context, ev *OptionsLoadEvent) (Options, error) {
	if err := h.answerNow(ctx, ev); err != nil {
		return Options{}, err
	}
	return ev.options, nil
}

// answerNow runs the handlers of an event whose answer the platform waits for.
func (h *host) answerNow(ctx context.Context, ev asyncEvent) error {
	c, base := h.chat, ev.base()
	if c.stopping.Load() {
		return ErrShutdown
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	if base.ThreadID != "" {
		thread, err := c.Thread(base.ThreadID)
		if err != nil {
			return err
		}
		if thread.adapter != h.adapter {
			return fmt.Errorf("%w: event.ThreadID %q does not start with the adapter's name %q", ErrInvalidArgument, base.ThreadID, h.adapter.Name())
		}
		base.Thread = thread
	}
	base.Attempt = 1
	_, err := c.routeEvent(ctx, ev)
	return err
}
