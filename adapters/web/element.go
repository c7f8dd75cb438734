package web

import (
	"bytes"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/card"
)

// What an element has for its handler stays on the server.
var hiddenFields = map[string]bool{"callbackUrl": true, "privateMetadata": true}

// What is compared or opened is no text: it keeps its placeholders.
var verbatimFields = map[string]bool{
	"type": true, "id": true, "url": true, "imageUrl": true, "callbackId": true, "initialOption": true,
}

// showElement returns the JSON of a card or modal as a page may see it: with its
// emoji, and without what is the bot's own.
func (w texts) showElement(e card.Element) (json.RawMessage, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(w.showValue(tree))
}

func (w texts) showValue(v any) any {
	switch v := v.(type) {
	case string:
		return w.show(v)
	case []any:
		for i := range v {
			v[i] = w.showValue(v[i])
		}
	case map[string]any:
		for name, field := range v {
			switch {
			case hiddenFields[name]:
				delete(v, name)
			case verbatimFields[name], name == "value" && v["type"] != "field":
			default:
				v[name] = w.showValue(field)
			}
		}
	}
	return v
}

// findAction returns the element of a card or modal with the id, or nil.
func findAction(e card.Element, id string) card.Element {
	switch e := e.(type) {
	case *card.Card:
		return findIn(e.Children, id)
	case *card.Section:
		return findIn(e.Children, id)
	case *card.Actions:
		return findIn(e.Children, id)
	case *card.Modal:
		return findIn(e.Children, id)
	case *card.Button:
		if e.ID == id && !e.Disabled {
			return e
		}
	case *card.LinkButton:
		if e.ID == id {
			return e
		}
	case *card.Select:
		if e.ID == id {
			return e
		}
	case *card.RadioSelect:
		if e.ID == id {
			return e
		}
	case *card.ExternalSelect:
		if e.ID == id {
			return e
		}
	}
	return nil
}

func findIn[T card.Element](children []T, id string) card.Element {
	for _, child := range children {
		if found := findAction(child, id); found != nil {
			return found
		}
	}
	return nil
}

// hasOption reports whether an option has the value.
func hasOption(options []*card.Option, value string) bool {
	for _, option := range options {
		if option != nil && option.Value == value {
			return true
		}
	}
	return false
}
