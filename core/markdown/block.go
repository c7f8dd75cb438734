package markdown

import "strings"

type blockKind uint8

const (
	// Containers.
	rootBlock blockKind = iota
	quoteBlock
	listBlock
	itemBlock
	footnoteBlock
	// Leaves.
	paragraphBlock
	headingBlock
	fencedBlock
	indentedBlock
	htmlBlock
	tableBlock
	breakBlock
	definitionBlock
)

// block is a block while lines are read.
type block struct {
	kind     blockKind
	children []*block

	// first and last are the numbers of its first and last line. Blank lines
	// between two blocks show in the gap.
	first, last int

	// lines is the content of a leaf.
	lines []string
	// at has the position of each line in the source, if the parser keeps them.
	at []int

	// marker is a list's bullet or delimiter, a fence's byte.
	marker byte
	// number is an ordered list's start, a heading's depth, a fence's length,
	// the kind of an HTML block.
	number int
	// indent is the column in which an item's content begins, relative to the
	// item's container; for a fence its own indent.
	indent int
	// blanks counts the blank lines at the end of an indented block.
	blanks []string
	// emptyStart is true while an item has only its marker line, and that line
	// is blank after the marker; ended is true when a blank line follows it.
	emptyStart, ended bool

	// label is a footnote's, info what follows a fence.
	label, info string
	align       []Align
	def         *Definition
}

// text returns the content of a leaf.
func (b *block) text() string {
	if len(b.lines) == 1 {
		return b.lines[0]
	}
	return strings.Join(b.lines, "\n")
}

func (p *parser) container() *block { return p.open[len(p.open)-1] }

func (p *parser) parseLine() {
	matched := p.matchContainers()
	all := matched == len(p.open)
	opened := false
	// Inside fenced code and HTML everything is content.
	if !all || p.leaf == nil || (p.leaf.kind != fencedBlock && p.leaf.kind != htmlBlock) {
		opened = p.openContainers(matched)
	}
	if !all && !opened {
		if p.lazy() {
			return
		}
		p.closeTo(matched)
	}
	p.parseLeaf()
}

// matchContainers consumes the markers of the open containers that go on in
// this line, and returns how many do.
func (p *parser) matchContainers() int {
	c := &p.line
	for i := 1; i < len(p.open); i++ {
		b := p.open[i]
		switch b.kind {
		case quoteBlock:
			if c.indent() >= tabSize || c.peek() != '>' {
				return i
			}
			p.quoteMarker()
			b.last = p.lineNo
		case itemBlock:
			if c.blank() {
				if b.emptyStart {
					b.ended = true
				}
				c.skipColumns(b.indent)
				continue
			}
			if b.ended || c.indent() < b.indent {
				return i
			}
			b.emptyStart = false
			c.skipColumns(b.indent)
		case footnoteBlock:
			if !c.blank() && c.indent() < tabSize {
				return i
			}
			c.skipColumns(tabSize)
		}
	}
	return len(p.open)
}

func (p *parser) quoteMarker() {
	p.line.skipIndent()
	p.line.skipBytes(1)
	p.line.skipColumns(1)
}

// openContainers opens the containers that start in this line after those that
// matched, and reports whether there was one.
func (p *parser) openContainers(matched int) bool {
	c := &p.line
	opened := false
	// A line inside a paragraph starts fewer things than one after it.
	interrupt := matched == len(p.open) && p.leaf != nil && p.leaf.kind == paragraphBlock
	for c.indent() < tabSize && !c.blank() {
		depth := matched
		if opened {
			depth = len(p.open)
		}
		if depth > maxNesting {
			break
		}
		var b *block
		switch ch := c.peek(); {
		case ch == '>':
			p.prepare(matched, &opened)
			p.quoteMarker()
			b = &block{kind: quoteBlock}
		case ch == '-' || ch == '+' || ch == '*' || isDigit(ch):
			b = p.itemStart(interrupt && !opened)
			if b == nil {
				return opened
			}
			p.prepare(matched, &opened)
			p.itemMarker(b)
		case ch == '[':
			label, size := footnoteLabel(c.text())
			if size == 0 {
				return opened
			}
			p.prepare(matched, &opened)
			c.skipIndent()
			c.skipBytes(size)
			c.skipIndent()
			b = &block{kind: footnoteBlock, label: label}
			p.footnotes.add(normalizeLabel(label))
		default:
			return opened
		}
		b.first, b.last = p.lineNo, p.lineNo
		p.add(b)
		p.open = append(p.open, b)
	}
	return opened
}

// prepare closes what did not match before the first new container is opened.
func (p *parser) prepare(matched int, opened *bool) {
	if !*opened {
		p.closeTo(matched)
		p.closeLeaf()
		*opened = true
	}
}

// add appends a block to the last open container; an item goes into the list
// before it, or a new one.
func (p *parser) add(b *block) {
	parent := p.container()
	if b.kind != itemBlock {
		parent.children = append(parent.children, b)
		return
	}
	var list *block
	if n := len(parent.children); n > 0 {
		list = parent.children[n-1]
	}
	if list == nil || list.kind != listBlock || list.marker != b.marker {
		list = &block{kind: listBlock, first: p.lineNo, marker: b.marker, number: b.number}
		parent.children = append(parent.children, list)
	}
	list.children = append(list.children, b)
}

// itemStart returns the list item that begins here, nil if none does. Its
// indent is that of the marker, still without what follows.
func (p *parser) itemStart(interrupt bool) *block {
	text := p.line.text()
	b := &block{kind: itemBlock, marker: text[0]}
	size := 1
	if isDigit(text[0]) {
		for size < len(text) && isDigit(text[size]) {
			size++
		}
		if size > 9 || size == len(text) || (text[size] != '.' && text[size] != ')') {
			return nil
		}
		for _, d := range text[:size] {
			b.number = b.number*10 + int(d-'0')
		}
		b.marker = text[size]
		if interrupt && text[:size] != "1" {
			return nil
		}
		size++
	} else if text[0] != '+' && isThematicBreak(text) {
		return nil
	}
	if size < len(text) && !isSpace(text[size]) {
		return nil
	}
	if interrupt && isBlank(text[size:]) {
		return nil
	}
	b.indent = p.line.indent() + size
	return b
}

// itemMarker consumes an item's marker and the white space after it.
func (p *parser) itemMarker(b *block) {
	c := &p.line
	size := b.indent - c.indent()
	c.skipIndent()
	c.skipBytes(size)
	after := c.indent()
	switch {
	case c.blank():
		b.emptyStart = true
		after = 1
	case after > tabSize: // the content is indented code
		after = 1
	}
	c.skipColumns(after)
	b.indent += after
}

// lazy takes a line that continues a paragraph without the markers of its
// containers, and reports whether this was one.
func (p *parser) lazy() bool {
	if p.leaf == nil || p.leaf.kind != paragraphBlock || p.line.blank() {
		return false
	}
	if p.line.indent() < tabSize && p.startsLeaf(true) {
		return false
	}
	p.appendLine(p.line.rest())
	return true
}

// closeTo closes the containers beyond the first n.
func (p *parser) closeTo(n int) {
	if n == len(p.open) {
		return
	}
	p.closeLeaf()
	for len(p.open) > n {
		p.open = p.open[:len(p.open)-1]
	}
}
