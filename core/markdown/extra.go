package markdown

// extra returns where a node keeps its extra fields; nil for [Unknown], which
// is raw as a whole.
func extra(n Node) *Extra {
	switch n := n.(type) {
	case *Root:
		return &n.Extra
	case *Paragraph:
		return &n.Extra
	case *Heading:
		return &n.Extra
	case *ThematicBreak:
		return &n.Extra
	case *Blockquote:
		return &n.Extra
	case *List:
		return &n.Extra
	case *ListItem:
		return &n.Extra
	case *Code:
		return &n.Extra
	case *HTML:
		return &n.Extra
	case *Definition:
		return &n.Extra
	case *FootnoteDefinition:
		return &n.Extra
	case *Table:
		return &n.Extra
	case *TableRow:
		return &n.Extra
	case *TableCell:
		return &n.Extra
	case *Text:
		return &n.Extra
	case *Emphasis:
		return &n.Extra
	case *Strong:
		return &n.Extra
	case *Delete:
		return &n.Extra
	case *InlineCode:
		return &n.Extra
	case *Break:
		return &n.Extra
	case *Link:
		return &n.Extra
	case *Image:
		return &n.Extra
	case *LinkReference:
		return &n.Extra
	case *ImageReference:
		return &n.Extra
	case *FootnoteReference:
		return &n.Extra
	}
	return nil
}
