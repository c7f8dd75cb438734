package slack

import (
	"fmt"
	"strconv"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// input adds one element of a modal. An input's id is both the block's, by which
// Slack shows errors, and the action's.
func (l *blockList) input(at string, input card.Input) error {
	switch input := input.(type) {
	case *card.TextInput:
		element, err := l.textElement(at, input)
		return l.labelled(at, input.ID, input.Label, input.Optional, false, element, err)
	case *card.DateInput:
		element := &slackapi.DatePickerBlockElement{
			Type: slackapi.METDatepicker, ActionID: input.ID, Placeholder: l.placeholderText(input.Placeholder), InitialDate: input.InitialValue,
		}
		return l.labelled(at, input.ID, input.Label, input.Optional, false, element, nil)
	case *card.NumberInput:
		element := &slackapi.NumberInputBlockElement{
			Type: slackapi.METNumber, ActionID: input.ID, Placeholder: l.placeholderText(input.Placeholder), IsDecimalAllowed: input.Decimal,
			InitialValue: number(input.InitialValue), MinValue: number(input.Min), MaxValue: number(input.Max),
		}
		return l.labelled(at, input.ID, input.Label, input.Optional, false, element, wholeBounds(at, input))
	case *card.Select:
		element, err := l.menuElement(at, input.ID, input.Placeholder, input.Options, input.InitialOption)
		return l.labelled(at, input.ID, input.Label, input.Optional, input.DispatchAction, element, err)
	case *card.RadioSelect:
		var element slackapi.BlockElement
		var err error
		if len(input.Options) > maxRadio {
			element, err = l.menuElement(at, input.ID, "", input.Options, input.InitialOption)
		} else {
			element, err = l.radioElement(at, input)
		}
		return l.labelled(at, input.ID, input.Label, input.Optional, input.DispatchAction, element, err)
	case *card.ExternalSelect:
		element, err := l.externalElement(at, input)
		return l.labelled(at, input.ID, input.Label, input.Optional, false, element, err)
	case *card.Text:
		l.text(input.Content, input.Style)
	case *card.Fields:
		l.fields(input.Children)
	}
	return nil
}

// labelled adds an input with its label.
func (l *blockList) labelled(at, id, label string, optional, dispatch bool, element slackapi.BlockElement, err error) error {
	if err != nil {
		return err
	}
	if err := within(at+".id", id, 1, maxActionID); err != nil {
		return err
	}
	l.add(&slackapi.InputBlock{
		Type: slackapi.MBTInput, BlockID: id, Label: l.plainText(label, maxInputLabel), Element: element, Optional: optional, DispatchAction: dispatch,
	}, 0)
	return nil
}

func (w markup) textElement(at string, input *card.TextInput) (*slackapi.PlainTextInputBlockElement, error) {
	most := maxInputText
	if input.MaxLength > 0 {
		most = min(most, input.MaxLength)
	}
	if err := within(at+".initialValue", input.InitialValue, 0, most); err != nil {
		return nil, err
	}
	element := &slackapi.PlainTextInputBlockElement{
		Type: slackapi.METPlainTextInput, ActionID: input.ID, Placeholder: w.placeholderText(input.Placeholder),
		InitialValue: input.InitialValue, Multiline: input.Multiline,
	}
	if input.MaxLength > 0 {
		element.MaxLength = most
	}
	return element, nil
}

func (w markup) externalElement(at string, input *card.ExternalSelect) (*slackapi.SelectBlockElement, error) {
	element := &slackapi.SelectBlockElement{
		Type: slackapi.OptTypeExternal, ActionID: input.ID, Placeholder: w.placeholderText(input.Placeholder), MinQueryLength: input.MinQueryLength,
	}
	if input.InitialOption != nil {
		if err := within(at+".initialOption.value", input.InitialOption.Value, 1, maxOptionValue); err != nil {
			return nil, err
		}
		element.InitialOption = w.optionObject(input.InitialOption)
	}
	return element, nil
}

func (w markup) placeholderText(text string) *slackapi.TextBlockObject {
	if text == "" {
		return nil
	}
	return w.plainText(text, maxPlaceholder)
}

// number writes a number as Slack's number inputs want it.
func number(value *float64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(*value, 'f', -1, 64)
}

// wholeBounds checks that an input for whole numbers has whole bounds.
func wholeBounds(at string, input *card.NumberInput) error {
	for field, bound := range map[string]*float64{"min": input.Min, "max": input.Max} {
		if bound != nil && !input.Decimal && *bound != float64(int64(*bound)) {
			return fmt.Errorf("%w: slack: %s.%s is %v, want a whole number, or decimal set", chat.ErrInvalidArgument, at, field, *bound)
		}
	}
	return nil
}
