package markdown

import "strings"

// The kinds of HTML block, by what ends them. The first five end with a line
// that has a certain text, the others with a blank line.
const (
	htmlRaw = iota + 1
	htmlComment
	htmlInstruction
	htmlDeclaration
	htmlCDATA
	htmlNamed
	htmlComplete
)

// htmlBlockNames are the elements that start an HTML block even when their tag
// is not complete (CommonMark 0.31, section 4.6).
var htmlBlockNames = set(`address article aside base basefont blockquote body caption center
	col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame
	frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav
	noframes ol optgroup option p param search section summary table tbody td tfoot th thead
	title tr track ul`)

// htmlRawNames are the elements whose content is no Markdown.
var htmlRawNames = set("pre script style textarea")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// htmlBlockStart returns the kind of the HTML block that begins with this
// line, 0 if none does.
func htmlBlockStart(text string) int {
	switch {
	case len(text) < 2:
		return 0
	case text[1] == '?':
		return htmlInstruction
	case text[1] == '!':
		switch {
		case strings.HasPrefix(text[2:], "--"):
			return htmlComment
		case strings.HasPrefix(text[2:], "[CDATA["):
			return htmlCDATA
		case len(text) > 2 && isLetter(text[2]):
			return htmlDeclaration
		}
		return 0
	}
	i := 1
	closing := text[1] == '/'
	if closing {
		i++
	}
	start := i
	for i < len(text) && (isAlnum(text[i]) || text[i] == '-' && i > start) {
		i++
	}
	if i == start || isDigit(text[start]) {
		return 0
	}
	name := strings.ToLower(text[start:i])
	ends := i == len(text) || isSpace(text[i]) || text[i] == '>'
	slash := i < len(text) && text[i] == '/'
	switch {
	case !ends && !slash:
		return 0
	case !slash && !closing && htmlRawNames[name]:
		return htmlRaw
	case htmlBlockNames[name]:
		if slash && !strings.HasPrefix(text[i:], "/>") {
			return 0
		}
		return htmlNamed
	}
	if size := htmlTag(text); size > 0 && isBlank(text[size:]) {
		return htmlComplete
	}
	return 0
}

// htmlBlockEnds reports whether the line has the text that ends a block of the
// kind.
func htmlBlockEnds(kind int, line string) bool {
	switch kind {
	case htmlRaw:
		for {
			i := strings.Index(line, "</")
			if i < 0 {
				return false
			}
			line = line[i+2:]
			end := 0
			for end < len(line) && end < len("textarea") && isLetter(line[end]) {
				end++
			}
			if end < len(line) && line[end] == '>' && htmlRawNames[strings.ToLower(line[:end])] {
				return true
			}
		}
	case htmlComment:
		return strings.Contains(line, "-->")
	case htmlInstruction:
		return strings.Contains(line, "?>")
	case htmlDeclaration:
		return strings.Contains(line, ">")
	case htmlCDATA:
		return strings.Contains(line, "]]>")
	}
	return false
}

// htmlTag returns the size of the opening or closing tag that the text begins
// with, 0 if there is none. In a paragraph a tag may span lines.
func htmlTag(s string) int {
	i := 1
	closing := i < len(s) && s[i] == '/'
	if closing {
		i++
	}
	if i == len(s) || !isLetter(s[i]) {
		return 0
	}
	for i < len(s) && (isAlnum(s[i]) || s[i] == '-') {
		i++
	}
	if closing {
		i = skipWhite(s, i)
		if i < len(s) && s[i] == '>' {
			return i + 1
		}
		return 0
	}
	for {
		after := skipWhite(s, i)
		if after == len(s) {
			return 0
		}
		switch c := s[after]; {
		case c == '>':
			return after + 1
		case c == '/':
			if after+1 < len(s) && s[after+1] == '>' {
				return after + 2
			}
			return 0
		case after == i || !isLetter(c) && c != '_' && c != ':':
			return 0 // an attribute needs white space before it
		}
		i = htmlAttribute(s, after)
		if i == 0 {
			return 0
		}
	}
}

// htmlAttribute returns the end of the attribute at i, 0 if its value is
// wrong.
func htmlAttribute(s string, i int) int {
	for i < len(s) && (isAlnum(s[i]) || strings.IndexByte("_:.-", s[i]) >= 0) {
		i++
	}
	equals := skipWhite(s, i)
	if equals == len(s) || s[equals] != '=' {
		return i
	}
	i = skipWhite(s, equals+1)
	if i == len(s) {
		return 0
	}
	if quote := s[i]; quote == '"' || quote == '\'' {
		end := strings.IndexByte(s[i+1:], quote)
		if end < 0 {
			return 0
		}
		return i + 1 + end + 1
	}
	start := i
	for i < len(s) && !isWhite(s[i]) && strings.IndexByte("\"'=<>`", s[i]) < 0 {
		i++
	}
	if i == start {
		return 0
	}
	return i
}

// isWhite reports whether c is white space or a line ending.
func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func skipWhite(s string, i int) int {
	for i < len(s) && isWhite(s[i]) {
		i++
	}
	return i
}
