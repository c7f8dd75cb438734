package fakegchat

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// shape is what an object may have: by the name of each field, which ends with "!" where
// it must be there, a kind, a shape, or a list of a shape or a kind.
type shape map[string]any

type kind string

const (
	text    kind = "a text"
	boolean kind = "a boolean"
	integer kind = "an integer"
	decimal kind = "a number"
)

// list is a list of one thing.
type list struct{ of any }

// oneOf is a text that is one of these.
type oneOf []string

// matching is a text of a form.
type matching string

func (s shape) check(at string, value any) []string {
	object, ok := value.(map[string]any)
	if !ok && value != nil {
		return []string{fmt.Sprintf("%s is no object", at)}
	}
	var problems []string
	known := map[string]any{}
	for name, want := range s {
		bare, required := strings.CutSuffix(name, "!")
		known[bare] = want
		if _, given := object[bare]; required && !given {
			problems = append(problems, fmt.Sprintf("the field %q is missing", at+bare))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if want, ok := known[name]; ok {
			problems = append(problems, checkValue(at+name, want, object[name])...)
		} else {
			problems = append(problems, fmt.Sprintf("there is no field %q", at+name))
		}
	}
	return problems
}

func checkValue(at string, want, value any) []string {
	words, isText := value.(string)
	wrong := func(ok bool) []string {
		if ok {
			return nil
		}
		return []string{fmt.Sprintf("the field %q is %v, want %v", at, value, want)}
	}
	switch want := want.(type) {
	case kind:
		number, isNumber := value.(json.Number)
		_, isBoolean := value.(bool)
		switch want {
		case text:
			return wrong(isText)
		case boolean:
			return wrong(isBoolean)
		case integer:
			return wrong(isNumber && !strings.ContainsAny(number.String(), ".eE"))
		case decimal:
			return wrong(isNumber)
		}
	case oneOf:
		return wrong(isText && slices.Contains(want, words))
	case matching:
		return wrong(isText && regexp.MustCompile(`^(?:`+string(want)+`)$`).MatchString(words))
	case shape:
		if value == nil {
			return wrong(false)
		}
		return want.check(at+".", value)
	case list:
		items, ok := value.([]any)
		problems := wrong(ok)
		for i, item := range items {
			problems = append(problems, checkValue(fmt.Sprintf("%s[%d]", at, i), want.of, item)...)
		}
		return problems
	}
	return nil
}

// What a message is made of.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages#Message
var (
	createShape = shape{
		"text": text, "markupSyntax": oneOf{"MARKUP_SYNTAX_CHAT", "MARKUP_SYNTAX_MARKDOWN"}, "cardsV2": list{shape{"cardId": text, "card!": cardShape}}, "fallbackText": text,
		"thread": shape{"name!": matching(spacePath + `/threads/[A-Za-z0-9_-]+`)}, "privateMessageViewer": shape{"name!": matching(`users/.+`)},
		"attachment": list{shape{"attachmentDataRef!": shape{"attachmentUploadToken!": text}}},
	}
	patchShape = shape{"text": text, "markupSyntax": oneOf{"MARKUP_SYNTAX_CHAT", "MARKUP_SYNTAX_MARKDOWN"}, "cardsV2": list{shape{"cardId": text, "card!": cardShape}}}

	subscriptionShape = shape{
		"targetResource!": matching(`//chat\.googleapis\.com/` + spacePath), "eventTypes!": list{oneOf{
			"google.workspace.chat.message.v1.created", "google.workspace.chat.message.v1.updated", "google.workspace.chat.message.v1.deleted",
			"google.workspace.chat.reaction.v1.created", "google.workspace.chat.reaction.v1.deleted",
			"google.workspace.chat.membership.v1.created", "google.workspace.chat.membership.v1.updated", "google.workspace.chat.membership.v1.deleted", "google.workspace.chat.space.v1.updated",
		}},
		"notificationEndpoint!": shape{"pubsubTopic!": matching(`projects/[^/]+/topics/[^/]+`)}, "payloadOptions": shape{"includeResource": boolean}, "ttl": text,
	}
)

// Cards. https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
var (
	parameterShape = list{shape{"key!": text, "value!": text}}
	actionShape    = shape{"function!": text, "parameters": parameterShape, "interaction": oneOf{"OPEN_DIALOG"}, "loadIndicator": oneOf{"SPINNER", "NONE"}, "requiredWidgets": list{text}}
	colorShape     = shape{"red": decimal, "green": decimal, "blue": decimal, "alpha": decimal}
	buttonShape    = shape{
		"text!": matching(`(?s).+`), "disabled": boolean, "altText": text, "type": oneOf{"OUTLINED", "FILLED", "FILLED_TONAL", "BORDERLESS"}, "color": colorShape,
		"onClick!": shape{"action": actionShape, "openLink": shape{"url!": matching(`(https?|mailto|tel):.+`)}},
	}
	itemShape   = shape{"text!": matching(`(?s).+`), "value!": text, "selected": boolean, "bottomText": text}
	widgetShape = shape{
		"textParagraph": shape{"text!": matching(`(?s).+`), "textSyntax": oneOf{"HTML", "MARKDOWN"}, "maxLines": integer},
		"image":         shape{"imageUrl!": matching(`https://.+`), "altText": text}, "divider": shape{}, "buttonList": shape{"buttons!": list{buttonShape}},
		"selectionInput": shape{"name!": text, "label": text, "type!": oneOf{"CHECK_BOX", "RADIO_BUTTON", "SWITCH", "DROPDOWN"}, "items!": list{itemShape}, "onChangeAction": actionShape},
		"textInput": shape{
			"name!": text, "label!": text, "type": oneOf{"SINGLE_LINE", "MULTIPLE_LINE"}, "value": text, "hintText": text, "placeholderText": text,
			"validation": shape{"characterLimit": integer, "inputType": oneOf{"TEXT", "INTEGER", "FLOAT", "EMAIL"}},
		},
		"dateTimePicker": shape{"name!": text, "label": text, "type": oneOf{"DATE_AND_TIME", "DATE_ONLY", "TIME_ONLY"}, "valueMsEpoch": matching(`-?[0-9]+`)},
	}
	sectionShape = shape{"header": text, "widgets!": list{widgetShape}}
	headerShape  = shape{"title!": text, "subtitle": text, "imageUrl": matching(`https://.+`), "imageAltText": text}
	cardShape    = shape{"header": headerShape, "sections": list{sectionShape}}
	// dialogShape has a footer besides, which cards in messages do not.
	dialogShape = shape{"header": headerShape, "sections!": list{sectionShape}, "fixedFooter": shape{"primaryButton!": buttonShape, "secondaryButton": buttonShape}}
)

// checkCard says what is wrong with a card beyond its shape.
func checkCard(card any) string {
	c, _ := card.(map[string]any)
	sections, _ := c["sections"].([]any)
	widgets := 0
	for _, s := range sections {
		section, _ := s.(map[string]any)
		inside, _ := section["widgets"].([]any)
		if len(inside) == 0 {
			return "a section has no widgets"
		}
		widgets += len(inside)
		for _, w := range inside {
			widget, _ := w.(map[string]any)
			if len(widget) != 1 {
				return "a widget is not one thing"
			}
			menu, _ := widget["selectionInput"].(map[string]any)
			if items, _ := menu["items"].([]any); len(items) > 100 {
				return "a menu has more than 100 items"
			}
		}
	}
	if widgets > 100 {
		return "the card has more than 100 widgets"
	}
	if widgets == 0 && c["header"] == nil {
		return "the card is empty"
	}
	return ""
}
