package markdown

import (
	"slices"
	"strings"
)

// maxRounds bounds how often a text is cut and looked at again.
const maxRounds = 50

// mendInline mends the text of a leaf, the last line of which is complete or
// not.
func mendInline(p *parser, text string, complete bool) mending {
	whole := strings.TrimRight(text, " \t\n")
	// What follows the text decides whether a bracket at its end can still
	// become a link.
	text, tail := whole, text[len(whole):]
	if complete {
		tail += "\n"
	}
	for range maxRounds {
		probe, open := p.probe(text + tail)
		cut := text
		switch {
		case probe.hold >= 0 && (probe.code < 0 || probe.hold < probe.code):
			cut = text[:min(probe.hold, len(text))]
		case probe.code >= 0:
			return p.mendCode(text, probe)
		case tail == "":
			cut = text[:len(text)-unfinishedReference(text)]
		}
		if cut == text {
			cut = trimRun(text, open)
		}
		if cut != text {
			text, tail = trimOpen(cut), "\n"
			continue
		}
		suffix := closers(open)
		if text+suffix == whole { // it was closed already
			return mending{keep: len(whole), settled: len(whole)}
		}
		if suffix == "" {
			return mending{keep: len(text), settled: len(text)}
		}
		if _, left := p.probe(text + suffix); len(left) == 0 {
			return mending{keep: len(text), suffix: suffix, settled: open[0].pos}
		}
		// The closers would join with what is there.
		text, tail = trimOpen(text[:open[0].pos]), "\n"
	}
	return mending{keep: len(text), settled: len(text)}
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
	for _, o := range slices.Backward(open) {
		for range o.left {
			b.WriteByte(o.char)
		}
	}
	return b.String()
}

// mendCode closes a code span, and what is open before it.
func (p *parser) mendCode(text string, probe *probe) mending {
	before := text[:probe.code]
	// Backticks at the end may be the first of those that close it.
	content := strings.TrimRight(text[probe.code+probe.codeSize:], "` \t\n")
	if content == "" {
		return mendInline(p, trimOpen(before), true)
	}
	keep := probe.code + probe.codeSize + len(content)
	ticks := strings.Repeat("`", probe.codeSize)
	closed, open := p.probe(text[:keep] + ticks + "\n")
	if closed.hold >= 0 && closed.hold < probe.code {
		return mendInline(p, trimOpen(before[:closed.hold]), true)
	}
	state := mending{keep: keep, suffix: ticks + closers(open), settled: probe.code}
	if len(open) > 0 {
		state.settled = open[0].pos
		if _, left := p.probe(text[:keep] + state.suffix); len(left) > 0 {
			return mendInline(p, trimOpen(before[:open[0].pos]), true)
		}
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

// trimRun removes what closers cannot stand next to: a backslash that escapes
// nothing, and delimiters unless they close what is before them.
func trimRun(text string, open []*delimiter) string {
	if escaped(text) {
		return text[:len(text)-1]
	}
	before := strings.TrimRight(text, "*_~")
	if escaped(before) && before != text {
		before = text[:len(before)+1] // the first of them is text
	}
	if before == text || len(open) == 0 && classifyEnd(before) == otherClass {
		return text
	}
	return before
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
