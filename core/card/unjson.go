package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// maxNesting is how deep sections may stand in each other in JSON.
const maxNesting = 32

// Unmarshal reads the JSON of any element, [Card] and [Modal] included. A field
// of the wrong kind is an error that names its place. An element of an unknown
// type becomes [Unknown].
func Unmarshal(data []byte) (Element, error) {
	e, err := decode(data, 0)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return e, nil
}

// UnmarshalJSON reads a card.
func (c *Card) UnmarshalJSON(data []byte) error { return unmarshalInto(data, c) }

// UnmarshalJSON reads a modal.
func (m *Modal) UnmarshalJSON(data []byte) error { return unmarshalInto(data, m) }

func unmarshalInto[T any](data []byte, into *T) error {
	if isNull(data) {
		return nil
	}
	e, err := Unmarshal(data)
	if err != nil {
		return err
	}
	read, ok := any(e).(*T)
	if !ok {
		return fmt.Errorf("card: type is %q, want %q", e.Type(), any(into).(Element).Type())
	}
	*into = *read
	return nil
}

func isNull(data []byte) bool { return bytes.Equal(bytes.TrimSpace(data), []byte("null")) }

// decode reads one element; depth counts the elements around it.
func decode(data []byte, depth int) (Element, error) {
	if isNull(data) {
		return nil, errors.New("element is null, want an object")
	}
	if depth > maxNesting {
		return nil, fmt.Errorf("element is nested deeper than %d levels", maxNesting)
	}
	var head struct {
		Type *string `json:"type"`
	}
	if err := read(data, &head); err != nil {
		return nil, err
	}
	if head.Type == nil {
		return nil, errors.New("type is missing, want a string")
	}
	switch *head.Type {
	case "card":
		type fields Card
		var f struct {
			fields
			Children []json.RawMessage `json:"children"`
		}
		if err := read(data, &f); err != nil {
			return nil, err
		}
		c := Card(f.fields)
		var err error
		c.Children, err = decodeAll[Child](f.Children, depth)
		return &c, err
	case "modal":
		type fields Modal
		var f struct {
			fields
			Children []json.RawMessage `json:"children"`
		}
		if err := read(data, &f); err != nil {
			return nil, err
		}
		m := Modal(f.fields)
		var err error
		m.Children, err = decodeAll[Input](f.Children, depth)
		return &m, err
	case "section":
		children, err := decodeChildren[Child](data, depth)
		return &Section{Children: children}, err
	case "actions":
		children, err := decodeChildren[Action](data, depth)
		return &Actions{Children: children}, err
	}
	return decodeLeaf(*head.Type, data)
}

// decodeChildren reads the children of an element that has only these.
func decodeChildren[T Element](data []byte, depth int) ([]T, error) {
	var f struct {
		Children []json.RawMessage `json:"children"`
	}
	if err := read(data, &f); err != nil {
		return nil, err
	}
	return decodeAll[T](f.Children, depth)
}

// decodeAll reads elements of one kind.
func decodeAll[T Element](list []json.RawMessage, depth int) ([]T, error) {
	out := make([]T, 0, len(list))
	for i, data := range list {
		e, err := decode(data, depth+1)
		if err != nil {
			return nil, fmt.Errorf("children[%d].%w", i, err)
		}
		child, ok := e.(T)
		if !ok {
			return nil, fmt.Errorf("children[%d].type is %q, which cannot stand here", i, e.Type())
		}
		out = append(out, child)
	}
	return out, nil
}

// decodeLeaf reads an element without other elements in it.
func decodeLeaf(name string, data []byte) (Element, error) {
	switch name {
	case "text":
		type fields Text
		var f fields
		return (*Text)(&f), read(data, &f)
	case "image":
		type fields Image
		var f fields
		return (*Image)(&f), read(data, &f)
	case "divider":
		return &Divider{}, nil
	case "fields":
		var f struct{ Children []*Field }
		err := read(data, &f)
		return &Fields{Children: list(f.Children)}, orNil(err, "children", f.Children)
	case "field":
		var f Field
		return &f, read(data, &f)
	case "link":
		type fields Link
		var f fields
		return (*Link)(&f), read(data, &f)
	case "table":
		type fields Table
		var f fields
		return (*Table)(&f), read(data, &f)
	case "chart":
		type fields Chart
		var f fields
		return (*Chart)(&f), read(data, &f)
	case "button":
		type fields Button
		var f fields
		return (*Button)(&f), read(data, &f)
	case "link-button":
		type fields LinkButton
		var f fields
		return (*LinkButton)(&f), read(data, &f)
	case "select":
		type fields Select
		var f fields
		err := read(data, &f)
		return (*Select)(&f), orNil(err, "options", f.Options)
	case "radio_select":
		type fields RadioSelect
		var f fields
		err := read(data, &f)
		return (*RadioSelect)(&f), orNil(err, "options", f.Options)
	case "text_input":
		type fields TextInput
		var f fields
		return (*TextInput)(&f), read(data, &f)
	case "date_input":
		type fields DateInput
		var f fields
		return (*DateInput)(&f), read(data, &f)
	case "number_input":
		type fields NumberInput
		var f fields
		return (*NumberInput)(&f), read(data, &f)
	case "external_select":
		type fields ExternalSelect
		var f fields
		return (*ExternalSelect)(&f), read(data, &f)
	}
	return &Unknown{Name: name, Raw: bytes.Clone(data)}, nil
}

// read decodes fields, with errors that name the field.
func read(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("element is %s, want an object", wrong.Value)
		}
		return fmt.Errorf("%s is %s, want %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return err
}

// orNil returns the error, or one for the first null in a list.
func orNil[T any](err error, field string, list []*T) error {
	if err != nil {
		return err
	}
	if i := slices.Index(list, nil); i >= 0 {
		return fmt.Errorf("%s[%d] is null, want an object", field, i)
	}
	return nil
}
