package slack

import (
	"fmt"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// actions adds buttons and menus, in rows of at most 25 with different ids. A
// radio group has a section of its own, which shows its label.
func (w *cardWriter) actions(field string, actions []card.Action) error {
	for i, action := range actions {
		if err := w.action(fmt.Sprintf("%s[%d]", field, i), action); err != nil {
			return err
		}
	}
	w.endRow()
	if len(w.disabled) > 0 {
		for _, part := range splitMarkdown(strings.Join(w.disabled, " · "), maxSection) {
			w.context(part)
		}
		w.disabled = nil
	}
	return nil
}

// endRow adds the block for the elements that wait for it.
func (w *cardWriter) endRow() {
	if len(w.row) > 0 {
		w.add(slackapi.NewActionBlock("", w.row...), len(w.row)*maxButton/2)
	}
	w.row, w.rowIDs = nil, nil
}

// actionElement adds an element to the row. Slack wants different ids within a block.
func (w *cardWriter) actionElement(id string, element slackapi.BlockElement) {
	if len(w.row) == maxActions || w.rowIDs[id] {
		w.endRow()
	}
	if w.rowIDs == nil {
		w.rowIDs = map[string]bool{}
	}
	w.rowIDs[id] = true
	w.row = append(w.row, element)
}

func (w *cardWriter) action(at string, action card.Action) error {
	switch action := action.(type) {
	case *card.Button:
		if err := within(at+".id", action.ID, 1, maxActionID); err != nil {
			return err
		}
		if err := within(at+".value", action.Value, 0, maxButtonValue); err != nil {
			return err
		}
		if action.Disabled { // Slack has none that cannot be clicked
			w.disabled = append(w.disabled, escape(w.plain(action.Label)))
			return nil
		}
		w.actionElement(action.ID, &slackapi.ButtonBlockElement{
			Type: slackapi.METButton, ActionID: action.ID, Value: action.Value, Text: w.plainText(action.Label, maxButton), Style: buttonStyle(action.Style),
		})
	case *card.LinkButton:
		address, err := webURL(at+".url", action.URL, "https", "http", "mailto", "tel", "slack")
		if err != nil {
			return err
		}
		id := action.ID
		if id == "" {
			id = head("link-"+address, maxActionID)
		}
		if err := within(at+".id", id, 1, maxActionID); err != nil {
			return err
		}
		w.actionElement(id, &slackapi.ButtonBlockElement{
			Type: slackapi.METButton, ActionID: id, URL: address, Text: w.plainText(action.Label, maxButton), Style: buttonStyle(action.Style),
		})
	case *card.Select:
		menu, err := w.menuElement(at, action.ID, or(action.Placeholder, action.Label), action.Options, action.InitialOption)
		if err != nil {
			return err
		}
		w.actionElement(action.ID, menu)
	case *card.RadioSelect:
		return w.radio(at, action)
	}
	return nil
}

func (w *cardWriter) radio(at string, r *card.RadioSelect) error {
	accessory := &slackapi.Accessory{}
	var err error
	if len(r.Options) > maxRadio {
		accessory.SelectElement, err = w.menuElement(at, r.ID, r.Label, r.Options, r.InitialOption)
	} else {
		accessory.RadioButtonsElement, err = w.radioElement(at, r)
	}
	if err != nil {
		return err
	}
	w.endRow()
	label := mrkdwnText(escape(w.plain(r.Label)), maxSection)
	w.add(slackapi.NewSectionBlock(label, nil, accessory), length(label.Text))
	return nil
}

func buttonStyle(style card.Style) slackapi.Style {
	switch style {
	case card.Primary:
		return slackapi.StylePrimary
	case card.Danger:
		return slackapi.StyleDanger
	}
	return ""
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// menuElement returns a menu of which one option is chosen.
func (w markup) menuElement(at, id, placeholder string, options []*card.Option, initial string) (*slackapi.SelectBlockElement, error) {
	all, chosen, err := w.menuOptions(at, id, options, maxOptions, initial)
	if err != nil {
		return nil, err
	}
	menu := &slackapi.SelectBlockElement{Type: slackapi.OptTypeStatic, ActionID: id, Options: all, InitialOption: chosen}
	if placeholder != "" {
		menu.Placeholder = w.plainText(placeholder, maxPlaceholder)
	}
	return menu, nil
}

func (w markup) radioElement(at string, r *card.RadioSelect) (*slackapi.RadioButtonsBlockElement, error) {
	all, chosen, err := w.menuOptions(at, r.ID, r.Options, maxRadio, r.InitialOption)
	if err != nil {
		return nil, err
	}
	return &slackapi.RadioButtonsBlockElement{Type: slackapi.METRadioButtons, ActionID: r.ID, Options: all, InitialOption: chosen}, nil
}

// menuOptions returns options, and the one that is chosen at first, which must
// be one of them to the letter.
func (w markup) menuOptions(at, id string, options []*card.Option, most int, initial string) (all []*slackapi.OptionBlockObject, chosen *slackapi.OptionBlockObject, err error) {
	if err := within(at+".id", id, 1, maxActionID); err != nil {
		return nil, nil, err
	}
	if n := len(options); n == 0 || n > most {
		return nil, nil, fmt.Errorf("%w: slack: %s.options has %d entries, want 1 to %d; an external select can have more", chat.ErrInvalidArgument, at, n, most)
	}
	for i, option := range options {
		field := fmt.Sprintf("%s.options[%d]", at, i)
		if option == nil {
			return nil, nil, fmt.Errorf("%w: slack: %s is nil, want an option", chat.ErrInvalidArgument, field)
		}
		if err := within(field+".value", option.Value, 1, maxOptionValue); err != nil {
			return nil, nil, err
		}
		object := w.optionObject(option)
		all = append(all, object)
		if option.Value == initial && chosen == nil {
			chosen = object
		}
	}
	return all, chosen, nil
}

// optionObject returns one option.
func (w markup) optionObject(option *card.Option) *slackapi.OptionBlockObject {
	object := &slackapi.OptionBlockObject{Text: w.plainText(option.Label, maxOption), Value: option.Value}
	if option.Description != "" {
		object.Description = w.plainText(option.Description, maxOption)
	}
	return object
}
