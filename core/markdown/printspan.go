package markdown

import (
	"slices"
	"unicode/utf8"
)

// span writes emphasized, strong or struck-out text: the i-th node of a list
// behind which something of class next stands. A run of delimiters opens and
// closes only next to certain characters; where the neighbours are others, they
// are written as references, which count as punctuation.
func (p *inlinePrinter) span(delim string, content, list []Node, i, next int) {
	last := i == len(list)-1
	if delim == "~~" && (p.opened == '~' || last && len(p.spans) > 0 && p.spans[len(p.spans)-1] == delim) {
		p.nodes(content, next) // the tildes would join, and it is struck out already
		return
	}
	before, beforeSize := p.lastRune()
	if p.alternates(delim, before, len(list) == 1, last) {
		delim = "__"[:len(delim)]
	}
	start := len(p.out)
	p.out = append(p.out, delim...)
	p.spans = append(p.spans, delim)
	p.forget()
	p.opened = delim[0]
	inner := len(p.out)
	p.nodes(content, punctClass)
	p.spans = p.spans[:len(p.spans)-1]
	if len(p.out) == inner { // there is nothing to emphasize
		p.out = p.out[:start]
		return
	}

	first, size := utf8.DecodeRune(p.out[inner:])
	if classify(first) == spaceClass {
		p.splice(inner, size, charReference(first))
		first = '&'
	}
	if classify(before) == otherClass && (classify(first) == punctClass || delim[0] == '_') {
		p.splice(start-beforeSize, beforeSize, charReference(before))
	}
	end, size := p.lastRune()
	if classify(end) == spaceClass {
		p.splice(len(p.out)-size, size, charReference(end))
		end = ';'
	}
	if !last {
		next = firstClass(list[i+1])
	}
	p.out = append(p.out, delim...)
	p.forget()
	p.closed = delim[0]
	p.encode = next == otherClass && (classify(end) == punctClass || delim[0] == '_')
}

// spanStyle says how the delimiters of spans in each other are chosen. No style
// is right for all.
type spanStyle uint8

const (
	// mixed uses underscores where asterisks would join or cross.
	mixed spanStyle = iota
	// asterisks uses underscores only where asterisks cannot be.
	asterisks
	// alternating uses the two by turns.
	alternating
	// joined lets asterisks join: six of them are strong three times.
	joined
	// The styles from chosen on are the choices for the first spans of a text,
	// one bit for each.
	chosen
	lastStyle = chosen + 1<<6 - 1
)

// alternates reports whether a span is delimited by underscores.
func (p *inlinePrinter) alternates(delim string, before rune, only, last bool) bool {
	if delim[0] != '*' {
		return false
	}
	if p.style >= chosen {
		p.count++
		return (p.style-chosen)>>((p.count-1)%6)&1 == 1
	}
	if p.closed == '_' {
		return false
	}
	if p.closed == '*' {
		return true
	}
	outer := ""
	if len(p.spans) > 0 {
		outer = p.spans[len(p.spans)-1]
	}
	switch {
	case outer == "" || outer[0] != '*' || p.style == joined:
		return false
	case p.style == alternating:
		return true
	case only && (outer == delim || delim == "*"):
		return true
	case p.style == asterisks:
		return false
	case outer == delim && (p.opened == '*' || last):
		return true
	}
	return classify(before) != spaceClass && slices.Contains(p.spans, delim)
}

// firstClass returns the class of the character that a node begins with when
// it is written.
func firstClass(n Node) int {
	if text, ok := n.(*Text); ok {
		r, _ := utf8.DecodeRuneInString(text.Value)
		return classify(r)
	}
	return punctClass
}

// splice replaces a part of what is written.
func (p *inlinePrinter) splice(at, size int, with string) {
	p.out = slices.Replace(p.out, at, at+size, []byte(with)...)
	for i, lazy := range p.lazy {
		if lazy > at {
			p.lazy[i] += len(with) - size
		}
	}
}
