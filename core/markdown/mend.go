package markdown

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Mender mends Markdown that is still being written, such as the answer of a
// language model that arrives piece by piece. Whatever has arrived, Mended
// returns a text in which nothing dangles: emphasis, code and code blocks that
// are open get closed; a link, a tag or a block marker of which only the
// beginning has arrived is held back; so is a line that may be the header of a
// table, until the row under it shows that it is.
//
// The text that has been written stays as it is: when the stream has ended,
// Text is the final text, byte for byte.
//
// A Mender reads every complete line once. The zero value is ready to use. It
// is not safe for concurrent use.
type Mender struct {
	text strings.Builder
	// lineStart is where the last line begins, which is not complete.
	lineStart int
	// parser has read the lines before it.
	parser *parser
	// settled is the length of what Settled has returned.
	settled int

	// mended is the state for the text of a length.
	mended       mending
	mendedLength int
}

// mending says how a text is mended: what is kept of it, and what is added.
type mending struct {
	keep   int
	suffix string
	// settled is where the first thing begins that more text may change.
	settled int
}

// Mend returns the mended form of a text, as a [Mender] does.
func Mend(src string) string {
	var m Mender
	m.Write(src)
	return m.Mended()
}

// Write adds the next piece of text. A piece may end anywhere.
func (m *Mender) Write(piece string) {
	if m.parser == nil {
		m.parser = newMendParser()
	}
	m.text.WriteString(piece)
	text := m.text.String()
	// A carriage return may be half of a line ending that is not complete.
	for m.lineStart < len(text) {
		end := strings.IndexAny(text[m.lineStart:], "\r\n")
		if end < 0 {
			return
		}
		end += m.lineStart
		next := end + 1
		if text[end] == '\r' {
			if next == len(text) {
				return
			}
			if text[next] == '\n' {
				next++
			}
		}
		m.parser.readLine(text[m.lineStart:end], m.lineStart)
		m.parser.prune()
		m.lineStart = next
	}
}

// Text returns all that has been written, as it was written.
func (m *Mender) Text() string { return m.text.String() }

// Mended returns the text so far in a form in which nothing dangles.
func (m *Mender) Mended() string {
	state := m.state()
	kept := m.text.String()[:state.keep]
	if state.suffix == "" {
		return kept
	}
	return kept + state.suffix
}

// Settled returns the part of the text, from its beginning, that reads as it
// will in the end: it stops before the first construct that is still open. It
// never becomes shorter. It is for platforms to which text is only ever
// appended; what is left when the stream ends is Text without it.
func (m *Mender) Settled() string {
	m.settled = max(m.settled, m.state().settled)
	return m.text.String()[:m.settled]
}

func (m *Mender) state() mending {
	text := m.text.String()
	if m.parser == nil {
		return mending{}
	}
	if m.mendedLength != len(text) {
		m.mendedLength = len(text)
		m.mended = mendText(m.parser, wholeRunes(text), m.lineStart)
	}
	return m.mended
}

// wholeRunes returns the text without a character at its end of which only the
// first bytes have arrived.
func wholeRunes(text string) string {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if tail := text[len(text)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRuneInString(tail) {
				return text[:len(text)-i]
			}
			break
		}
	}
	return text
}

func newMendParser() *parser {
	p := &parser{lineStarts: true}
	p.root = &block{kind: rootBlock}
	p.open = []*block{p.root}
	return p
}

// readLine reads one line, which begins at a position of the source.
func (p *parser) readLine(line string, start int) {
	if start == 0 {
		start = len(line)
		line = strings.TrimPrefix(line, "\uFEFF")
		start -= len(line)
	}
	p.lineNo++
	p.lineStart = start
	p.line = newCursor(line)
	p.parseLine()
}

// prune drops what no further line can reach: all children of the open
// containers but the last.
func (p *parser) prune() {
	for _, b := range p.open {
		b.keepLast()
		if n := len(b.children); n > 0 && b.children[0].kind == listBlock {
			b.children[0].keepLast()
		}
	}
	if b := p.leaf; b != nil && b.kind != paragraphBlock && b.kind != tableBlock {
		b.lines, b.at, b.blanks = nil, nil, nil
	}
}

func (b *block) keepLast() {
	if n := len(b.children); n > 1 {
		b.children = []*block{b.children[n-1]}
	}
}

// clone returns a parser that goes on from the same state without changing it.
func (p *parser) clone() *parser {
	c := *p
	c.inlines = inlineParser{}
	c.definitions = labels{outer: p.definitions.own}
	c.footnotes = labels{outer: p.footnotes.own}
	c.open = make([]*block, len(p.open))
	for i, b := range p.open {
		c.open[i] = b.clone()
	}
	c.root = c.open[0]
	if p.leaf != nil {
		c.leaf = p.leaf.clone()
		siblings := c.container().children
		siblings[len(siblings)-1] = c.leaf
	}
	return &c
}

// clone copies a block and the list that may be its last child. Appending to
// the copies leaves the originals alone.
func (b *block) clone() *block {
	c := *b
	c.lines = slices.Clip(b.lines)
	c.at = slices.Clip(b.at)
	c.blanks = nil
	c.children = nil
	if n := len(b.children); n > 0 {
		last := b.children[n-1]
		if last.kind == listBlock {
			list := *last
			list.children = slices.Clip(last.children)
			last = &list
		}
		c.children = []*block{last}
	}
	return &c
}
