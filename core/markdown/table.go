package markdown

import "strings"

// tableStart makes a table of the last line of the open paragraph if the
// current line is its delimiter row, and reports whether that was so.
func (p *parser) tableStart() bool {
	align, ok := delimiterRow(p.line.text())
	if !ok {
		return false
	}
	b := p.leaf
	above := b.lines[:len(b.lines)-1]
	header := b.lines[len(above)]
	if text := newCursor(header); text.indent() >= tabSize {
		return false
	}
	cells := splitRow(header)
	if len(cells) != len(align) || strings.Trim(header, " \t") == "|" {
		return false
	}
	table := &block{kind: tableBlock, first: p.lineNo - 1, last: p.lineNo, align: align, lines: []string{header}}
	if len(above) == 0 {
		siblings := p.container().children
		siblings[len(siblings)-1] = table
	} else {
		b.lines = above
		if p.lineStarts {
			b.at = b.at[:len(above)]
		}
		b.last = p.lineNo - 2
		p.closeLeaf()
		p.add(table)
	}
	p.leaf = table
	return true
}

// delimiterRow reads the row that tells the alignments of a table's columns.
func delimiterRow(row string) ([]Align, bool) {
	for i := range len(row) {
		switch row[i] {
		case '|', '-', ':', ' ', '\t':
		default:
			return nil, false
		}
	}
	row = strings.Trim(row, " \t")
	// A single column needs a colon or a pipe, else it underlines a heading.
	if strings.IndexByte(row, '|') < 0 && strings.IndexByte(row, ':') < 0 {
		return nil, false
	}
	row = strings.TrimPrefix(row, "|")
	row = strings.TrimSuffix(row, "|")
	var align []Align
	for cell := range strings.SplitSeq(row, "|") {
		cell = strings.Trim(cell, " \t")
		left := strings.HasPrefix(cell, ":")
		dashes := strings.TrimPrefix(cell, ":")
		right := strings.HasSuffix(dashes, ":")
		dashes = strings.TrimSuffix(dashes, ":")
		if dashes == "" || strings.Trim(dashes, "-") != "" {
			return nil, false
		}
		switch {
		case left && right:
			align = append(align, AlignCenter)
		case left:
			align = append(align, AlignLeft)
		case right:
			align = append(align, AlignRight)
		default:
			align = append(align, AlignNone)
		}
	}
	return align, true
}

// splitRow returns the cells of a table row, with their escapes.
func splitRow(row string) []string {
	row = strings.Trim(row, " \t")
	row = strings.TrimPrefix(row, "|")
	var cells []string
	start := 0
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '\\':
			if i+1 < len(row) && (row[i+1] == '|' || row[i+1] == '\\') {
				i++
			}
		case '|':
			cells = append(cells, strings.Trim(row[start:i], " \t"))
			start = i + 1
		}
	}
	if start < len(row) {
		cells = append(cells, strings.Trim(row[start:], " \t"))
	}
	return cells
}
