package markdown

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
)

// Marshal returns the JSON of a tree in the shape that remark gives it, without
// positions (unless they came from JSON). It fails only when an Extra field or
// the raw bytes of an Unknown node are not valid JSON.
func Marshal(n Node) ([]byte, error) {
	b := appendJSON(nil, n)
	if !json.Valid(b) {
		return nil, errors.New("markdown: a node's Extra or Raw is not valid JSON")
	}
	return b, nil
}

// appendJSON appends a node. Fields stand in remark's order.
func appendJSON(b []byte, n Node) []byte { return appendNode(b, n, true) }

// appendNodes appends an array of nodes.
func appendNodes(b []byte, list []Node, extras bool) []byte {
	b = append(b, '[')
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNode(b, n, extras)
	}
	return append(b, ']')
}

// appendNode appends a node, with or without the extra fields.
func appendNode(b []byte, n Node, extras bool) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	if u, ok := n.(*Unknown); ok {
		return append(b, u.Raw...)
	}
	b = append(b, `{"type":"`...)
	b = append(b, n.Type()...)
	b = append(b, '"')
	switch n := n.(type) {
	case *Heading:
		b = strconv.AppendInt(append(b, `,"depth":`...), int64(n.Depth), 10)
	case *List:
		b = appendBool(b, "ordered", n.Ordered)
		if n.Start == nil {
			b = append(b, `,"start":null`...)
		} else {
			b = strconv.AppendInt(append(b, `,"start":`...), int64(*n.Start), 10)
		}
		b = appendBool(b, "spread", n.Spread)
	case *ListItem:
		b = appendBool(b, "spread", n.Spread)
		if n.Checked == nil {
			b = append(b, `,"checked":null`...)
		} else {
			b = appendBool(b, "checked", *n.Checked)
		}
	case *Code:
		b = appendOptional(b, "lang", n.Lang)
		b = appendOptional(b, "meta", n.Meta)
		b = appendString(b, "value", n.Value)
	case *HTML:
		b = appendString(b, "value", n.Value)
	case *Text:
		b = appendString(b, "value", n.Value)
	case *InlineCode:
		b = appendString(b, "value", n.Value)
	case *Definition:
		b = appendLabel(b, n.Identifier, n.Label)
		b = appendOptional(b, "title", n.Title)
		b = appendString(b, "url", n.URL)
	case *FootnoteDefinition:
		b = appendLabel(b, n.Identifier, n.Label)
	case *FootnoteReference:
		b = appendLabel(b, n.Identifier, n.Label)
	case *Table:
		b = append(b, `,"align":[`...)
		for i, align := range n.Align {
			if i > 0 {
				b = append(b, ',')
			}
			if align == AlignNone {
				b = append(b, "null"...)
			} else {
				b = jsontext.AppendString(b, string(align))
			}
		}
		b = append(b, ']')
	case *Link:
		b = appendOptional(b, "title", n.Title)
		b = appendString(b, "url", n.URL)
	case *Image:
		b = appendOptional(b, "title", n.Title)
		b = appendString(b, "url", n.URL)
		b = appendString(b, "alt", n.Alt)
	case *LinkReference:
		b = appendLabel(b, n.Identifier, n.Label)
		b = appendString(b, "referenceType", string(n.ReferenceType))
	case *ImageReference:
		b = appendLabel(b, n.Identifier, n.Label)
		b = appendString(b, "referenceType", string(n.ReferenceType))
		b = appendString(b, "alt", n.Alt)
	}
	if list := children(n); list != nil {
		b = appendNodes(append(b, `,"children":`...), *list, extras)
	}
	if !extras {
		return append(b, '}')
	}
	fields := extra(n)
	for _, key := range slices.Sorted(maps.Keys(*fields)) {
		b = append(jsontext.AppendString(append(b, ','), key), ':')
		b = append(b, (*fields)[key]...)
	}
	return append(b, '}')
}

func appendLabel(b []byte, identifier, label string) []byte {
	return appendString(appendString(b, "identifier", identifier), "label", label)
}

func appendBool(b []byte, key string, v bool) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	return strconv.AppendBool(b, v)
}

func appendString(b []byte, key, v string) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	return jsontext.AppendString(b, v)
}

// appendOptional appends null for an empty value.
func appendOptional(b []byte, key, v string) []byte {
	if v != "" {
		return appendString(b, key, v)
	}
	return append(append(append(b, `,"`...), key...), `":null`...)
}

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Root) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Paragraph) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Heading) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *ThematicBreak) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Blockquote) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *List) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *ListItem) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Code) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *HTML) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Definition) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *FootnoteDefinition) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Table) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *TableRow) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *TableCell) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Text) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Emphasis) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Strong) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Delete) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *InlineCode) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Break) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Link) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Image) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *LinkReference) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *ImageReference) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *FootnoteReference) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }

// MarshalJSON returns the JSON of the node, as [Marshal] does.
func (n *Unknown) MarshalJSON() ([]byte, error) { return appendJSON(nil, n), nil }
