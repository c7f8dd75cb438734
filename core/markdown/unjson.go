package markdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Unmarshal reads the JSON of one node, in the shape of remark. Nodes of an
// unknown type become [Unknown], fields without a name here go to Extra. A
// field of the wrong kind is an error that names its place in the tree.
func Unmarshal(data []byte) (Node, error) {
	// The whole tree is read in one go: a decoder for each node would read the
	// inner ones again for every level around them.
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("markdown: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("markdown: more than one JSON value")
	}
	n, err := nodeFrom(v)
	if err != nil {
		return nil, fmt.Errorf("markdown: %w", err)
	}
	return n, nil
}

// UnmarshalJSON reads the JSON of a root node, as [Unmarshal] does.
func (n *Root) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil
	}
	read, err := Unmarshal(data)
	if err != nil {
		return err
	}
	root, ok := read.(*Root)
	if !ok {
		return fmt.Errorf("markdown: type is %q, want \"root\"", read.Type())
	}
	*n = *root
	return nil
}

// fieldError is an error at a place in the tree, such as
// "children[0].depth: is a string, want a whole number".
type fieldError struct {
	path []string // innermost first
	want string
	got  any
}

func (e *fieldError) Error() string {
	path := slices.Clone(e.path)
	slices.Reverse(path)
	return fmt.Sprintf("%s is %s, want %s", strings.Join(path, "."), describe(e.got), e.want)
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null or missing"
	case bool:
		return "a bool"
	case json.Number:
		return "the number " + v.String()
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}

// fields reads the fields of one object. What is left when all known ones have
// been taken is extra.
type fields struct {
	m   map[string]any
	err *fieldError
}

func (f *fields) fail(key, want string, got any) {
	if f.err == nil {
		f.err = &fieldError{path: []string{key}, want: want, got: got}
	}
}

func (f *fields) take(key string) any {
	v := f.m[key]
	delete(f.m, key)
	return v
}

// optional reads a string that may be null or missing.
func (f *fields) optional(key string) string {
	v := f.take(key)
	if v == nil {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		f.fail(key, "a string", v)
	}
	return s
}

// required reads a string.
func (f *fields) required(key string) string {
	v := f.take(key)
	s, ok := v.(string)
	if !ok {
		f.fail(key, "a string", v)
	}
	return s
}

// bool reads a bool that may be null or missing.
func (f *fields) bool(key string) *bool {
	v := f.take(key)
	if v == nil {
		return nil
	}
	b, ok := v.(bool)
	if !ok {
		f.fail(key, "a bool", v)
	}
	return &b
}

func (f *fields) flag(key string) bool {
	b := f.bool(key)
	return b != nil && *b
}

// int reads a whole number that may be null or missing.
func (f *fields) int(key string) *int {
	v := f.take(key)
	if v == nil {
		return nil
	}
	number, ok := v.(json.Number)
	if ok {
		if i, err := number.Int64(); err == nil && i >= math.MinInt32 && i <= math.MaxInt32 {
			return new(int(i))
		}
	}
	f.fail(key, "a whole number", v)
	return nil
}

func (f *fields) children() []Node {
	v := f.take("children")
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		f.fail("children", "an array", v)
		return nil
	}
	out := make([]Node, 0, len(list))
	for i, item := range list {
		n, err := nodeFrom(item)
		if err != nil {
			if f.err == nil {
				err.path = append(err.path, fmt.Sprintf("children[%d]", i))
				f.err = err
			}
			return nil
		}
		out = append(out, n)
	}
	return out
}

func (f *fields) align() []Align {
	v := f.take("align")
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		f.fail("align", "an array", v)
		return nil
	}
	out := make([]Align, len(list))
	for i, item := range list {
		switch item {
		case nil:
		case "left", "center", "right":
			out[i] = Align(item.(string))
		default:
			f.fail(fmt.Sprintf("align[%d]", i), `null, "left", "center" or "right"`, item)
		}
	}
	return out
}

func (f *fields) referenceType() ReferenceType {
	switch v := f.take("referenceType"); v {
	case "shortcut", "collapsed", "full":
		return ReferenceType(v.(string))
	default:
		f.fail("referenceType", `"shortcut", "collapsed" or "full"`, v)
		return ""
	}
}

// label reads a label, which mdast allows to be absent.
func (f *fields) label() (identifier, label string) {
	return f.required("identifier"), f.optional("label")
}

func (f *fields) depth() int {
	v := f.m["depth"]
	if depth := f.int("depth"); depth != nil && *depth >= 1 && *depth <= 6 {
		return *depth
	}
	f.fail("depth", "1 to 6", v)
	return 0
}

func nodeFrom(v any) (Node, *fieldError) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &fieldError{path: []string{"node"}, want: "an object", got: v}
	}
	name, ok := m["type"].(string)
	if !ok {
		return nil, &fieldError{path: []string{"type"}, want: "a string", got: m["type"]}
	}
	f := &fields{m: m}
	n := f.node(name)
	if n == nil {
		raw, err := marshalAny(m)
		if err != nil {
			return nil, &fieldError{path: []string{name}, want: "JSON", got: v}
		}
		return &Unknown{Name: name, Raw: raw}, nil
	}
	if f.err != nil {
		return nil, f.err
	}
	delete(m, "type")
	if len(m) == 0 {
		return n, nil
	}
	fields := make(Extra, len(m))
	for key, v := range m {
		raw, err := marshalAny(v)
		if err != nil {
			return nil, &fieldError{path: []string{key}, want: "JSON", got: v}
		}
		fields[key] = raw
	}
	*extra(n) = fields
	return n, nil
}

// marshalAny returns the JSON of a decoded value, with no escapes that the
// source did not need.
func marshalAny(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// node reads the fields that a node of the named type has; nil if there is no
// such type.
func (f *fields) node(name string) Node {
	switch name {
	case "root":
		return &Root{Children: f.children()}
	case "paragraph":
		return &Paragraph{Children: f.children()}
	case "heading":
		return &Heading{Depth: f.depth(), Children: f.children()}
	case "thematicBreak":
		return &ThematicBreak{}
	case "blockquote":
		return &Blockquote{Children: f.children()}
	case "list":
		return &List{
			Ordered: f.flag("ordered"), Start: f.int("start"),
			Spread: f.flag("spread"), Children: f.children(),
		}
	case "listItem":
		return &ListItem{Spread: f.flag("spread"), Checked: f.bool("checked"), Children: f.children()}
	case "code":
		return &Code{Lang: f.optional("lang"), Meta: f.optional("meta"), Value: f.required("value")}
	case "html":
		return &HTML{Value: f.required("value")}
	case "definition":
		identifier, label := f.label()
		return &Definition{Identifier: identifier, Label: label, URL: f.required("url"), Title: f.optional("title")}
	case "footnoteDefinition":
		identifier, label := f.label()
		return &FootnoteDefinition{Identifier: identifier, Label: label, Children: f.children()}
	case "table":
		return &Table{Align: f.align(), Children: f.children()}
	case "tableRow":
		return &TableRow{Children: f.children()}
	case "tableCell":
		return &TableCell{Children: f.children()}
	case "text":
		return &Text{Value: f.required("value")}
	case "emphasis":
		return &Emphasis{Children: f.children()}
	case "strong":
		return &Strong{Children: f.children()}
	case "delete":
		return &Delete{Children: f.children()}
	case "inlineCode":
		return &InlineCode{Value: f.required("value")}
	case "break":
		return &Break{}
	case "link":
		return &Link{URL: f.required("url"), Title: f.optional("title"), Children: f.children()}
	case "image":
		return &Image{URL: f.required("url"), Title: f.optional("title"), Alt: f.optional("alt")}
	case "linkReference":
		identifier, label := f.label()
		return &LinkReference{
			Identifier: identifier, Label: label,
			ReferenceType: f.referenceType(), Children: f.children(),
		}
	case "imageReference":
		identifier, label := f.label()
		return &ImageReference{
			Identifier: identifier, Label: label,
			ReferenceType: f.referenceType(), Alt: f.optional("alt"),
		}
	case "footnoteReference":
		identifier, label := f.label()
		return &FootnoteReference{Identifier: identifier, Label: label}
	}
	return nil
}
