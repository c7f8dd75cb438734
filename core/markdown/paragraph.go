package markdown

import "strings"

// closeLeaf closes the open leaf, if there is one.
func (p *parser) closeLeaf() {
	b := p.leaf
	if b == nil {
		return
	}
	if b.kind == paragraphBlock {
		p.takeDefinitions()
	}
	p.leaf = nil
}

// takeDefinitions turns the definitions at the start of the open paragraph
// into blocks of their own. A paragraph of which nothing is left is removed.
func (p *parser) takeDefinitions() {
	b := p.leaf
	if len(b.lines) == 0 || !strings.HasPrefix(b.lines[0], "[") {
		return
	}
	text := b.text()
	siblings := &p.container().children
	*siblings = (*siblings)[:len(*siblings)-1]
	for {
		rest := strings.TrimLeft(text, " \t")
		def, size := parseDefinition(rest)
		if def == nil {
			break
		}
		p.definitions.add(normalizeLabel(def.rawLabel))
		lines := 1 + strings.Count(rest[:size], "\n")
		last := b.first + lines - 1
		*siblings = append(*siblings, &block{
			kind: definitionBlock, first: b.first, last: last, def: def.node(),
		})
		if size == len(rest) {
			p.leaf = nil
			return
		}
		text = rest[size+1:] // the line ending
		b.lines = b.lines[lines:]
		first := strings.TrimLeft(b.lines[0], " \t")
		if p.lineStarts {
			b.at = b.at[lines:]
			b.at[0] += len(b.lines[0]) - len(first)
		}
		b.lines[0] = first
		b.first = last + 1
	}
	*siblings = append(*siblings, b)
}

// setextUnderline makes the open paragraph a heading if the current line
// underlines it, and reports whether that was so.
func (p *parser) setextUnderline() bool {
	text := p.line.text()
	marker := text[0]
	if marker != '=' && marker != '-' {
		return false
	}
	if strings.TrimLeft(strings.TrimRight(text, " \t"), string(marker)) != "" {
		return false
	}
	p.takeDefinitions()
	b := p.leaf
	if b == nil {
		return false
	}
	b.kind = headingBlock
	b.number = 1
	if marker == '-' {
		b.number = 2
	}
	b.last = p.lineNo
	p.leaf = nil
	return true
}

// headingDepth returns the depth of the heading that begins here, 0 if none
// does.
func headingDepth(text string) int {
	depth := 0
	for depth < len(text) && text[depth] == '#' {
		depth++
	}
	if depth > 6 || depth < len(text) && !isSpace(text[depth]) {
		return 0
	}
	return depth
}

// headingText returns a heading's content without the closing sequence. It is
// given what follows the opening one.
func headingText(text string) string {
	text = strings.TrimRight(text, " \t")
	open := strings.TrimRight(text, "#")
	if open == "" || isSpace(open[len(open)-1]) {
		text = open
	}
	return strings.Trim(text, " \t")
}

// fenceSize returns the length of the code fence that begins here, 0 if none
// does.
func fenceSize(text string) int {
	size := 0
	for size < len(text) && text[size] == text[0] {
		size++
	}
	if size < 3 || text[0] == '`' && strings.IndexByte(text[size:], '`') >= 0 {
		return 0
	}
	return size
}

// closesFence reports whether the current line closes the open fenced block.
func (p *parser) closesFence() bool {
	c := &p.line
	if c.indent() >= tabSize || c.peek() != p.leaf.marker {
		return false
	}
	text := strings.TrimRight(c.text(), " \t")
	return len(text) >= p.leaf.number && strings.Trim(text, string(p.leaf.marker)) == ""
}

// isThematicBreak reports whether the line is three or more equal markers,
// with white space between them or not.
func isThematicBreak(text string) bool {
	n := 0
	for i := range len(text) {
		switch {
		case text[i] == text[0]:
			n++
		case !isSpace(text[i]):
			return false
		}
	}
	return n >= 3 && (text[0] == '*' || text[0] == '-' || text[0] == '_')
}

func isBlank(s string) bool { return strings.Trim(s, " \t") == "" }

// isSpace reports whether c is white space inside a line.
func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

// isPunct reports whether c is ASCII punctuation, which a backslash escapes.
func isPunct(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}
