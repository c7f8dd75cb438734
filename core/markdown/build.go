package markdown

// The builders below read well where a struct literal would be long. Each
// returns a new node that keeps the children slice it was given.

// NewRoot returns a document of blocks.
func NewRoot(blocks ...Node) *Root { return &Root{Children: blocks} }

// NewParagraph returns a paragraph.
func NewParagraph(content ...Node) *Paragraph { return &Paragraph{Children: content} }

// NewHeading returns a heading of depth 1 to 6; other depths are brought into
// that range.
func NewHeading(depth int, content ...Node) *Heading {
	return &Heading{Depth: min(max(depth, 1), 6), Children: content}
}

// NewText returns literal text.
func NewText(value string) *Text { return &Text{Value: value} }

// NewEmphasis returns stressed text.
func NewEmphasis(content ...Node) *Emphasis { return &Emphasis{Children: content} }

// NewStrong returns important text.
func NewStrong(content ...Node) *Strong { return &Strong{Children: content} }

// NewDelete returns struck-out text.
func NewDelete(content ...Node) *Delete { return &Delete{Children: content} }

// NewInlineCode returns code inside a paragraph.
func NewInlineCode(value string) *InlineCode { return &InlineCode{Value: value} }

// NewCode returns a code block. The language may be empty.
func NewCode(lang, value string) *Code { return &Code{Lang: lang, Value: value} }

// NewLink returns a link without a title.
func NewLink(url string, content ...Node) *Link { return &Link{URL: url, Children: content} }

// NewImage returns an image without a title.
func NewImage(url, alt string) *Image { return &Image{URL: url, Alt: alt} }

// NewBlockquote returns a quotation of blocks.
func NewBlockquote(blocks ...Node) *Blockquote { return &Blockquote{Children: blocks} }

// NewList returns a bullet list.
func NewList(items ...*ListItem) *List { return &List{Children: nodes(items)} }

// NewOrderedList returns a list whose items are numbered from start.
func NewOrderedList(start int, items ...*ListItem) *List {
	return &List{Ordered: true, Start: &start, Children: nodes(items)}
}

// NewListItem returns an item of blocks.
func NewListItem(blocks ...Node) *ListItem { return &ListItem{Children: blocks} }

// NewTask returns an item with a checkbox.
func NewTask(done bool, blocks ...Node) *ListItem {
	return &ListItem{Checked: &done, Children: blocks}
}

// NewTable returns a table whose first row is its header. The alignments may
// be fewer than the columns.
func NewTable(align []Align, rows ...*TableRow) *Table {
	columns := len(align)
	for _, row := range rows {
		columns = max(columns, len(row.Children))
	}
	all := make([]Align, columns)
	copy(all, align)
	return &Table{Align: all, Children: nodes(rows)}
}

// NewTableRow returns a row with one cell of text for each string.
func NewTableRow(cells ...string) *TableRow {
	row := &TableRow{Children: make([]Node, len(cells))}
	for i, cell := range cells {
		row.Children[i] = NewTableCell(NewText(cell))
	}
	return row
}

// NewTableCell returns a cell of phrasing content.
func NewTableCell(content ...Node) *TableCell { return &TableCell{Children: content} }

func nodes[T Node](list []T) []Node {
	out := make([]Node, len(list))
	for i, n := range list {
		out[i] = n
	}
	return out
}
