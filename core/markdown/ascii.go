package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxColumn is the width up to which a column of an ASCII table is filled. A
// wider cell sticks out, and does not widen all rows with it.
const maxColumn = 120

// maxFilled is the size up to which a table is filled with spaces however little
// it contains. A larger one that would be mostly space is not: a few bytes could
// ask for gigabytes.
const maxFilled = 64 << 10

// ASCII returns the table as text for a fixed-width font:
//
//	Name | Price
//	-----|------
//	Tea  |  2.50
//
// It has no line ending at its end; a table without cells is empty.
func (n *Table) ASCII() string {
	rows := make([][]string, 0, len(n.Children))
	for _, row := range n.Children {
		cells := make([]string, 0, len(Children(row)))
		for _, cell := range Children(row) {
			cells = append(cells, PlainText(cell))
		}
		rows = append(rows, cells)
	}
	return ASCIITable(n.Align, rows)
}

// ASCIITable returns rows of text as [Table.ASCII] does. The first row is the
// header. Rows may differ in length, and there may be fewer alignments than
// columns: the others are on the left.
func ASCIITable(align []Align, rows [][]string) string {
	var widths []int
	content := 0
	for _, row := range rows {
		content += len(row)
		for i, cell := range row {
			content += len(cell)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], min(Width(cell), maxColumn))
		}
	}
	if len(widths) == 0 {
		return ""
	}
	filled := 0
	for _, width := range widths {
		filled += width + len(" | ")
	}
	fill := filled*len(rows) <= max(maxFilled, 16*content)
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		if fill {
			asciiRow(&b, align, widths, row)
		} else {
			b.WriteString(strings.ReplaceAll(strings.Join(row, " | "), "\n", " "))
		}
		if i == 0 {
			b.WriteByte('\n')
			for c, width := range widths {
				if c > 0 {
					b.WriteString("-|-")
				}
				b.WriteString(strings.Repeat("-", width))
			}
		}
	}
	return b.String()
}

func asciiRow(b *strings.Builder, align []Align, widths []int, row []string) {
	var line strings.Builder
	for c, width := range widths {
		if c > 0 {
			line.WriteString(" | ")
		}
		cell := ""
		if c < len(row) {
			cell = strings.ReplaceAll(row[c], "\n", " ")
		}
		space := max(0, width-Width(cell))
		before := 0
		if c < len(align) {
			switch align[c] {
			case AlignRight:
				before = space
			case AlignCenter:
				before = space / 2
			}
		}
		line.WriteString(strings.Repeat(" ", before))
		line.WriteString(cell)
		line.WriteString(strings.Repeat(" ", space-before))
	}
	b.WriteString(strings.TrimRight(line.String(), " "))
}

// Width returns how many columns a text takes in a fixed-width font: two for
// East Asian wide characters and emoji, none for marks that combine.
func Width(s string) int {
	width := 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			width++
		case r == '\u200D', r >= '\uFE00' && r <= '\uFE0F', unicode.In(r, unicode.Mn, unicode.Me):
		case unicode.Is(wide, r):
			width += 2
		default:
			width++
		}
	}
	return width
}

// wide has the blocks of wide characters (Unicode Standard Annex 11), without
// their few narrow members.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115F, 1},
		{0x2E80, 0x303E, 1},
		{0x3041, 0x33FF, 1},
		{0x3400, 0x4DBF, 1},
		{0x4E00, 0x9FFF, 1},
		{0xA000, 0xA4CF, 1},
		{0xAC00, 0xD7A3, 1},
		{0xF900, 0xFAFF, 1},
		{0xFE30, 0xFE4F, 1},
		{0xFF00, 0xFF60, 1},
		{0xFFE0, 0xFFE6, 1},
	},
	R32: []unicode.Range32{
		{0x1F300, 0x1F64F, 1},
		{0x1F680, 0x1F6FF, 1},
		{0x1F900, 0x1F9FF, 1},
		{0x1FA70, 0x1FAFF, 1},
		{0x20000, 0x3FFFD, 1},
	},
}
