package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a piece of a text that is being parsed: plain text, or a finished
// node. Spans form a list, from which nodes take theirs.
type span struct {
	prev, next *span
	text       string
	node       Node
	// depth is how deep spans stand in each other inside the node.
	depth int
}

// inlineParser parses the text of one leaf.
type inlineParser struct {
	p   *parser
	src string
	pos int
	// start is where the plain text begins that has not become a span yet.
	start int
	// head is a sentinel before the first span.
	head span
	tail *span

	spans arena[span]
	runs  arena[delimiter]

	delims   delimiters
	brackets []bracket
	// unclosed is true when a bracket was met behind which none closes.
	unclosed bool
	// inactive is how many brackets, from the bottom, cannot start a link,
	// because a link stands in them.
	inactive int
	// tooDeep is true once something was nested deeper than maxNesting. From
	// there on all delimiters are text.
	tooDeep bool

	backticks backticks
	search    search
	literal   literalScanner

	// probe is told what the end of the text has cut off; nil if nobody asks.
	probe *probe
}

// arena allocates many small values in few pieces.
type arena[T any] struct {
	piece []T
}

func (a *arena[T]) add(v T) *T {
	if len(a.piece) == cap(a.piece) {
		a.piece = make([]T, 0, min(max(2*cap(a.piece), 8), 512))
	}
	a.piece = append(a.piece, v)
	return &a.piece[len(a.piece)-1]
}

// reset makes the last piece free again.
func (a *arena[T]) reset() {
	clear(a.piece)
	a.piece = a.piece[:0]
}

// inline returns the nodes of a leaf's text.
func (p *parser) inline(src string) []Node {
	q := &p.inlines
	q.spans.reset()
	q.runs.reset()
	*q = inlineParser{p: p, src: src, spans: q.spans, runs: q.runs, brackets: q.brackets[:0]}
	q.tail = &q.head
	q.parse()
	return linkLiterals(collect(q.head.next, nil))
}

// isSpecial has the bytes that may start something other than text.
var isSpecial = func() (t [256]bool) {
	for _, c := range []byte("\\`*_~[]!<&\nwWhH") {
		t[c] = true
	}
	return
}()

func (q *inlineParser) parse() {
	email := q.nextEmail(0)
	for q.pos < len(q.src) {
		if q.pos > email {
			email = q.nextEmail(q.pos)
		}
		if q.pos == email {
			if q.emailLiteral() {
				continue
			}
			email = q.nextEmail(q.pos + 1)
		}
		if c := q.src[q.pos]; !isSpecial[c] || !q.special(c) {
			q.pos++
		}
	}
	end := len(strings.TrimRight(q.src[q.start:], " \t"))
	q.pushText(q.src[q.start : q.start+end])
	q.pair(nil, q.delims.strikeFirst)
}

// special parses what starts with the byte at pos, and reports whether that
// was something other than text. If it was, pos is behind it.
func (q *inlineParser) special(c byte) bool {
	switch c {
	case '\n':
		q.lineEnding()
		return true
	case '\\':
		return q.escape()
	case '&':
		value, size := characterReference(q.src[q.pos:])
		if size == 0 {
			return false
		}
		q.flush()
		q.pushText(value)
		q.skip(size)
		return true
	case '`':
		return q.codeSpan()
	case '*', '_', '~':
		return q.delimiterRun(c)
	case '!':
		if strings.HasPrefix(q.src[q.pos:], "![") {
			q.openBracket(true)
			return true
		}
		return false
	case '[':
		if !q.footnoteReference() {
			q.openBracket(false)
		}
		return true
	case ']':
		return q.closeBracket()
	case '<':
		return q.angle()
	case 'w', 'W':
		return q.wwwLiteral()
	}
	return q.protocolLiteral()
}

// flush makes a span of the plain text before pos.
func (q *inlineParser) flush() {
	q.pushText(q.src[q.start:q.pos])
	q.start = q.pos
}

// skip moves over n bytes that have become something other than text.
func (q *inlineParser) skip(n int) {
	q.pos += n
	q.start = q.pos
}

func (q *inlineParser) push(v span) *span {
	s := q.spans.add(v)
	s.prev = q.tail
	q.tail.next = s
	q.tail = s
	return s
}

func (q *inlineParser) pushText(text string) {
	if text != "" {
		q.push(span{text: text})
	}
}

// pushNode adds a node for the next n bytes.
func (q *inlineParser) pushNode(n Node, size int) {
	q.flush()
	q.push(span{node: n})
	q.skip(size)
}

// lineEnding parses a line ending with the white space around it: a hard break
// after two spaces.
func (q *inlineParser) lineEnding() {
	line := q.src[q.start:q.pos]
	text := strings.TrimRight(line, " \t")
	space := line[len(text):]
	q.pushText(text)
	q.start = q.pos
	if len(space) >= 2 && strings.IndexByte(space, '\t') < 0 {
		q.push(span{node: &Break{}})
	} else {
		q.pushText("\n")
	}
	q.skip(skipSpaces(q.src, q.pos+1) - q.pos)
}

func (q *inlineParser) escape() bool {
	if q.pos+1 == len(q.src) {
		return false
	}
	switch c := q.src[q.pos+1]; {
	case c == '\n':
		q.pushNode(&Break{}, skipSpaces(q.src, q.pos+2)-q.pos)
		return true
	case isPunct(c):
		q.flush()
		q.skip(1)
		q.pos++ // the escaped byte is text
		return true
	}
	return false
}

// backticks remembers where runs of backticks stand, so that a text full of
// runs that nothing closes is read once.
type backticks struct {
	// last has, by length of a run, the position of the last one seen.
	last map[int]int
	// all is true when the text has been read to its end.
	all bool
}

func (q *inlineParser) codeSpan() bool {
	size := runLength(q.src, q.pos)
	content := q.pos + size
	if q.backticks.all && q.backticks.last[size] < content {
		q.noCode(size)
		return true
	}
	for i := content; ; {
		next := strings.IndexByte(q.src[i:], '`')
		if next < 0 {
			q.backticks.all = true
			q.noCode(size)
			return true
		}
		i += next
		n := runLength(q.src, i)
		if n == size {
			q.pushNode(&InlineCode{Value: codeText(q.src[content:i])}, i+n-q.pos)
			return true
		}
		if q.backticks.last == nil {
			q.backticks.last = map[int]int{}
		}
		q.backticks.last[n] = max(q.backticks.last[n], i)
		i += n
	}
}

// noCode takes a run of backticks that nothing closes as text.
func (q *inlineParser) noCode(size int) {
	q.probe.openCode(q.pos, size)
	q.pos += size // start stays
}

// codeText removes one space from both sides of a code span that has other
// content too.
func codeText(s string) string {
	if len(s) > 2 && (s[0] == ' ' || s[0] == '\n') && (s[len(s)-1] == ' ' || s[len(s)-1] == '\n') &&
		strings.Trim(s, " \n") != "" {
		return s[1 : len(s)-1]
	}
	return s
}

func runLength(s string, i int) int {
	n := 1
	for i+n < len(s) && s[i+n] == s[i] {
		n++
	}
	return n
}

// The classes of the characters next to a delimiter run.
const (
	otherClass = iota
	spaceClass
	punctClass
)

// classify returns the class of a character. Those beyond the basic plane,
// emoji above all, count as letters, as they do in remark: **bold**🙂 is bold.
func classify(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		if r <= ' ' && (r == ' ' || r >= '\t' && r <= '\r') {
			return spaceClass
		}
		if isPunct(byte(r)) {
			return punctClass
		}
	case r > 0xFFFF:
	case unicode.Is(unicode.Z, r), r == '\uFEFF':
		return spaceClass
	case unicode.IsPunct(r), unicode.IsSymbol(r):
		return punctClass
	}
	return otherClass
}

// classBefore and classAfter return the class of the character on one side of
// a position. The ends of the text count as white space.
func (q *inlineParser) classBefore(i int) int {
	if i == 0 {
		return spaceClass
	}
	r, _ := utf8.DecodeLastRuneInString(q.src[:i])
	return classify(r)
}

func (q *inlineParser) classAfter(i int) int {
	if i == len(q.src) {
		return spaceClass
	}
	r, _ := utf8.DecodeRuneInString(q.src[i:])
	return classify(r)
}

// collect returns the nodes of a list of spans, up to end, with neighbouring
// text merged.
func collect(s, end *span) []Node {
	out := []Node{}
	for s != end {
		if s.node != nil {
			out = append(out, s.node)
			s = s.next
			continue
		}
		first := s
		size := 0
		for ; s != end && s.node == nil; s = s.next {
			size += len(s.text)
		}
		if size == 0 {
			continue
		}
		if size == len(first.text) {
			out = append(out, &Text{Value: first.text})
			continue
		}
		var b strings.Builder
		b.Grow(size)
		for t := first; t != s; t = t.next {
			b.WriteString(t.text)
		}
		out = append(out, &Text{Value: b.String()})
	}
	return out
}
