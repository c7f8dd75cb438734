package markdown

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// inlineMode says where phrasing content stands.
type inlineMode struct {
	// oneLine content cannot hold a line ending.
	oneLine bool
	cell    bool
	heading bool
	// task content stands behind a checkbox.
	task bool
}

// inlinePrinter writes the phrasing content of one block.
type inlinePrinter struct {
	inlineMode
	style spanStyle
	// count counts the spans that had a choice.
	count int
	out   []byte
	// links counts the links around: in their text a bracket is escaped.
	links int
	// spans has the delimiters of the nodes around, the innermost last.
	spans []string
	// opened and closed are the delimiter with which out ends, if it ends with
	// one that opens or closes a node.
	opened, closed byte
	// afterReference is true when out ends with a reference, which a colon
	// would make a definition and a parenthesis a link.
	afterReference bool
	// encode is true when the next character must be written as a reference, so
	// that a delimiter before it can close.
	encode bool
	// lazy has the places in out of lines that only a missing prefix keeps from
	// making a heading or a table of the paragraph.
	lazy []int
}

// maxChosen is the length up to which all styles are tried on a text that no
// named one is right for.
const maxChosen = 4 << 10

// inline writes phrasing content.
func (w *printer) inline(list []Node, mode inlineMode) {
	p := printInline(list, mode, mixed)
	if hasNestedSpans(list) && !p.reads(list) {
		last := lastStyle
		if len(p.out) > maxChosen {
			last = joined
		}
		for style := asterisks; style <= last; style++ {
			if other := printInline(list, mode, style); other.reads(list) {
				p = other
				break
			}
		}
	}
	out, at := p.out, 0
	for _, lazy := range p.lazy {
		w.lines(string(out[at : lazy-1]))
		w.out = append(w.out, '\n')
		at = lazy
	}
	w.lines(string(out[at:]))
}

func printInline(list []Node, mode inlineMode, style spanStyle) *inlinePrinter {
	p := &inlinePrinter{inlineMode: mode, style: style}
	p.nodes(list, spaceClass)
	p.end()
	return p
}

// hasNestedSpans reports whether emphasized or strong text stands in other
// such text.
func hasNestedSpans(list []Node) bool {
	for _, n := range list {
		switch n.(type) {
		case *Emphasis, *Strong:
			for inner := range All(n) {
				switch inner.(type) {
				case *Emphasis, *Strong:
					if inner != n {
						return true
					}
				}
			}
		default:
			if hasNestedSpans(Children(n)) {
				return true
			}
		}
	}
	return false
}

// reads reports whether what is written reads as the nodes.
func (p *inlinePrinter) reads(list []Node) bool {
	reader := &parser{}
	for n := range All(&Paragraph{Children: list}) {
		switch n := n.(type) {
		case *LinkReference:
			reader.definitions.add(normalizeLabel(n.Identifier))
		case *ImageReference:
			reader.definitions.add(normalizeLabel(n.Identifier))
		case *FootnoteReference:
			reader.footnotes.add(normalizeLabel(n.Identifier))
		}
	}
	read := reader.inline
	if p.cell {
		read = reader.cell
	}
	return bytes.Equal(
		appendNodes(nil, read(string(p.out)), false),
		appendNodes(nil, list, false),
	)
}

// nodes writes a list of nodes; next is the class of what follows it.
func (p *inlinePrinter) nodes(list []Node, next int) {
	for i := 0; i < len(list); i++ {
		switch n := list[i].(type) {
		case *Text:
			var value strings.Builder
			value.WriteString(n.Value)
			for i+1 < len(list) {
				more, ok := list[i+1].(*Text)
				if !ok {
					break
				}
				value.WriteString(more.Value)
				i++
			}
			if value.String() != "" {
				p.text(value.String(), list[i+1:])
				p.forget()
			}
			continue
		case *Emphasis:
			p.span("*", n.Children, list, i, next)
			continue
		case *Strong:
			p.span("**", n.Children, list, i, next)
			continue
		case *Delete:
			content := n.Children
			for i+1 < len(list) {
				more, ok := list[i+1].(*Delete)
				if !ok {
					break
				}
				content = append(slices.Clip(content), more.Children...)
				i++
			}
			p.span("~~", content, list, i, next)
			continue
		case *InlineCode:
			p.code(n.Value)
		case *Break:
			p.lineBreak(list[i+1:])
		case *Link:
			p.link(n)
		case *Image:
			p.add("![", p.alt(n.Alt), "](", linkURL(n.URL, n.Title == ""), linkTitle(n.Title), ")")
		case *LinkReference:
			p.linkReference(n, unambiguous(n.ReferenceType, list[i+1:]))
		case *ImageReference:
			p.add("!")
			how := unambiguous(n.ReferenceType, list[i+1:])
			p.reference(p.alt(n.Alt), n.Alt, n.Identifier, n.Label, how)
		case *FootnoteReference:
			p.add("[^", sourceLabel(n.Identifier, n.Label), "]")
		case *HTML:
			p.html(n.Value)
		case *Unknown:
			continue
		default:
			p.nodes(Children(n), next)
		}
		p.forget()
		switch list[i].(type) {
		case *LinkReference, *ImageReference, *FootnoteReference:
			p.afterReference = true
		}
	}
}

// forget resets what is known of the end of out.
func (p *inlinePrinter) forget() {
	p.opened, p.closed, p.encode, p.afterReference = 0, 0, false, false
}

func (p *inlinePrinter) add(parts ...string) {
	for _, part := range parts {
		if p.cell {
			part = escapePipes(part)
		}
		p.out = append(p.out, part...)
	}
}

// raw writes code and labels, which stay as they are. In a line of its own such a
// line may look like the underline of a heading, or of a table's header.
func (p *inlinePrinter) raw(text string) {
	if p.oneLine {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			p.out = append(p.out, '\n')
			if underlines(line) {
				p.lazy = append(p.lazy, len(p.out))
			}
		}
		p.out = append(p.out, line...)
	}
}

// underlines reports whether a line would make something else of the paragraph
// above it.
func underlines(line string) bool {
	c := newCursor(line)
	if c.blank() || c.indent() >= tabSize {
		return false
	}
	text := strings.TrimRight(c.text(), " \t")
	_, table := delimiterRow(text)
	return table || strings.Trim(text, "=") == "" || strings.Trim(text, "-") == ""
}

// interrupts reports whether a line in a paragraph would end it, or make
// something else of it.
func interrupts(line string) bool {
	p := newMendParser()
	p.start(&block{kind: paragraphBlock})
	p.line = newCursor(line)
	if p.line.blank() || p.line.indent() >= tabSize {
		return false
	}
	return underlines(line) || p.startsLeaf(true) || p.openContainers(1)
}

// html writes HTML. White space at the start of its lines means nothing, so
// that it can keep them from beginning a block.
func (p *inlinePrinter) html(text string) {
	if p.oneLine {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			p.out = append(p.out, '\n')
		}
		if len(p.out) > 0 && p.atLineStart() && interrupts(line) {
			p.out = append(p.out, "    "...)
		}
		p.out = append(p.out, line...)
	}
}

func (p *inlinePrinter) code(value string) {
	if value == "" {
		return // there is no empty code in Markdown
	}
	runs := map[int]bool{}
	for i := 0; i < len(value); i++ {
		if value[i] == '`' {
			n := runLength(value, i)
			runs[n] = true
			i += n - 1
		}
	}
	size := 1
	for runs[size] {
		size++
	}
	fence := strings.Repeat("`", size)
	pad := ""
	if value[0] == '`' || value[len(value)-1] == '`' || codeText(value) != value {
		pad = " "
	}
	if p.cell {
		value = strings.ReplaceAll(value, "|", `\|`)
	}
	if size >= 3 && len(p.out) > 0 && p.atLineStart() {
		p.out = append(p.out, "    "...) // it opens no code block
	}
	p.out = append(p.out, fence+pad...)
	p.raw(value)
	p.out = append(p.out, pad+fence...)
}

// lineBreak writes a hard break, if anything follows it.
func (p *inlinePrinter) lineBreak(rest []Node) {
	switch {
	case p.oneLine:
		p.out = append(p.out, ' ')
	case len(rest) > 0 || len(p.spans) > 0 || p.links > 0:
		p.out = append(p.out, '\\', '\n')
	}
}

func (p *inlinePrinter) link(l *Link) {
	if p.links > 0 { // a link in a link is only its text
		p.nodes(l.Children, punctClass)
		return
	}
	if text, ok := plainChild(l); ok && l.Title == "" {
		if url, size := autolink("<" + text + ">"); size == len(text)+2 && url == l.URL && !p.cell {
			p.add("<", text, ">")
			return
		}
	}
	p.out = append(p.out, '[')
	p.forget()
	p.inLink(l.Children)
	p.out = append(p.out, ']')
	p.add("(", linkURL(l.URL, l.Title == ""), linkTitle(l.Title), ")")
}

// plainChild returns the text of a node that has no other child.
func plainChild(n Node) (string, bool) {
	c := Children(n)
	if len(c) != 1 {
		return "", false
	}
	text, ok := c[0].(*Text)
	if !ok {
		return "", false
	}
	return text.Value, true
}

// inLink writes the text of a link.
func (p *inlinePrinter) inLink(list []Node) {
	p.links++
	spans := p.spans
	p.spans = nil
	p.nodes(list, punctClass)
	p.spans = spans
	p.links--
}

// unambiguous returns how a reference is written before other nodes. A bracket
// behind [label] would be read with it, but not behind [label][].
func unambiguous(how ReferenceType, rest []Node) ReferenceType {
	if how == Shortcut && len(rest) > 0 {
		switch rest[0].(type) {
		case *Link, *LinkReference, *FootnoteReference:
			return Collapsed
		}
	}
	return how
}

func (p *inlinePrinter) linkReference(n *LinkReference, how ReferenceType) {
	if p.links > 0 {
		p.nodes(n.Children, punctClass)
		return
	}
	inner := &inlinePrinter{inlineMode: p.inlineMode, style: p.style}
	inner.task = true // not at the start of a line
	inner.inLink(n.Children)
	p.reference(string(inner.out), altText(n.Children), n.Identifier, n.Label, how)
}

// reference writes a reference that has a text and its plain form.
func (p *inlinePrinter) reference(text, plain, id, label string, how ReferenceType) {
	source := sourceLabel(id, label)
	if how != Full {
		// Label and text are one, if they have stayed so.
		if read := (&parser{}).inline(source); altText(read) == plain {
			p.add("[")
			p.raw(cellText(source, p.cell))
			p.add("]")
			if how == Collapsed {
				p.add("[]")
			}
			return
		}
	}
	p.add("[", text, "][")
	p.raw(cellText(source, p.cell))
	p.add("]")
}

func cellText(s string, cell bool) string {
	if cell {
		return escapePipes(s)
	}
	return s
}

// alt returns the alternative text of an image.
func (p *inlinePrinter) alt(text string) string {
	inner := &inlinePrinter{inlineMode: inlineMode{oneLine: true, task: true}, links: 1}
	inner.text(text, nil)
	return string(inner.out)
}

// lastRune returns the character that out ends with; a line ending at the
// start.
func (p *inlinePrinter) lastRune() (rune, int) {
	if len(p.out) == 0 {
		return '\n', 0
	}
	return utf8.DecodeLastRune(p.out)
}

// end mends the end of the content: white space there would be lost, and a #
// would close a heading.
func (p *inlinePrinter) end() {
	r, size := p.lastRune()
	switch {
	case size == 0:
	case isWhite(byte(r)) && r < utf8.RuneSelf:
		p.splice(len(p.out)-size, size, charReference(r))
	case r == '#' && p.heading:
		i := len(p.out)
		for i > 0 && p.out[i-1] == '#' {
			i--
		}
		if i == 0 || isWhite(p.out[i-1]) {
			p.out = append(p.out[:len(p.out)-1], `\#`...)
		}
	}
}
