package markdown

import "encoding/json"

// Node is one node of a tree: one of the struct pointers of this package,
// [*Root] to [*Unknown]. No other type can implement it.
//
// Trees are plain data. Reading one from many goroutines is safe; changing one
// while others read it is not.
type Node interface {
	// Type returns the node's mdast name, such as "paragraph".
	Type() string
	isNode()
}

// Extra holds the fields of a node that this package has no name for, such as
// "position" and "data". They are kept when a tree goes from JSON to JSON.
type Extra map[string]json.RawMessage

// Align says how the cells of a table column are aligned.
type Align string

// The alignments. AlignNone is null in JSON.
const (
	AlignNone   Align = ""
	AlignLeft   Align = "left"
	AlignCenter Align = "center"
	AlignRight  Align = "right"
)

// ReferenceType says how a reference was written.
type ReferenceType string

// The reference types: [label], [label][] and [text][label].
const (
	Shortcut  ReferenceType = "shortcut"
	Collapsed ReferenceType = "collapsed"
	Full      ReferenceType = "full"
)

type (
	// Root is a whole document.
	Root struct {
		Children []Node
		Extra    Extra
	}

	// Paragraph is a block of phrasing content.
	Paragraph struct {
		Children []Node
		Extra    Extra
	}

	// Heading is a heading of depth 1 to 6.
	Heading struct {
		Depth    int
		Children []Node
		Extra    Extra
	}

	// ThematicBreak is a horizontal rule.
	ThematicBreak struct {
		Extra Extra
	}

	// Blockquote is a quotation that holds blocks.
	Blockquote struct {
		Children []Node
		Extra    Extra
	}

	// List holds items.
	List struct {
		Ordered bool
		// Start is the number of an ordered list's first item; nil for a bullet list.
		Start *int
		// Spread is true when blank lines stand between the items.
		Spread   bool
		Children []Node
		Extra    Extra
	}

	// ListItem is one item of a [List].
	ListItem struct {
		// Checked says whether a task is done; nil when the item is no task.
		Checked *bool
		// Spread is true when blank lines stand between the item's blocks.
		Spread   bool
		Children []Node
		Extra    Extra
	}

	// Code is a code block.
	Code struct {
		// Lang is the first word of the fence's info string; empty is null in JSON.
		Lang string
		// Meta is the rest of the info string; empty is null in JSON.
		Meta  string
		Value string
		Extra Extra
	}

	// HTML is raw HTML, as a block or inside a paragraph. It is not to be
	// trusted.
	HTML struct {
		Value string
		Extra Extra
	}

	// Definition is the target of link and image references.
	Definition struct {
		// Identifier is the normalized label: references match by it.
		Identifier string
		Label      string
		URL        string
		// Title is null in JSON when empty.
		Title string
		Extra Extra
	}

	// FootnoteDefinition holds the blocks of a footnote.
	FootnoteDefinition struct {
		Identifier string
		Label      string
		Children   []Node
		Extra      Extra
	}

	// Table holds rows, the first of which is the header.
	Table struct {
		// Align has one entry for each column.
		Align    []Align
		Children []Node
		Extra    Extra
	}

	// TableRow holds cells.
	TableRow struct {
		Children []Node
		Extra    Extra
	}

	// TableCell holds phrasing content.
	TableCell struct {
		Children []Node
		Extra    Extra
	}

	// Text is literal text. A newline in it is a soft line break.
	Text struct {
		Value string
		Extra Extra
	}

	// Emphasis is stressed text.
	Emphasis struct {
		Children []Node
		Extra    Extra
	}

	// Strong is important text.
	Strong struct {
		Children []Node
		Extra    Extra
	}

	// Delete is struck-out text.
	Delete struct {
		Children []Node
		Extra    Extra
	}

	// InlineCode is code inside a paragraph.
	InlineCode struct {
		Value string
		Extra Extra
	}

	// Break is a hard line break.
	Break struct {
		Extra Extra
	}

	// Link is a link with its target.
	Link struct {
		URL string
		// Title is null in JSON when empty.
		Title    string
		Children []Node
		Extra    Extra
	}

	// Image is an image with its source.
	Image struct {
		URL string
		// Title is null in JSON when empty.
		Title string
		Alt   string
		Extra Extra
	}

	// LinkReference is a link whose target is a [Definition].
	LinkReference struct {
		Identifier    string
		Label         string
		ReferenceType ReferenceType
		Children      []Node
		Extra         Extra
	}

	// ImageReference is an image whose source is a [Definition].
	ImageReference struct {
		Identifier    string
		Label         string
		ReferenceType ReferenceType
		Alt           string
		Extra         Extra
	}

	// FootnoteReference marks where a [FootnoteDefinition] belongs.
	FootnoteReference struct {
		Identifier string
		Label      string
		Extra      Extra
	}

	// Unknown is a node of a type that this package does not know. It comes
	// only from JSON and goes back to JSON as it came.
	Unknown struct {
		Name string
		// Raw is the whole node, a JSON object.
		Raw json.RawMessage
	}
)

// The mdast name of each type.

func (*Root) Type() string               { return "root" }
func (*Paragraph) Type() string          { return "paragraph" }
func (*Heading) Type() string            { return "heading" }
func (*ThematicBreak) Type() string      { return "thematicBreak" }
func (*Blockquote) Type() string         { return "blockquote" }
func (*List) Type() string               { return "list" }
func (*ListItem) Type() string           { return "listItem" }
func (*Code) Type() string               { return "code" }
func (*HTML) Type() string               { return "html" }
func (*Definition) Type() string         { return "definition" }
func (*FootnoteDefinition) Type() string { return "footnoteDefinition" }
func (*Table) Type() string              { return "table" }
func (*TableRow) Type() string           { return "tableRow" }
func (*TableCell) Type() string          { return "tableCell" }
func (*Text) Type() string               { return "text" }
func (*Emphasis) Type() string           { return "emphasis" }
func (*Strong) Type() string             { return "strong" }
func (*Delete) Type() string             { return "delete" }
func (*InlineCode) Type() string         { return "inlineCode" }
func (*Break) Type() string              { return "break" }
func (*Link) Type() string               { return "link" }
func (*Image) Type() string              { return "image" }
func (*LinkReference) Type() string      { return "linkReference" }
func (*ImageReference) Type() string     { return "imageReference" }
func (*FootnoteReference) Type() string  { return "footnoteReference" }

// Type returns the name that the node had in JSON.
func (n *Unknown) Type() string { return n.Name }

func (*Root) isNode()               {}
func (*Paragraph) isNode()          {}
func (*Heading) isNode()            {}
func (*ThematicBreak) isNode()      {}
func (*Blockquote) isNode()         {}
func (*List) isNode()               {}
func (*ListItem) isNode()           {}
func (*Code) isNode()               {}
func (*HTML) isNode()               {}
func (*Definition) isNode()         {}
func (*FootnoteDefinition) isNode() {}
func (*Table) isNode()              {}
func (*TableRow) isNode()           {}
func (*TableCell) isNode()          {}
func (*Text) isNode()               {}
func (*Emphasis) isNode()           {}
func (*Strong) isNode()             {}
func (*Delete) isNode()             {}
func (*InlineCode) isNode()         {}
func (*Break) isNode()              {}
func (*Link) isNode()               {}
func (*Image) isNode()              {}
func (*LinkReference) isNode()      {}
func (*ImageReference) isNode()     {}
func (*FootnoteReference) isNode()  {}
func (*Unknown) isNode()            {}

// children returns where a node keeps its children, or nil if its type has
// none.
func children(n Node) *[]Node {
	switch n := n.(type) {
	case *Root:
		return &n.Children
	case *Paragraph:
		return &n.Children
	case *Heading:
		return &n.Children
	case *Blockquote:
		return &n.Children
	case *List:
		return &n.Children
	case *ListItem:
		return &n.Children
	case *FootnoteDefinition:
		return &n.Children
	case *Table:
		return &n.Children
	case *TableRow:
		return &n.Children
	case *TableCell:
		return &n.Children
	case *Emphasis:
		return &n.Children
	case *Strong:
		return &n.Children
	case *Delete:
		return &n.Children
	case *Link:
		return &n.Children
	case *LinkReference:
		return &n.Children
	}
	return nil
}

// Children returns the children of a node: the node's own slice, nil for a
// node that has none.
func Children(n Node) []Node {
	if c := children(n); c != nil {
		return *c
	}
	return nil
}
