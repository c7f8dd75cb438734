package markdown

import "strings"

// mendInline mends the text of a leaf.
func mendInline(p *parser, text string) mending {
	text = strings.TrimRight(text, " \t\n")
	whole := text
	for {
		probe, open := p.probe(text)
		switch {
		case probe.hold >= 0 && (probe.code < 0 || probe.hold < probe.code):
			text = trimOpen(text[:probe.hold])
			continue
		case probe.code >= 0:
			return p.mendCode(text, probe)
		}
		trimmed := trimEnd(text, open)
		if len(trimmed) < len(text) {
			text = trimmed
			continue
		}
		state := mending{keep: len(text), settled: len(text)}
		if len(open) > 0 {
			state.suffix = closers(open)
			state.settled = open[0].pos
			if _, left := p.probe(text + state.suffix); len(left) > 0 {
				// The closers would join with what is there.
				text = trimOpen(text[:open[0].pos])
				continue
			}
		}
		if text+state.suffix == whole { // it was closed already
			return mending{keep: len(whole), settled: len(whole)}
		}
		return state
	}
}

// probe parses a text, and returns what its end has cut off and the delimiters
// that nothing closes.
func (p *parser) probe(text string) (*probe, []*delimiter) {
	q := &p.inlines
	*q = inlineParser{p: p, src: text, probe: newProbe(text)}
	q.tail = &q.head
	q.parse()
	for _, b := range q.brackets {
		pos := b.content - 1
		if b.image {
			pos--
		}
		q.probe.holdAt(pos)
	}
	var open []*delimiter
	for d := q.firstAfter(nil); d != nil; d = d.next {
		// A delimiter inside a word, or a single tilde, is rarely meant as one.
		if d.canOpen && !d.inWord && d.left > 0 && (d.char != '~' || d.size == 2) {
			open = append(open, d)
		}
	}
	return q.probe, open
}

// closers returns what closes the delimiters.
func closers(open []*delimiter) string {
	var b strings.Builder
	for i := len(open) - 1; i >= 0; i-- {
		for range open[i].left {
			b.WriteByte(open[i].char)
		}
	}
	return b.String()
}

// mendCode closes a code span, and what is open before it.
func (p *parser) mendCode(text string, probe *probe) mending {
	content := text[probe.code+probe.codeSize:]
	// Backticks at the end may be the first of those that close it.
	content = strings.TrimRight(content, "` \t\n")
	if content == "" {
		before := mendInline(p, trimOpen(text[:probe.code]))
		return before
	}
	keep := probe.code + probe.codeSize + len(content)
	before, open := p.probe(text[:probe.code])
	if before.hold >= 0 {
		return mendInline(p, trimOpen(text[:before.hold]))
	}
	state := mending{keep: keep, settled: probe.code}
	state.suffix = strings.Repeat("`", probe.codeSize) + closers(open)
	if len(open) > 0 {
		state.settled = open[0].pos
	}
	return state
}

// trimOpen removes what cannot stand at the end: white space, delimiters, a
// backslash.
func trimOpen(text string) string {
	for {
		trimmed := strings.TrimRight(text, " \t\n")
		trimmed = strings.TrimRight(trimmed, "*_~")
		if escaped(trimmed) {
			if len(trimmed) < len(text) && strings.IndexByte("*_~", text[len(trimmed)]) >= 0 {
				trimmed = text[:len(trimmed)+1] // the first of them is text
				return trimmed
			}
			trimmed = trimmed[:len(trimmed)-1]
		}
		if trimmed == text {
			return text
		}
		text = trimmed
	}
}

// escaped reports whether a text ends with a backslash that escapes what
// follows.
func escaped(text string) bool {
	n := len(text) - len(strings.TrimRight(text, `\`))
	return n%2 == 1
}

// trimEnd removes from the end what is only the beginning of something: a
// delimiter, an escape, a character reference.
func trimEnd(text string, open []*delimiter) string {
	if escaped(text) {
		return trimOpen(text)
	}
	if n := unfinishedReference(text); n > 0 {
		return trimOpen(text[:len(text)-n])
	}
	run := len(text) - len(strings.TrimRight(text, "*_~"))
	if run == 0 {
		return text
	}
	if len(open) > 0 || strings.TrimRight(text, "*_~") == "" || classifyEnd(text[:len(text)-run]) != otherClass {
		return trimOpen(text)
	}
	return text
}

func classifyEnd(text string) int {
	q := inlineParser{src: text}
	return q.classBefore(len(text))
}

// unfinishedReference returns the length of the character reference that a
// text ends with the beginning of, 0 if it does not.
func unfinishedReference(text string) int {
	i := len(text)
	for i > 0 && len(text)-i < maxReference && (isAlnum(text[i-1]) || text[i-1] == '#') {
		i--
	}
	if i == 0 || text[i-1] != '&' || escaped(text[:i-1]) {
		return 0
	}
	name := text[i:]
	if strings.LastIndexByte(name, '#') > 0 || name != "" && isDigit(name[0]) {
		return 0
	}
	return len(text) - i + 1
}
