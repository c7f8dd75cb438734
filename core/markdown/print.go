package markdown

import (
	"bytes"
	"strconv"
	"strings"
)

// Print returns the Markdown of a tree. What Parse has made, Print gives back
// in a form that Parse reads as the same tree. A tree made by hand is printed
// so that its text stays text: what Markdown cannot say (a link in a link, a
// line break in a table cell) is said as nearly as it can be. So is emphasis in
// emphasis that only an odd row of delimiters could express.
func Print(n Node) string {
	if n == nil {
		return ""
	}
	w := &printer{}
	w.block(n, nil)
	if len(w.out) > 0 && isBlock(n) {
		w.out = append(w.out, '\n')
	}
	return string(w.out)
}

// isBlock reports whether a node stands on lines of its own.
func isBlock(n Node) bool {
	switch n.(type) {
	case *Text, *Emphasis, *Strong, *Delete, *InlineCode, *Break, *Link, *Image,
		*LinkReference, *ImageReference, *FootnoteReference, *TableCell:
		return false
	}
	return true
}

// printer writes blocks line by line, each line with the prefix of the
// containers around it.
type printer struct {
	out []byte
	// prefix is what every further line of the open containers begins with.
	prefix []byte
	// bare is the length of out when the last prefix had been written.
	bare int
}

// line ends a line and begins the next with the prefix.
func (w *printer) line() {
	w.trim()
	w.out = append(w.out, '\n')
	w.out = append(w.out, w.prefix...)
	w.bare = len(w.out)
}

// blank leaves a line empty but for the prefix.
func (w *printer) blank() {
	w.line()
	w.line()
}

// trim removes the white space at the end of a line that has only a prefix.
func (w *printer) trim() {
	if len(w.out) == w.bare {
		w.out = bytes.TrimRight(w.out, " ")
	}
}

// lines writes a text of several lines, raw.
func (w *printer) lines(text string) {
	for i := 0; ; {
		end := strings.IndexByte(text[i:], '\n')
		if end < 0 {
			w.out = append(w.out, text[i:]...)
			return
		}
		w.out = append(w.out, text[i:i+end]...)
		w.line()
		i += end + 1
	}
}

// indent runs a function with a longer prefix.
func (w *printer) indent(prefix string, f func()) {
	n := len(w.prefix)
	w.prefix = append(w.prefix, prefix...)
	f()
	w.prefix = w.prefix[:n]
}

// place is where a block stands.
type place struct {
	// bullet is the marker of the item whose first child the block is.
	bullet byte
	// marker is the marker of the list before the block.
	marker byte
	// column is where the content of an item must begin at least.
	column int
}

func (w *printer) block(n Node, at *place) {
	if at == nil {
		at = &place{}
	}
	switch n := n.(type) {
	case *Root:
		w.blocks(n.Children, at, true)
	case *Paragraph:
		w.inline(n.Children, inlineMode{})
	case *Heading:
		w.heading(n)
	case *ThematicBreak:
		if at.bullet == '*' {
			w.out = append(w.out, "---"...)
		} else {
			w.out = append(w.out, "***"...)
		}
	case *Blockquote:
		w.quote(n)
	case *List:
		w.list(n, at)
	case *ListItem:
		w.list(&List{Children: []Node{n}}, at)
	case *Code:
		w.code(n)
	case *HTML:
		w.lines(n.Value)
	case *Definition:
		w.definition(n)
	case *FootnoteDefinition:
		w.footnote(n)
	case *Table:
		w.table(n)
	case *TableRow:
		w.row(n, 0)
	case *TableCell:
		w.inline(n.Children, inlineMode{cell: true, oneLine: true})
	case *Unknown:
		// There is no Markdown for it.
	default:
		w.inline([]Node{n}, inlineMode{})
	}
}

// blocks writes the children of a container. Loose ones have a blank line
// between them.
func (w *printer) blocks(list []Node, at *place, loose bool) {
	var before Node
	for i, n := range list {
		if _, ok := n.(*Unknown); ok {
			continue
		}
		where := place{}
		if before == nil {
			where.bullet = at.bullet
		} else {
			where.marker = w.separate(before, n, loose, at)
		}
		if _, ok := n.(*List); ok && i+1 < len(list) {
			where.column = leadingSpaces(list[i+1]) + 1
		}
		w.block(n, &where)
		if l, ok := n.(*List); ok {
			at.marker = listMarker(l, &where)
		}
		before = n
	}
}

// separate writes what stands between two blocks, and returns the marker that
// a list there must not have.
func (w *printer) separate(before, after Node, loose bool, at *place) byte {
	_, definition := before.(*Definition)
	switch {
	case definition && startsWithHTML(after):
		// A blank line would make a block of the HTML.
		w.line()
	case unclosedHTML(before):
		w.line()
	case loose || merges(before, after):
		w.blank()
	default:
		w.line()
	}
	if _, ok := before.(*List); ok {
		return at.marker
	}
	return 0
}

// startsWithHTML reports whether a paragraph begins with HTML.
func startsWithHTML(n Node) bool {
	p, ok := n.(*Paragraph)
	if !ok || len(p.Children) == 0 {
		return false
	}
	_, ok = p.Children[0].(*HTML)
	return ok
}

// leadingSpaces counts the spaces that a block begins with. Only HTML keeps
// them.
func leadingSpaces(n Node) int {
	html, ok := n.(*HTML)
	if !ok {
		return 0
	}
	return len(html.Value) - len(strings.TrimLeft(html.Value, " "))
}

// unclosedHTML reports whether a block ends in HTML that reaches to the end of
// its container: a blank line after it would be part of it.
func unclosedHTML(n Node) bool {
	for {
		switch b := n.(type) {
		case *HTML:
			kind := htmlKind(b)
			return kind > 0 && kind < htmlNamed && !htmlBlockEnds(kind, b.Value)
		case *List, *ListItem, *FootnoteDefinition:
			c := Children(n)
			if len(c) == 0 {
				return false
			}
			n = c[len(c)-1]
		default:
			return false
		}
	}
}

// htmlKind returns the kind of an HTML block, 0 if it is none.
func htmlKind(n *HTML) int {
	line, _, _ := strings.Cut(strings.TrimLeft(n.Value, " "), "\n")
	if line == "" || line[0] != '<' {
		return 0
	}
	return htmlBlockStart(line)
}

// merges reports whether a block that follows another without a blank line
// would become a part of it.
func merges(before, after Node) bool {
	switch a := after.(type) {
	case *Code, *ThematicBreak:
		return endsOpenHTML(before)
	case *Heading:
		return endsOpenHTML(before) || endsParagraph(before) && setext(a)
	case *FootnoteDefinition:
		return endsOpenHTML(before)
	case *Blockquote:
		_, quote := before.(*Blockquote)
		return quote || endsOpenHTML(before)
	case *List:
		if isParagraph(before) {
			return a.Ordered && a.Start != nil && *a.Start != 1 || len(a.Children) == 0 || len(Children(a.Children[0])) == 0
		}
		return endsOpenHTML(before)
	case *Table:
		_, table := before.(*Table)
		return table || endsOpenHTML(before) || endsParagraph(before) && !isParagraph(before)
	case *HTML:
		kind := htmlKind(a)
		return endsOpenHTML(before) || kind == 0 || kind == htmlComplete && endsParagraph(before)
	}
	// What begins like a paragraph continues one, and a table.
	_, table := before.(*Table)
	return table || endsOpenHTML(before) || endsParagraph(before)
}

func isParagraph(n Node) bool {
	_, ok := n.(*Paragraph)
	return ok
}

// endsParagraph reports whether the last leaf of a block is a paragraph, which
// a line after it may continue.
func endsParagraph(n Node) bool {
	switch n.(type) {
	case *Paragraph:
		return true
	case *List, *ListItem, *Blockquote, *FootnoteDefinition:
		if c := Children(n); len(c) > 0 {
			return endsParagraph(c[len(c)-1])
		}
	}
	return !isBlock(n)
}

// endsOpenHTML reports whether a block is HTML that only a blank line ends.
func endsOpenHTML(n Node) bool {
	html, ok := n.(*HTML)
	if !ok {
		return false
	}
	kind := htmlKind(html)
	return kind == 0 || kind >= htmlNamed
}

func setext(h *Heading) bool {
	if h.Depth > 2 {
		return false
	}
	for n := range All(h) {
		switch n := n.(type) {
		case *Break:
			return true
		case *Text:
			if strings.IndexByte(n.Value, '\n') >= 0 {
				return true
			}
		case *InlineCode:
			if strings.IndexByte(n.Value, '\n') >= 0 {
				return true
			}
		case *HTML:
			if strings.IndexByte(n.Value, '\n') >= 0 {
				return true
			}
		}
	}
	return false
}

func (w *printer) quote(q *Blockquote) {
	w.out = append(w.out, '>')
	if len(q.Children) == 0 {
		return
	}
	w.out = append(w.out, ' ')
	w.indent("> ", func() { w.blocks(q.Children, &place{}, true) })
}

func (w *printer) heading(h *Heading) {
	if setext(h) {
		start := len(w.out)
		w.inline(h.Children, inlineMode{})
		if len(bytes.TrimSpace(w.out[start:])) > 0 {
			w.line()
			if h.Depth == 1 {
				w.out = append(w.out, "==="...)
			} else {
				w.out = append(w.out, "---"...)
			}
			return
		}
		w.out = w.out[:start]
	}
	for range min(max(h.Depth, 1), 6) {
		w.out = append(w.out, '#')
	}
	w.out = append(w.out, ' ')
	start := len(w.out)
	w.inline(h.Children, inlineMode{oneLine: true, heading: true})
	if len(w.out) == start {
		w.out = w.out[:start-1]
	}
}

func (w *printer) code(c *Code) {
	info := codeInfo(c)
	marker := byte('`')
	if strings.IndexByte(info, '`') >= 0 {
		marker = '~'
	}
	fence := strings.Repeat(string(marker), max(3, longestRun(c.Value, marker)+1))
	w.out = append(w.out, fence...)
	if info != "" && info[0] == marker {
		w.out = append(w.out, ' ')
	}
	w.out = append(w.out, info...)
	w.line()
	w.lines(c.Value)
	if c.Value != "" {
		w.line()
	}
	w.out = append(w.out, fence...)
}

// codeInfo returns the info string of a code block.
func codeInfo(c *Code) string {
	if c.Lang == "" {
		return ""
	}
	info := escapeString(c.Lang, func(c byte) bool { return c == '\n' || isSpace(c) })
	if c.Meta != "" {
		meta := escapeString(c.Meta, func(c byte) bool { return c == '\n' })
		if isSpace(meta[0]) {
			meta = charReference(rune(meta[0])) + meta[1:]
		}
		info += " " + meta
	}
	return info
}

// longestRun returns the length of the longest run of a byte.
func longestRun(s string, c byte) int {
	longest := 0
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			n := runLength(s, i)
			longest = max(longest, n)
			i += n - 1
		}
	}
	return longest
}

func (w *printer) definition(d *Definition) {
	w.out = append(w.out, '[')
	w.lines(sourceLabel(d.Identifier, d.Label))
	w.out = append(w.out, "]: "...)
	url := linkURL(d.URL, false)
	if url == "" {
		url = "<>"
	}
	w.out = append(w.out, url...)
	w.out = append(w.out, linkTitle(d.Title)...)
}

func (w *printer) footnote(f *FootnoteDefinition) {
	w.out = append(w.out, "[^"...)
	w.out = append(w.out, sourceLabel(f.Identifier, f.Label)...)
	w.out = append(w.out, "]:"...)
	w.indent("    ", func() {
		if len(f.Children) == 0 {
			return
		}
		if leadingSpaces(f.Children[0]) > 0 {
			w.line()
		} else {
			w.out = append(w.out, ' ')
		}
		w.blocks(f.Children, &place{}, true)
	})
}

// maxItemNumber is the greatest number that an item may have.
const maxItemNumber = 999999999

// listMarker chooses the marker of a list: another one than the list before
// it has, and than the item has whose first child it is.
func listMarker(l *List, at *place) byte {
	if l.Ordered {
		if at.marker == '.' {
			return ')'
		}
		return '.'
	}
	for _, c := range []byte("-*+") {
		if c != at.marker && c != at.bullet {
			return c
		}
	}
	return '-'
}

func (w *printer) list(l *List, at *place) {
	marker := listMarker(l, at)
	number := 1
	if l.Start != nil {
		number = min(max(*l.Start, 0), maxItemNumber)
	}
	for i, n := range l.Children {
		if i > 0 {
			if before := l.Children[i-1]; l.Spread && !unclosedHTML(before) {
				w.blank()
			} else {
				w.line()
			}
		}
		item, ok := n.(*ListItem)
		if !ok {
			item = &ListItem{Children: []Node{n}}
		}
		sign := string(marker)
		if l.Ordered {
			sign = strconv.Itoa(min(number+i, maxItemNumber)) + sign
		}
		column := len(sign) + 1
		if i == len(l.Children)-1 {
			column = max(column, at.column)
		}
		w.item(item, sign, column)
	}
}

// item writes an item whose content begins in a column.
func (w *printer) item(item *ListItem, sign string, column int) {
	w.out = append(w.out, sign...)
	if len(item.Children) == 0 {
		return
	}
	apart := leadingSpaces(item.Children[0]) > 0
	if apart {
		column = len(sign) + 1
	}
	w.indent(strings.Repeat(" ", column), func() {
		if apart {
			w.line() // behind the marker the spaces would belong to it
		} else {
			w.out = append(w.out, strings.Repeat(" ", column-len(sign))...)
		}
		children := item.Children
		if item.Checked != nil {
			box := "[ ] "
			if *item.Checked {
				box = "[x] "
			}
			if p, ok := children[0].(*Paragraph); ok {
				w.out = append(w.out, box...)
				w.inline(p.Children, inlineMode{task: true})
				if len(children) > 1 {
					w.separate(p, children[1], item.Spread, &place{})
				}
				children = children[1:]
			}
		}
		bullet := byte(0)
		if len(children) == len(item.Children) {
			bullet = sign[len(sign)-1]
		}
		w.blocks(children, &place{bullet: bullet}, item.Spread)
	})
}

func (w *printer) table(t *Table) {
	columns := len(t.Align)
	if len(t.Children) > 0 {
		columns = max(columns, len(Children(t.Children[0])))
	}
	if columns == 0 {
		return
	}
	for i, row := range t.Children {
		if i > 0 {
			w.line()
			w.row(row, 0)
			continue
		}
		w.row(row, columns)
		w.line()
		w.out = append(w.out, '|')
		for c := range columns {
			align := AlignNone
			if c < len(t.Align) {
				align = t.Align[c]
			}
			w.out = append(w.out, map[Align]string{
				AlignNone: " --- |", AlignLeft: " :-- |", AlignCenter: " :-: |", AlignRight: " --: |",
			}[align]...)
		}
	}
}

// row writes a row with at least the given number of cells.
func (w *printer) row(row Node, columns int) {
	cells := Children(row)
	w.out = append(w.out, '|')
	for _, cell := range cells {
		w.out = append(w.out, ' ')
		w.inline(Children(cell), inlineMode{cell: true, oneLine: true})
		w.out = append(w.out, " |"...)
	}
	for range columns - len(cells) {
		w.out = append(w.out, "  |"...)
	}
}
