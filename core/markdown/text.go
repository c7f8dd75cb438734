package markdown

import "bytes"

// PlainText returns the text of a tree without any formatting: blocks are
// separated by a blank line, items, rows and the blocks inside them by a
// newline, cells by a tab. An image is its alternative text, raw HTML its
// source. It is the text that the TypeScript SDK gives a message.
func PlainText(n Node) string {
	return string(appendText(nil, n))
}

func appendText(b []byte, n Node) []byte {
	switch n := n.(type) {
	case *Text:
		return append(b, n.Value...)
	case *InlineCode:
		return append(b, n.Value...)
	case *Code:
		return append(b, n.Value...)
	case *HTML:
		return append(b, n.Value...)
	case *Image:
		return append(b, n.Alt...)
	case *ImageReference:
		return append(b, n.Alt...)
	case *Break:
		return append(b, '\n')
	case *Root:
		return appendTexts(b, n.Children, "\n\n", notEmpty)
	case *List:
		return appendTexts(b, n.Children, "\n", notEmpty)
	case *ListItem:
		return appendTexts(b, n.Children, "\n", notEmpty)
	case *Blockquote:
		return appendTexts(b, n.Children, "\n", notEmpty)
	case *FootnoteDefinition:
		return appendTexts(b, n.Children, "\n", notEmpty)
	case *Table:
		return appendTexts(b, n.Children, "\n", notBlank)
	case *TableRow:
		return appendTexts(b, n.Children, "\t", nil)
	}
	return appendTexts(b, Children(n), "", nil)
}

// appendTexts appends the text of each node that keep accepts, separated. A
// nil keep accepts all.
func appendTexts(b []byte, list []Node, separator string, keep func([]byte) bool) []byte {
	first := true
	for _, n := range list {
		before := len(b)
		if !first {
			b = append(b, separator...)
		}
		start := len(b)
		b = appendText(b, n)
		if keep != nil && !keep(b[start:]) {
			b = b[:before]
			continue
		}
		first = false
	}
	return b
}

func notEmpty(text []byte) bool { return len(text) > 0 }

func notBlank(text []byte) bool { return len(bytes.TrimSpace(text)) > 0 }
