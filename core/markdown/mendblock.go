package markdown

import "strings"

// mendText mends a text of which the parser has read all lines before the one
// at lineStart.
func mendText(p *parser, text string, lineStart int) mending {
	line := strings.TrimSuffix(text[lineStart:], "\r")
	if line != "" && p.undecided(line) {
		state := mendText(p, text[:lineStart], lineStart)
		state.settled = min(state.settled, lineStart)
		return state
	}
	p = p.clone()
	if line != "" {
		p.readLine(line, lineStart)
	}
	m := &blockMender{p: p, text: text, lineStart: lineStart, partial: line != ""}
	return m.mend()
}

// undecided reports whether a line may still become one of several blocks, or
// is only the beginning of a marker.
func (p *parser) undecided(line string) bool {
	if p.leaf != nil && p.leaf.kind != paragraphBlock && p.leaf.kind != tableBlock {
		return false
	}
	rest := strings.TrimLeft(line, "-+*=_#>`~|: \t")
	digits := 0
	for digits < len(rest) && isDigit(rest[digits]) {
		digits++
	}
	switch len(rest) - digits {
	case 0:
		return digits <= 9
	case 1:
		return digits > 0 && digits <= 9 && (rest[digits] == '.' || rest[digits] == ')')
	}
	return false
}

// blockMender mends the last leaf of a text.
type blockMender struct {
	p         *parser
	text      string
	lineStart int
	// partial is true when the last line is not complete.
	partial bool
}

// asIs keeps the whole text.
func (m *blockMender) asIs() mending {
	return mending{keep: len(m.text), settled: len(m.text)}
}

// cut keeps the text before the line that a position is in.
func (m *blockMender) cut(pos int) mending {
	start := strings.LastIndexAny(m.text[:pos], "\r\n") + 1
	return mending{keep: start, settled: start}
}

func (m *blockMender) mend() mending {
	if m.p.leaf == nil {
		if b := m.p.lastChild(); m.partial && b != nil && b.kind == headingBlock && b.last == m.p.lineNo {
			return m.heading(b)
		}
		return m.asIs()
	}
	switch b := m.p.leaf; b.kind {
	case fencedBlock:
		return m.fence(b)
	case paragraphBlock:
		m.p.takeDefinitions()
		if m.p.leaf != nil {
			return m.paragraph(m.p.leaf)
		}
	case tableBlock:
		if m.partial {
			return m.row(b)
		}
	}
	return m.asIs()
}

func (p *parser) lastChild() *block {
	if c := p.container().children; len(c) > 0 {
		return c[len(c)-1]
	}
	return nil
}

// fence closes a code block. The last line is held back while it may be the
// beginning of the closing fence.
func (m *blockMender) fence(b *block) mending {
	state := m.asIs()
	if m.partial && b.first != m.p.lineNo && len(b.lines) > 0 {
		line := strings.Trim(b.lines[len(b.lines)-1], " \t")
		if line != "" && strings.Trim(line, string(b.marker)) == "" {
			state = mending{keep: m.lineStart, settled: m.lineStart}
		}
	}
	var suffix strings.Builder
	if !endsLine(m.text[:state.keep]) {
		suffix.WriteByte('\n')
	}
	suffix.WriteString(m.p.prefix())
	suffix.WriteString(strings.Repeat(string(b.marker), b.number))
	state.suffix = suffix.String()
	return state
}

func endsLine(text string) bool {
	return text == "" || text[len(text)-1] == '\n' || text[len(text)-1] == '\r'
}

// prefix returns what a line of the open containers begins with.
func (p *parser) prefix() string {
	var b strings.Builder
	for _, c := range p.open {
		switch c.kind {
		case quoteBlock:
			b.WriteString("> ")
		case itemBlock:
			b.WriteString(strings.Repeat(" ", c.indent))
		case footnoteBlock:
			b.WriteString(strings.Repeat(" ", tabSize))
		}
	}
	return b.String()
}

func (m *blockMender) heading(b *block) mending {
	text := b.text()
	line := m.text[m.lineStart:]
	at := strings.LastIndex(line, text)
	if text == "" || at < 0 {
		return m.asIs()
	}
	return m.inline([]string{text}, []int{m.lineStart + at})
}

// paragraph mends a paragraph, and holds back what may be the head of a table.
func (m *blockMender) paragraph(b *block) mending {
	lines := len(b.lines)
	held := lines
	if m.partial && lines > 1 && isDelimiterPart(b.lines[lines-1]) && hasPipe(b.lines[lines-2]) {
		held = lines - 2
	} else if hasPipe(b.lines[lines-1]) {
		held = lines - 1
	}
	if held == 0 {
		return m.cut(b.at[0])
	}
	state := m.inline(b.lines[:held], b.at[:held])
	if held < lines && state.suffix == "" && state.keep > b.at[held] {
		return m.cut(b.at[held])
	}
	if m.partial && state.keep >= b.at[0] && m.isBox(m.text[b.at[0]:state.keep]) {
		return m.cut(b.at[0])
	}
	return state
}

// isBox reports whether the open paragraph is so far only the checkbox of a
// task.
func (m *blockMender) isBox(line string) bool {
	c := m.p.container()
	line = strings.TrimRight(line, " \t")
	return c.kind == itemBlock && len(c.children) == 1 &&
		(line == "[ ]" || line == "[x]" || line == "[X]")
}

// isDelimiterPart reports whether a line may become the delimiter row of a
// table.
func isDelimiterPart(line string) bool {
	return strings.Trim(line, "|-: \t") == "" && strings.Trim(line, " \t") != ""
}

// hasPipe reports whether a line has a pipe that is not escaped.
func hasPipe(line string) bool { return lastPipe(line) >= 0 }

func lastPipe(line string) int {
	last := -1
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			last = i
		}
	}
	return last
}

// row mends the last cell of a table row.
func (m *blockMender) row(b *block) mending {
	line := b.lines[len(b.lines)-1]
	cell := lastPipe(line) + 1
	cell = skipSpaces(line, cell)
	if cell == len(line) || len(b.at) == 0 {
		return m.asIs()
	}
	start := b.at[len(b.at)-1]
	state := m.inline([]string{line[cell:]}, []int{start + cell})
	if state.keep < m.lineStart { // the cell is empty, its row is not
		state = mending{keep: start + cell, settled: start + cell}
	}
	return state
}

// maxOpen is how far back, in bytes, a paragraph is searched for what is open.
// What has been open longer is taken for text.
const maxOpen = 16 << 10

// inline mends the lines of one text, which begin at positions of the source.
func (m *blockMender) inline(lines []string, at []int) mending {
	first, size := len(lines), 0
	for first > 0 && size < maxOpen {
		first--
		size += len(lines[first]) + 1
	}
	lines, at = lines[first:], at[first:]
	text := strings.Join(lines, "\n")
	skipped := 0
	if len(text) > maxOpen {
		// A very long line: begin at a word.
		skipped = len(text) - maxOpen
		if space := strings.IndexByte(text[skipped:], ' '); space >= 0 {
			skipped += space
		}
	}
	state := mendInline(m.p, text[skipped:], !m.partial)
	if state.keep == 0 && skipped == 0 && first == 0 {
		return m.cut(at[0])
	}
	position := func(pos int) int {
		pos += skipped
		for i, line := range lines {
			if pos <= len(line) {
				return at[i] + pos
			}
			pos -= len(line) + 1
		}
		return len(m.text)
	}
	if state.suffix == "" && state.keep == len(strings.TrimRight(text, " \t\n"))-skipped {
		return m.asIs()
	}
	return mending{
		keep:    position(state.keep),
		suffix:  state.suffix,
		settled: position(state.settled),
	}
}
