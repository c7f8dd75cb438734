package format

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spans are the inline parts of a paragraph that matter when it is cut. Positions are in bytes.
type spans struct {
	whole []span // links, images, code and others, which are not divided
	marks []mark // bold, italics and others, sorted by their end
	open  []mark // marks that are not closed
}

type span struct{ start, end int }

// mark is a span between two equal markers, such as "**".
type mark struct {
	span
	marker string
}

const (
	// maxSpan is the size of a link or a code span that is not divided, in bytes.
	maxSpan = 4 << 10
	// maxOpen is how many markers may be open.
	maxOpen = 32
)

// spanScanner finds the spans of a paragraph. It also finds what only some renderers show as a
// link or as bold.
type spanScanner struct {
	text string
	spans
	brackets []int
	unclosed map[int]bool // lengths of runs of ` that are not closed in the rest
}

// scanSpans returns the spans of a paragraph, which may be incomplete.
func scanSpans(paragraph string) spans {
	s := spanScanner{text: paragraph, unclosed: map[int]bool{}}
	for at := 0; at < len(s.text); {
		at += s.step(at)
	}
	return s.spans
}

// step scans what begins at a position, and returns its length.
func (s *spanScanner) step(at int) int {
	rest := s.text[at:]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && rest[1] != '\n' {
			return s.keep(at, 2)
		}
	case '`':
		return s.code(at)
	case '<':
		if end := strings.IndexAny(rest[1:], "<>\n") + 1; end > 1 && rest[end] == '>' && end < maxSpan {
			return s.keep(at, end+1)
		}
	case '&':
		if end := strings.IndexByte(rest[:min(len(rest), 34)], ';'); end > 1 && strings.Trim(rest[1:end], entityName) == "" {
			return s.keep(at, end+1)
		}
	case 'h':
		if (strings.HasPrefix(rest, "https://") || strings.HasPrefix(rest, "http://")) && (at == 0 || !isAlphanumeric(before(s.text, at))) {
			end := strings.IndexAny(rest, " \t\n<>)]|\"")
			if end < 0 {
				end = len(rest)
			}
			return s.keep(at, len(strings.TrimRight(rest[:end], "*_~.,;:!?")))
		}
	case '[':
		if len(s.brackets) < maxOpen {
			s.brackets = append(s.brackets, at)
		}
	case ']':
		return s.bracket(at)
	case '*', '_', '~':
		return s.delimiters(at)
	}
	return 1
}

const entityName = "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (s *spanScanner) keep(at, size int) int {
	s.whole = append(s.whole, span{at, at + size})
	return size
}

// code scans a code span, or only the backticks if it is not closed.
func (s *spanScanner) code(at int) int {
	n := run(s.text[at:])
	for end := at + n; !s.unclosed[n]; {
		i := strings.IndexByte(s.text[end:], '`')
		if i < 0 {
			s.unclosed[n] = true
			break
		}
		end += i
		m := run(s.text[end:])
		if end += m; m == n {
			if end-at < maxSpan/8 {
				return s.keep(at, end-at)
			}
			s.marks = append(s.marks, mark{span{at, end}, s.text[at : at+n]})
			return end - at
		}
	}
	s.open = append(s.open, mark{span{at, len(s.text)}, s.text[at : at+n]})
	return n
}

// bracket scans the end of a link, an image or a footnote reference.
func (s *spanScanner) bracket(at int) int {
	if len(s.brackets) == 0 {
		return 1
	}
	start := s.brackets[len(s.brackets)-1]
	s.brackets = s.brackets[:len(s.brackets)-1]
	size := 1
	switch rest := s.text[at+1:]; {
	case strings.HasPrefix(rest, "("):
		size += linkTargetLen(rest)
	case strings.HasPrefix(rest, "["):
		if end := strings.IndexAny(rest[1:], "[]\n") + 1; end > 0 && rest[end] == ']' {
			size += end + 1
		}
	}
	if size == 1 && !strings.HasPrefix(s.text[start:], "[^") || at+size-start > maxSpan {
		return 1
	}
	if start > 0 && s.text[start-1] == '!' {
		start--
	}
	s.whole = append(s.whole, span{start, at + size})
	return size
}

// linkTargetLen returns the length of "(address)" or `(address "title")`, or 0.
func linkTargetLen(text string) int {
	depth := 0
	for i := 0; i < len(text) && i < maxSpan; i++ {
		switch text[i] {
		case '\\':
			i++
		case '<':
			if end := strings.IndexAny(text[i+1:], "<>\n"); end >= 0 && text[i+1+end] == '>' {
				i += end + 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '\n':
			if strings.HasPrefix(text[i:], "\n\n") {
				return 0
			}
		}
	}
	return 0
}

// delimiters scans a run of *, _ or ~, which may close spans and open one.
func (s *spanScanner) delimiters(at int) int {
	c := s.text[at]
	size := run(s.text[at:])
	if c == '~' && size > 2 {
		return size
	}
	prev, next := before(s.text, at), after(s.text, at+size)
	opens, closes := !unicode.IsSpace(next), !unicode.IsSpace(prev)
	if c == '_' && isAlphanumeric(prev) && isAlphanumeric(next) {
		return size
	}
	left := size
	for i := len(s.open) - 1; closes && left > 0 && i >= 0; i-- {
		o := s.open[i]
		if o.marker[0] != c {
			continue
		}
		n := min(left, len(o.marker), 2)
		if c == '~' && (n != size || n != len(o.marker)) {
			continue
		}
		// The inner characters of the opening run are used, and the others stay open.
		keep := len(o.marker) - n
		s.marks = append(s.marks, mark{span{o.start + keep, at + size - left + n}, o.marker[:n]})
		left -= n
		s.open = s.open[:i]
		if keep > 0 {
			s.open = append(s.open, mark{span{o.start, o.start + keep}, o.marker[:keep]})
			i++
		}
	}
	if opens && left > 0 && len(s.open) < maxOpen {
		s.open = append(s.open, mark{span{at + size - left, at + size}, s.text[at+size-left : at+size]})
	}
	return size
}

// assumeClosed treats open markers as if the following text closed them. A single character
// must be before a word for that.
func (s *spans) assumeClosed(paragraph string) {
	for _, m := range slices.Backward(s.open) {
		m.end = len(paragraph) + len(m.marker) + 1
		if n := m.start + len(m.marker); len(m.marker) > 1 || m.marker == "`" || !isAlphanumeric(before(paragraph, m.start)) && isAlphanumeric(after(paragraph, n)) {
			s.marks = append(s.marks, m)
		}
	}
}

// at returns the text that closes the marks which are open at a position, and the text that
// opens them again.
func (s spans) at(place int) (closing, reopening string) {
	for _, m := range s.marks { // inner ones come first
		if m.start < place && place < m.end {
			closing, reopening = closing+m.marker, m.marker+reopening
		}
	}
	return closing, reopening
}

// isWhole reports whether a cut at a position would divide no span and no marker.
func (s spans) isWhole(place int) bool {
	for _, w := range s.whole {
		if w.start < place && place < w.end {
			return false
		}
	}
	for _, m := range s.marks {
		n := len(m.marker)
		if m.start < place && place <= m.start+n || m.end-n <= place && place < m.end {
			return false
		}
	}
	return true
}

// before returns the character that ends at a position, and after the one that begins there.
// The ends of a text count as spaces.
func before(text string, at int) rune {
	if at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return r
}

func after(text string, at int) rune {
	if at == len(text) {
		return ' '
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	return r
}

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
