package markdown

import "strings"

// maxLabel is the greatest length of a label, in bytes here: a label longer
// than CommonMark's 999 characters refers to nothing.
const maxLabel = 999

// rawDefinition is a definition as it stands in the source.
type rawDefinition struct {
	rawLabel, url, title string
}

func (d *rawDefinition) node() *Definition {
	return &Definition{
		Identifier: identifier(d.rawLabel),
		Label:      unescape(d.rawLabel),
		URL:        unescape(d.url),
		Title:      unescape(trimLines(d.title)),
	}
}

// parseDefinition reads the definition that the text begins with, and its size
// without the line ending.
func parseDefinition(s string) (*rawDefinition, int) {
	size := labelSize(s)
	if size == 0 || size == len(s) || s[size] != ':' {
		return nil, 0
	}
	def := &rawDefinition{rawLabel: s[1 : size-1]}
	i := skipWhite(s, size+1)
	end := 0
	def.url, end = destination(s, i, len(s))
	if end < 0 {
		return nil, 0
	}
	// A title that is none may leave a definition without a title, if the line
	// ends before it.
	if open := skipWhite(s, end); open > end {
		if title, after := titleSize(s, open); after > 0 {
			if lineEnd := skipSpaces(s, after); lineEnd == len(s) || s[lineEnd] == '\n' {
				def.title = title
				return def, lineEnd
			}
		}
	}
	lineEnd := skipSpaces(s, end)
	if lineEnd < len(s) && s[lineEnd] != '\n' {
		return nil, 0
	}
	return def, lineEnd
}

// labelSize returns the size of the label that the text begins with, brackets
// included; 0 if there is none.
func labelSize(s string) int {
	if s == "" || s[0] != '[' {
		return 0
	}
	blank := true
	for i := 1; i < len(s) && i <= maxLabel+1; i++ {
		switch s[i] {
		case ']':
			if blank {
				return 0
			}
			return i + 1
		case '[':
			return 0
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`[]\`, s[i+1]) >= 0 {
				i++
			}
			blank = false
		case ' ', '\t', '\n':
		default:
			blank = false
		}
	}
	return 0
}

// destination reads a link destination at i, and returns its text and end; the
// end is -1 if there is none. Parentheses may nest to the given depth.
func destination(s string, i, depth int) (string, int) {
	if i == len(s) {
		return "", -1
	}
	start := i
	if s[i] == '<' {
		for i++; i < len(s); i++ {
			switch s[i] {
			case '>':
				return s[start+1 : i], i + 1
			case '<', '\n':
				return "", -1
			case '\\':
				if i+1 < len(s) && strings.IndexByte(`<>\`, s[i+1]) >= 0 {
					i++
				}
			}
		}
		return "", -1
	}
	balance := 0
scan:
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isWhite(c):
			break scan
		case c < ' ' || c == 0x7f:
			return "", -1
		case c == '(':
			if balance++; balance > depth {
				return "", -1
			}
		case c == ')':
			if balance == 0 {
				break scan
			}
			balance--
		case c == '\\':
			if i+1 < len(s) && strings.IndexByte(`()\`, s[i+1]) >= 0 {
				i++
			}
		}
	}
	if balance > 0 || i == start {
		return "", -1
	}
	return s[start:i], i
}

// titleSize reads a title at i, and returns its text and end; the end is 0 if
// there is none.
func titleSize(s string, i int) (string, int) {
	if i == len(s) {
		return "", 0
	}
	closer := s[i]
	switch closer {
	case '(':
		closer = ')'
	case '"', '\'':
	default:
		return "", 0
	}
	start := i + 1
	for i = start; i < len(s); i++ {
		switch s[i] {
		case closer:
			return s[start:i], i + 1
		case '\\':
			if i+1 < len(s) && (s[i+1] == closer || s[i+1] == '\\') {
				i++
			}
		}
	}
	return "", 0
}

// trimLines removes the white space at the start of every line but the first.
func trimLines(s string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimLeft(lines[i], " \t")
	}
	return strings.Join(lines, "\n")
}

// footnoteLabel reads the "[^label]:" that the text begins with, and returns
// the label and the size; 0 if there is none.
func footnoteLabel(s string) (string, int) {
	if !strings.HasPrefix(s, "[^") {
		return "", 0
	}
	end := footnoteLabelEnd(s, 2)
	if end == 0 || end+1 >= len(s) || s[end+1] != ':' {
		return "", 0
	}
	return s[2:end], end + 2
}

// footnoteLabelEnd returns the position of the bracket that ends the footnote
// label at i, 0 if it does not end.
func footnoteLabelEnd(s string, i int) int {
	start := i
	for ; i < len(s) && i-start <= maxLabel; i++ {
		switch s[i] {
		case ']':
			if i == start {
				return 0
			}
			return i
		case '[', ' ', '\t', '\n':
			return 0
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`[]\`, s[i+1]) >= 0 {
				i++
			}
		}
	}
	return 0
}

func skipSpaces(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}
