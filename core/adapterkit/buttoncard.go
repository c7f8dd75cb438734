package adapterkit

import (
	"context"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
)

// ActionLimits are the lengths in bytes of ids and values, on a platform where the two are
// separate fields.
type ActionLimits struct {
	// ID is the limit for the ids of buttons and menus. Default 0: no limit.
	ID int
	// Value is the limit for the values of buttons. Default 0: no limit.
	Value int
	// Option is the limit for the values of the options of menus. Default 0: no limit.
	Option int
}

// FitCard returns a copy of the card in which longer ids and values are replaced by tokens;
// what they were is kept in the state. If nothing is longer than the limits, it returns the
// card itself. The error is the state's.
func (b *Buttons) FitCard(ctx context.Context, c *card.Card, limits ActionLimits) (*card.Card, error) {
	f := &cardFitter{ctx: ctx, buttons: b, limits: limits}
	children := f.children(c.Children)
	if f.err != nil || !f.changed {
		return c, f.err
	}
	fitted := *c
	fitted.Children = children
	return &fitted, nil
}

// Action returns the original id and value for those in a click on a card that FitCard
// returned. Its errors are those of Unpack.
func (b *Buttons) Action(ctx context.Context, id, value string) (string, string, error) {
	if isToken(value) {
		return b.Unpack(ctx, value)
	}
	if !isToken(id) {
		return id, value, nil
	}
	id, kept, err := b.Unpack(ctx, id)
	if value == "" {
		value = kept
	}
	return id, value, err
}

// cardFitter copies what it changes.
type cardFitter struct {
	ctx     context.Context
	buttons *Buttons
	limits  ActionLimits
	changed bool
	err     error
}

func (f *cardFitter) children(children []card.Child) []card.Child {
	children = slices.Clone(children)
	for i, child := range children {
		switch child := child.(type) {
		case *card.Section:
			section := *child
			section.Children = f.children(child.Children)
			children[i] = &section
		case *card.Actions:
			row := *child
			row.Children = slices.Clone(child.Children)
			for j, action := range row.Children {
				row.Children[j] = f.action(action)
			}
			children[i] = &row
		}
	}
	return children
}

func (f *cardFitter) action(action card.Action) card.Action {
	switch a := action.(type) {
	case *card.Button:
		button := *a
		if f.long(a.ID, f.limits.ID) {
			button.ID, button.Value = f.keep(a.ID, a.Value), ""
		} else if f.long(a.Value, f.limits.Value) {
			button.Value = f.keep(a.ID, a.Value)
		}
		return &button
	case *card.Select:
		menu := *a
		f.menu(&menu.ID, &menu.InitialOption, &menu.Options)
		return &menu
	case *card.RadioSelect:
		menu := *a
		f.menu(&menu.ID, &menu.InitialOption, &menu.Options)
		return &menu
	}
	return action
}

// menu replaces the id and the values of a menu that are too long.
func (f *cardFitter) menu(id, initial *string, options *[]*card.Option) {
	*initial = f.option(*id, *initial)
	fitted := slices.Clone(*options)
	for i, o := range fitted {
		if o != nil {
			option := *o
			option.Value = f.option(*id, o.Value)
			fitted[i] = &option
		}
	}
	*options = fitted
	if f.long(*id, f.limits.ID) {
		*id = f.keep(*id, "")
	}
}

func (f *cardFitter) option(id, value string) string {
	if f.long(value, f.limits.Option) {
		return f.keep(id, value)
	}
	return value
}

// long reports whether a text must be replaced by a token. So must a text that looks like a
// token.
func (f *cardFitter) long(text string, limit int) bool {
	return limit > 0 && len(text) > limit || isToken(text)
}

func isToken(text string) bool {
	return len(text) == leastButton && strings.HasPrefix(text, buttonToken)
}

func (f *cardFitter) keep(id, value string) string {
	f.changed = true
	token, err := f.buttons.keep(f.ctx, id, value)
	if err != nil && f.err == nil {
		f.err = err
	}
	return token
}
