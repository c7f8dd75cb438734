package markdown

import "strings"

// tabSize is the distance of tab stops.
const tabSize = 4

// cursor reads one line, in which a tab may be consumed column by column.
type cursor struct {
	line string
	pos  int
	// col is the column of pos.
	col int
	// pad is how many columns of the tab before pos are still to be read.
	pad int

	// next is the position of the first byte at or after pos that is neither
	// space nor tab, nextCol its column.
	next    int
	nextCol int
}

func newCursor(line string) cursor {
	c := cursor{line: line, next: -1}
	c.findNext()
	return c
}

// findNext brings next up to date after pos has moved past it.
func (c *cursor) findNext() {
	if c.next >= c.pos {
		return
	}
	c.next, c.nextCol = c.pos, c.col+c.pad
	for c.next < len(c.line) {
		switch c.line[c.next] {
		case ' ':
			c.nextCol++
		case '\t':
			c.nextCol += tabSize - c.nextCol%tabSize
		default:
			return
		}
		c.next++
	}
}

// indent is the width of the white space before the next other byte.
func (c *cursor) indent() int { return c.nextCol - c.col }

// blank reports whether only white space is left.
func (c *cursor) blank() bool { return c.next >= len(c.line) }

// text returns what is left, without the white space before it.
func (c *cursor) text() string { return c.line[c.next:] }

// peek returns the next byte that is not white space, 0 at the end.
func (c *cursor) peek() byte {
	if c.blank() {
		return 0
	}
	return c.line[c.next]
}

// rest returns what is left, with the unread part of a tab as spaces.
func (c *cursor) rest() string {
	if c.pad == 0 {
		return c.line[c.pos:]
	}
	return strings.Repeat(" ", c.pad) + c.line[c.pos:]
}

// skipIndent moves to the next byte that is not white space.
func (c *cursor) skipIndent() {
	c.pos, c.col, c.pad = c.next, c.nextCol, 0
}

// skipBytes moves over n bytes that are neither white space nor part of the
// indent.
func (c *cursor) skipBytes(n int) {
	c.pos += n
	c.col += n
	c.findNext()
}

// skipColumns moves over n columns of white space, or as many as there are.
func (c *cursor) skipColumns(n int) {
	n = min(n, c.indent())
	for n > 0 {
		if c.pad > 0 {
			step := min(n, c.pad)
			c.pad -= step
			c.col += step
			n -= step
			continue
		}
		width := 1
		if c.line[c.pos] == '\t' {
			width = tabSize - c.col%tabSize
		}
		c.pos++
		step := min(n, width)
		c.col += step
		c.pad = width - step
		n -= step
	}
}
