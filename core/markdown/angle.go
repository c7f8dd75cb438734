package markdown

import "strings"

// search remembers what was looked for in a text in vain or not, so that no
// part is searched again for every construct that begins before it.
type search struct {
	// absent has the closers that do not occur after a position from which
	// they were looked for.
	absent map[string]bool
	// titles has, by closer, the end of the title that was found last, and
	// from where.
	titles map[byte]foundTitle
}

// foundTitle is where a title begins and ends, and where the white space after it
// does; end is 0 if it does not end.
type foundTitle struct{ from, end, after int }

// index returns where a closer stands at or after i, -1 if it does not.
func (s *search) index(src, closer string, i int) int {
	if s.absent[closer] {
		return -1
	}
	n := strings.Index(src[i:], closer)
	if n < 0 {
		if s.absent == nil {
			s.absent = map[string]bool{}
		}
		s.absent[closer] = true
		return -1
	}
	return i + n
}

// title reads the title that opens at i, and returns its text and where the
// white space after it ends; 0 if it does not end.
func (s *search) title(src string, i int) (string, int) {
	closer := src[i]
	if closer == '(' {
		closer = ')'
	}
	found, ok := s.titles[closer]
	if !ok || i < found.from || found.end > 0 && i >= found.end-1 {
		_, end := titleSize(src, i)
		found = foundTitle{from: i, end: end, after: skipWhite(src, end)}
		if s.titles == nil {
			s.titles = map[byte]foundTitle{}
		}
		s.titles[closer] = found
	}
	if found.end == 0 {
		return "", 0
	}
	return src[i+1 : found.end-1], found.after
}

// angle parses what begins with "<": an autolink, or HTML.
func (q *inlineParser) angle() bool {
	text := q.src[q.pos:]
	if url, size := autolink(text); size > 0 {
		value := text[1 : size-1]
		q.pushNode(&Link{URL: url, Children: []Node{&Text{Value: value}}}, size)
		return true
	}
	size := q.htmlSize(text)
	if size == 0 {
		q.probe.noTag(q.pos, text)
		return false
	}
	q.pushNode(&HTML{Value: trimLines(text[:size])}, size)
	return true
}

// htmlSize returns the size of the HTML that the text begins with, 0 if there
// is none.
func (q *inlineParser) htmlSize(text string) int {
	from, closer := 0, ""
	switch {
	case strings.HasPrefix(text, "<!-->"):
		return len("<!-->")
	case strings.HasPrefix(text, "<!--->"):
		return len("<!--->")
	case strings.HasPrefix(text, "<!--"):
		from, closer = len("<!--"), "-->"
	case strings.HasPrefix(text, "<![CDATA["):
		from, closer = len("<![CDATA["), "]]>"
	case strings.HasPrefix(text, "<!") && len(text) > 2 && isLetter(text[2]):
		from, closer = len("<!"), ">"
	case strings.HasPrefix(text, "<?"):
		from, closer = len("<?"), "?>"
	default:
		return htmlTag(text)
	}
	end := q.search.index(q.src, closer, q.pos+from)
	if end < 0 {
		return 0
	}
	return end + len(closer) - q.pos
}

// autolink reads "<scheme:…>" or "<address@host>", and returns its URL and
// size; the size is 0 if there is none.
func autolink(s string) (string, int) {
	i := 1
	for i < len(s) && (isAlnum(s[i]) || s[i] == '+' || s[i] == '-' || s[i] == '.') {
		i++
	}
	if i < len(s) && s[i] == ':' && i >= 3 && i <= 33 && isLetter(s[1]) {
		for end := i; end < len(s); end++ {
			switch c := s[end]; {
			case c == '>':
				return s[1:end], end + 1
			case c <= ' ', c == '<', c == 0x7f:
				return "", 0
			}
		}
		return "", 0
	}
	size := mailAddress(s[1:])
	if size == 0 || 1+size == len(s) || s[1+size] != '>' {
		return "", 0
	}
	return "mailto:" + s[1:1+size], size + 2
}

// mailAddress returns the size of the address that the text begins with, 0 if
// there is none.
func mailAddress(s string) int {
	i := 0
	for i < len(s) && (isAlnum(s[i]) || strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", s[i]) >= 0) {
		i++
	}
	if i == 0 || i == len(s) || s[i] != '@' {
		return 0
	}
	for {
		i++
		start := i
		for i < len(s) && (isAlnum(s[i]) || s[i] == '-' && i > start) {
			i++
		}
		if i == start || i-start > 63 || s[i-1] == '-' {
			return 0
		}
		if i == len(s) || s[i] != '.' {
			return i
		}
	}
}
