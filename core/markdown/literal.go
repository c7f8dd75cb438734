package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Literal autolinks are addresses in plain text. They are found twice, as
// remark does: while a text is parsed, where an address keeps its underscores
// and asterisks from being delimiters, and by linkLiterals in what is left as
// text, by rules that take a little more.

// literalScanner remembers the last run of characters that was looked at, so
// that it is not looked at again from every place inside it.
type literalScanner struct {
	domain domainRun
	trail  trailRun
}

// isAtext reports whether c may stand before the @ of a literal address.
func isAtext(c byte) bool {
	return isAlnum(c) || c == '+' || c == '-' || c == '.' || c == '_'
}

// nextEmail returns where the next possible literal mail address begins at or
// after a position; beyond the end if there is none.
func (q *inlineParser) nextEmail(from int) int {
	for at := from; ; at++ {
		i := strings.IndexByte(q.src[at:], '@')
		if i < 0 {
			return len(q.src) + 1
		}
		at += i
		start := at
		for start > from && isAtext(q.src[start-1]) {
			start--
		}
		before := q.byteAt(start - 1)
		if start < at && before != '/' && !isAtext(before) {
			return start
		}
	}
}

// emailLiteral parses the mail address at pos.
func (q *inlineParser) emailLiteral() bool {
	if q.inBracket() {
		return false
	}
	i := q.pos
	for isAtext(q.src[i]) {
		i++
	}
	i++ // the @ that nextEmail has seen
	dot, data := false, false
	for ; i < len(q.src); i++ {
		c := q.src[i]
		if c == '.' && i+1 < len(q.src) && isAlnum(q.src[i+1]) {
			dot = true
		} else if c == '-' || c == '_' || isAlnum(c) {
			data = true
		} else {
			break
		}
	}
	if !dot || !data || !isLetter(q.src[i-1]) {
		return false
	}
	q.pushLiteral("mailto:", i)
	return true
}

// pushLiteral adds a link to the address that reaches from pos to end.
func (q *inlineParser) pushLiteral(prefix string, end int) {
	address := q.src[q.pos:end]
	q.pushNode(&Link{URL: prefix + address, Children: []Node{&Text{Value: address}}}, len(address))
}

func (q *inlineParser) wwwLiteral() bool {
	if !hasPrefixFold(q.src[q.pos:], "www.") || q.inBracket() || q.pos+4 == len(q.src) {
		return false
	}
	if before := q.byteAt(q.pos - 1); q.pos > 0 && !isWhite(before) && strings.IndexByte("(*_[]~", before) < 0 {
		return false
	}
	return q.urlLiteral("http://", q.pos)
}

func (q *inlineParser) protocolLiteral() bool {
	text := q.src[q.pos:]
	size := protocolSize(text)
	if size == 0 || q.inBracket() || size == len(text) || q.pos > 0 && isLetter(q.src[q.pos-1]) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[size:])
	if r < ' ' || r == 0x7f || isUnicodeSpace(r) || isUnicodePunct(r) {
		return false
	}
	return q.urlLiteral("", q.pos+size)
}

// protocolSize returns the size of the "http://" or "https://" that the text
// begins with, 0 if there is none.
func protocolSize(text string) int {
	for _, protocol := range []string{"http://", "https://"} {
		if hasPrefixFold(text, protocol) {
			return len(protocol)
		}
	}
	return 0
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// urlLiteral parses the address at pos, whose domain begins at the given
// place.
func (q *inlineParser) urlLiteral(prefix string, domain int) bool {
	run := q.literal.domain
	if domain < run.start || domain >= run.end {
		run = q.scanDomain(domain)
		q.literal.domain = run
	}
	if !run.valid(domain) {
		return false
	}
	q.pushLiteral(prefix, q.pathEnd(run.end))
	return true
}

// domainRun is a run of the characters of a domain.
type domainRun struct {
	start, end int
	// underscore is the position of the last underscore in the last two
	// segments, -1 if there is none. A domain cannot have one there.
	underscore int
}

func (r domainRun) valid(from int) bool { return r.end > from && r.underscore < from }

func (q *inlineParser) scanDomain(i int) domainRun {
	run := domainRun{start: i, underscore: -1}
	last := -1 // the last underscore of the current segment
	for i < len(q.src) {
		r, size := utf8.DecodeRuneInString(q.src[i:])
		if r == '.' || r == '_' {
			if q.trailAt(i) {
				break
			}
			if r == '_' {
				last = i
			} else {
				run.underscore, last = last, -1
			}
		} else if isUnicodeSpace(r) || r != '-' && isUnicodePunct(r) {
			break
		}
		i += size
	}
	run.end = i
	run.underscore = max(run.underscore, last)
	return run
}

// pathEnd returns where the path that begins at i ends.
func (q *inlineParser) pathEnd(i int) int {
	open, closed := 0, 0
	for i < len(q.src) {
		r, size := utf8.DecodeRuneInString(q.src[i:])
		switch {
		case r == '(':
			open++
		case r == ')' && closed < open:
			closed++
		case strings.ContainsRune("!\"&'),*.:;<?]_~", r):
			if q.trailAt(i) {
				return i
			}
			if r == ')' {
				closed++
			}
		case isUnicodeSpace(r):
			return i
		}
		i += size
	}
	return i
}

// trailRun is a run of punctuation, and whether an address that reaches it
// ends before it.
type trailRun struct {
	start, end int
	ends       bool
}

// trailAt reports whether only punctuation that does not belong to an address
// stands between i and the next white space.
func (q *inlineParser) trailAt(i int) bool {
	run := q.literal.trail
	if i < run.start || i >= run.end {
		run = q.scanTrail(i)
		q.literal.trail = run
	}
	return run.ends
}

func (q *inlineParser) scanTrail(i int) trailRun {
	run := trailRun{start: i}
	s := q.src
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte("!\"'),*.:;?_~", c) >= 0:
			continue
		case c == '&':
			end := i + 1
			for end < len(s) && isLetter(s[end]) {
				end++
			}
			if end == i+1 || end == len(s) || s[end] != ';' {
				run.end = i + 1
				return run
			}
			i = end
			continue
		case c == ']':
			if i+1 < len(s) && s[i+1] != '(' && s[i+1] != '[' && !q.spaceAt(i+1) {
				continue
			}
			run.end, run.ends = i+1, true
			return run
		}
		run.end = max(i, run.start+1)
		run.ends = s[i] == '<' || q.spaceAt(i)
		return run
	}
	run.end, run.ends = i, true
	return run
}

func (q *inlineParser) spaceAt(i int) bool {
	r, _ := utf8.DecodeRuneInString(q.src[i:])
	return isUnicodeSpace(r)
}

func isUnicodeSpace(r rune) bool { return classify(r) == spaceClass }

func isUnicodePunct(r rune) bool {
	return r <= 0xFFFF && (r < utf8.RuneSelf && isPunct(byte(r)) || r >= utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)))
}
