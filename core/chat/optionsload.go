package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/card"
)

// OptionsLoadHandler returns the options that fit what was typed.
type OptionsLoadHandler func(ctx context.Context, ev *OptionsLoadEvent) (Options, error)

// OnOptionsLoad registers a handler for the options of external selects with one
// of the ids; without any, for all that no other handler has options for. It runs
// while the user waits, and its context ends when the platform does not wait any
// longer. The first one that returns options wins; one that fails is logged, and
// the next one asked.
func (c *Chat) OnOptionsLoad(h OptionsLoadHandler, actionIDs ...string) *Registration {
	mustNotBeNil(h == nil, "the handler")
	return addEvent(c, func(ctx context.Context, ev *OptionsLoadEvent) error {
		var err error
		ev.options, err = h(ctx, ev)
		return err
	}, actionIDs, func(e *OptionsLoadEvent, wanted string) bool { return e.ActionID == wanted })
}

// LoadOptions returns the first options that a handler has. Its error is the last
// handler's if some failed and none had any.
func (h *host) LoadOptions(ctx context.Context, ev *OptionsLoadEvent) (Options, error) {
	if ev == nil {
		return Options{}, fmt.Errorf("%w: event is nil", ErrInvalidArgument)
	}
	ctx, a, err := h.beginAnswer(ctx, ev)
	if err != nil {
		return Options{}, err
	}
	defer a.end()
	var options Options
	err = a.call(ctx, func() (err error) {
		options, err = a.loadOptions(ctx, ev)
		return err
	})
	if err != nil {
		return Options{}, err
	}
	return options, nil
}

func (a *answering) loadOptions(ctx context.Context, ev *OptionsLoadEvent) (Options, error) {
	table := a.chat.handlers.table.Load()
	var failed error
	for _, general := range []bool{false, true} {
		for _, r := range table.of(eventOptionsLoad) {
			if general != (r.accepts == nil) || !general && !r.accepts(ev) {
				continue
			}
			ev.options = Options{}
			err := a.chat.router.callHandler(ctx, table, r, ev)
			if err == nil {
				err = ev.options.check()
			}
			switch {
			case err != nil:
				failed = err
				a.warn(ctx, "options-load-failed", err)
			case !ev.options.isEmpty():
				return ev.options, nil
			}
			if ctx.Err() != nil {
				return Options{}, context.Cause(ctx)
			}
		}
	}
	return Options{}, failed
}

func (o Options) isEmpty() bool { return len(o.Options) == 0 && len(o.Groups) == 0 }

// check returns what is wrong with a handler's options.
func (o Options) check() error {
	if len(o.Options) > 0 && len(o.Groups) > 0 {
		return errors.New("chat: Options has both Options and Groups, want one of them")
	}
	all := [][]*card.Option{o.Options}
	for i, g := range o.Groups {
		if g.Label == "" {
			return fmt.Errorf("chat: Options: Groups[%d].Label is empty, want some text", i)
		}
		all = append(all, g.Options)
	}
	for _, list := range all {
		for i, option := range list {
			if option == nil || option.Label == "" || option.Value == "" {
				return fmt.Errorf("chat: Options: option %d needs a Label and a Value", i)
			}
		}
	}
	return nil
}
