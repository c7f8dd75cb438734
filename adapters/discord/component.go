package discord

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
)

// Discord's limits for components. Lengths are in characters.
// https://docs.discord.com/developers/components/reference
const (
	maxRows        = 5
	maxRowButtons  = 5
	maxOptions     = 25
	maxCustomID    = 100
	maxButtonLabel = 80
	maxOptionText  = 100 // of the label, the value and the description of an option
	maxPlaceholder = 150 // of the placeholder of a menu
	maxButtonURL   = 512
)

// Kinds of components.
// https://docs.discord.com/developers/components/reference#component-object-component-types
const (
	rowComponent       = 1
	buttonComponent    = 2
	selectComponent    = 3
	textInputComponent = 4
	textComponent      = 10
	labelComponent     = 18
)

// Styles of buttons.
// https://docs.discord.com/developers/components/reference#button-button-styles
const (
	primaryButton   = 1
	secondaryButton = 2
	dangerButton    = 4
	linkButton      = 5
)

type actionRow struct {
	Type       int         `json:"type"`
	Components []component `json:"components"`
}

// component is a button or a menu, in a message or a modal.
type component struct {
	Type        int      `json:"type"`
	CustomID    string   `json:"custom_id,omitempty"`
	Style       int      `json:"style,omitempty"`
	Label       string   `json:"label,omitempty"`
	URL         string   `json:"url,omitempty"`
	Disabled    bool     `json:"disabled,omitempty"`
	Placeholder string   `json:"placeholder,omitempty"`
	Options     []option `json:"options,omitempty"`
	Required    *bool    `json:"required,omitempty"`
	MinValues   *int     `json:"min_values,omitempty"`
	MaxLength   int      `json:"max_length,omitempty"`
	Value       string   `json:"value,omitempty"`
	Values      []string `json:"values,omitempty"` // the choice in a submitted modal
}

type option struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

// rows returns the buttons and menus of a card in rows. Each group of actions begins a
// row, and each menu has a row of its own.
func (a *Adapter) rows(ctx context.Context, c *card.Card) ([]actionRow, error) {
	b := &rowBuilder{adapter: a, ctx: ctx, used: map[string]int{}}
	b.children(c.Children)
	return b.rows, b.err
}

type rowBuilder struct {
	adapter *Adapter
	ctx     context.Context //nolint:containedctx // Reason: it lives as long as the call of rows.
	rows    []actionRow
	open    []component
	used    map[string]int // how often an id has been used
	err     error
}

func (b *rowBuilder) children(children []card.Child) {
	for _, child := range children {
		switch child := child.(type) {
		case *card.Section:
			b.children(child.Children)
		case *card.Actions:
			for _, action := range child.Children {
				b.action(action)
			}
			b.end()
		}
	}
}

func (b *rowBuilder) action(action card.Action) {
	switch action := action.(type) {
	case *card.Button:
		b.button(component{
			Type: buttonComponent, Style: styleOf(action.Style), Label: action.Label, CustomID: b.customID(action.ID, action.Value), Disabled: action.Disabled,
		})
	case *card.LinkButton:
		if to := address(action.URL); to != "" && len(to) <= maxButtonURL {
			b.button(component{Type: buttonComponent, Style: linkButton, Label: action.Label, URL: to})
		}
	case *card.Select:
		b.menu(action.ID, firstOf(action.Placeholder, action.Label), action.InitialOption, action.Options)
	case *card.RadioSelect:
		b.menu(action.ID, action.Label, action.InitialOption, action.Options)
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func styleOf(style card.Style) int {
	switch style {
	case card.Primary:
		return primaryButton
	case card.Danger:
		return dangerButton
	default:
		return secondaryButton
	}
}

func (b *rowBuilder) end() {
	if len(b.open) > 0 {
		b.rows = append(b.rows, actionRow{rowComponent, b.open})
		b.open = nil
	}
}

func (b *rowBuilder) button(c component) {
	c.Label = orBlank(format.Shorten(b.adapter.plain(c.Label), maxButtonLabel, format.UTF16))
	b.open = append(b.open, c)
	if len(b.open) == maxRowButtons {
		b.end()
	}
}

// menu adds a menu, or several menus if there are more than maxOptions options.
func (b *rowBuilder) menu(id, placeholder, initial string, options []*card.Option) {
	b.end()
	all := b.options(initial, options)
	for chunk := range slices.Chunk(all, maxOptions) {
		b.open = []component{{
			Type: selectComponent, CustomID: b.customID(id, ""), Options: chunk,
			Placeholder: format.Shorten(b.adapter.plain(placeholder), maxPlaceholder, format.UTF16),
		}}
		b.end()
	}
}

// options returns the options of a menu. A value that occurs again is left out.
func (b *rowBuilder) options(initial string, options []*card.Option) []option {
	var all []option
	for _, o := range options {
		if o == nil {
			continue
		}
		value, err := b.adapter.buttons.Pack(b.ctx, o.Value, "")
		if err != nil {
			b.err = err
		}
		made := option{
			Label: orBlank(format.Shorten(b.adapter.plain(o.Label), maxOptionText, format.UTF16)), Value: value,
			Description: format.Shorten(b.adapter.plain(o.Description), maxOptionText, format.UTF16), Default: o.Value == initial,
		}
		if !slices.ContainsFunc(all, func(other option) bool { return other.Value == value }) {
			all = append(all, made)
		}
	}
	return all
}

// plain returns text for a place where Discord has no formatting.
func (a *Adapter) plain(text string) string {
	return format.Markup{Emoji: a.spell}.Text(text)
}

// numbered finds the number before an id. Ids must differ within a message, so an id
// that occurs again gets a number.
var numbered = regexp.MustCompile(`^[0-9]{1,4}\|`)

func (b *rowBuilder) customID(id, value string) string {
	packed, err := b.adapter.buttons.Pack(b.ctx, id, value)
	if err != nil {
		b.err = err
	}
	b.used[packed]++
	if n := b.used[packed]; n > 1 || numbered.MatchString(packed) {
		return strconv.Itoa(n) + "|" + packed
	}
	return packed
}

// unpack is the inverse of customID.
func (a *Adapter) unpack(ctx context.Context, customID string) (id, value string, err error) {
	return a.buttons.Unpack(ctx, customID[len(numbered.FindString(customID)):])
}
