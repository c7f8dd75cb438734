package markdown

import "strings"

// parseLeaf reads what is left of a line when its containers are known.
func (p *parser) parseLeaf() {
	c := &p.line
	if b := p.leaf; b != nil {
		switch b.kind {
		case fencedBlock:
			if p.closesFence() {
				b.last = p.lineNo
				p.leaf = nil
				return
			}
			c.skipColumns(b.indent)
			p.appendLine(c.rest())
			return
		case htmlBlock:
			if c.blank() && b.number >= htmlNamed {
				p.closeLeaf()
				return
			}
			p.appendLine(c.rest())
			if htmlBlockEnds(b.number, c.line[c.pos:]) {
				p.closeLeaf()
			}
			return
		case indentedBlock:
			if c.blank() {
				c.skipColumns(tabSize)
				b.blanks = append(b.blanks, c.rest())
				return
			}
			if c.indent() >= tabSize {
				c.skipColumns(tabSize)
				for _, blank := range b.blanks {
					p.appendLine(blank)
				}
				b.blanks = b.blanks[:0]
				p.appendLine(c.rest())
				return
			}
			p.closeLeaf()
		}
	}
	if c.blank() {
		p.closeLeaf()
		return
	}
	paragraph := p.leaf != nil && p.leaf.kind == paragraphBlock
	if c.indent() >= tabSize {
		if paragraph {
			p.appendLine(c.rest())
			return
		}
		p.closeLeaf()
		c.skipColumns(tabSize)
		p.start(&block{kind: indentedBlock})
		p.appendLine(c.rest())
		return
	}
	if paragraph && (p.setextUnderline() || p.tableStart()) {
		return
	}
	if p.startsLeaf(paragraph) {
		p.openLeaf()
		return
	}
	switch {
	case p.leaf == nil:
		c.skipIndent()
		p.start(&block{kind: paragraphBlock})
	case p.leaf.kind == tableBlock:
		c.skipIndent()
	}
	p.appendLine(c.rest())
}

// startsLeaf reports whether a leaf other than a paragraph or an indented
// block starts here. A paragraph is interrupted by fewer of them.
func (p *parser) startsLeaf(paragraph bool) bool {
	text := p.line.text()
	switch text[0] {
	case '#':
		return headingDepth(text) > 0
	case '`', '~':
		return fenceSize(text) > 0
	case '<':
		kind := htmlBlockStart(text)
		return kind > 0 && (kind < htmlComplete || !paragraph)
	case '*', '-', '_':
		return isThematicBreak(text)
	}
	return false
}

// openLeaf opens the leaf that startsLeaf has seen.
func (p *parser) openLeaf() {
	p.closeLeaf()
	c := &p.line
	text := c.text()
	switch text[0] {
	case '#':
		b := &block{kind: headingBlock, number: headingDepth(text)}
		p.start(b)
		p.appendLine(headingText(text[b.number:]))
		p.closeLeaf()
	case '`', '~':
		size := fenceSize(text)
		p.start(&block{
			kind: fencedBlock, marker: text[0], number: size,
			indent: c.indent(), info: strings.TrimLeft(text[size:], " \t"),
		})
	case '<':
		kind := htmlBlockStart(text)
		p.start(&block{kind: htmlBlock, number: kind})
		p.appendLine(c.rest())
		if htmlBlockEnds(kind, text) {
			p.closeLeaf()
		}
	default:
		p.start(&block{kind: breakBlock})
		p.closeLeaf()
	}
}

// start opens a leaf.
func (p *parser) start(b *block) {
	b.first, b.last = p.lineNo, p.lineNo
	p.add(b)
	p.leaf = b
}

// appendLine adds a line to the open leaf.
func (p *parser) appendLine(line string) {
	p.leaf.lines = append(p.leaf.lines, line)
	p.leaf.last = p.lineNo
	if p.lineStarts {
		p.leaf.at = append(p.leaf.at, p.lineStart+len(p.line.line)-len(line))
	}
}
