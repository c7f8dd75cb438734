package format

import "strings"

// lineScanner reads Markdown line by line. It finds in which quotes and list items a line is,
// and whether it is code or part of a table. It implements only those rules of CommonMark that
// it needs for this. It keeps two lines at most, so it can read a text that is still being
// written. A copy is a snapshot. The zero value is at the beginning of a text.
type lineScanner struct {
	containers []container
	// fence is the run of ` or ~ that closes the open code block. opening is the line
	// that opened it, without its containers. Both are empty outside of a code block.
	fence, opening string
	// paragraph is true after a line of text that the next line may continue. begun is
	// true if that line was the first of its paragraph.
	paragraph, begun bool
	// above is that line of text, without its containers.
	above string
	// head has the two lines of the head of the open table, or is nil.
	head []string
}

// container is a quote or a list item that contains lines.
type container struct {
	marker string // as it was written: "> ", "- ", "12. "
	width  int    // the indentation of a list item's further lines, in columns; 0 for a quote
}

// maxDepth is how deep containers may be nested.
const maxDepth = 100

// scannedLine is the result of reading a line.
type scannedLine struct {
	// content is the line without the markers of its containers.
	content string
	// in are the containers of the line.
	in []container
	// continued is how many of the containers were open before. after is the line after
	// the markers of those, with the markers of the others.
	continued int
	after     string
	// fenced says that the line is in a fenced code block, or closes one. code says that,
	// or that the line is indented code.
	fenced, code bool
	// continues says that the line continues the paragraph above it. lazy says that it
	// does so without the markers of its containers.
	continues, lazy bool
}

// isBlank reports whether the line has no content.
func (l scannedLine) isBlank() bool {
	return l.continued == len(l.in) && strings.TrimSpace(l.content) == ""
}

// look returns the result for a line without reading it. The line may be incomplete.
func (s *lineScanner) look(line string) scannedLine {
	l := scannedLine{content: line}
	for l.continued < len(s.containers) {
		rest, ok := s.containers[l.continued].cut(l.content)
		if !ok {
			break
		}
		l.content, l.continued = rest, l.continued+1
	}
	l.after = l.content
	all := l.continued == len(s.containers)
	if all && s.fence != "" {
		l.in, l.fenced, l.code = s.containers, true, true
		return l
	}
	l.in = s.containers[:l.continued:l.continued]
	l.continues = all && s.paragraph
	for len(l.in) < maxDepth {
		c, rest, ok := cutContainer(l.content, l.continues)
		if !ok {
			break
		}
		l.in, l.content, l.continues = append(l.in, c), rest, false
	}
	blank := strings.TrimSpace(l.content) == ""
	if !all && len(l.in) == l.continued && s.paragraph && !blank && isText(l.content) { // a lazy continuation
		l.content = strings.TrimLeft(l.content, " \t")
		l.in, l.continued, l.after, l.continues, l.lazy = s.containers, len(s.containers), l.content, true, true
		return l
	}
	l.code = !blank && !l.continues && indentOf(l.content) >= 4
	l.continues = l.continues && !blank && (isText(l.content) || indentOf(l.content) >= 4)
	return l
}

// next reads a whole line, without its line ending.
func (s *lineScanner) next(line string) {
	l := s.look(line)
	if l.fenced {
		if closesFence(l.content, s.fence) {
			s.fence, s.opening = "", ""
		}
		return
	}
	marker := ""
	if !l.code && !l.continues {
		marker = fenceOf(l.content)
	}
	s.containers, s.fence, s.opening = l.in, "", ""
	switch {
	case marker != "":
		s.fence, s.opening = marker, strings.TrimLeft(l.content, " ")
		s.endParagraph()
	case l.code, strings.TrimSpace(l.content) == "", !l.continues && !isText(l.content):
		s.endParagraph()
	case s.head != nil && l.continued == len(l.in):
	case l.continues && isTableRule(l.content) && strings.Contains(s.above, "|"):
		head := []string{s.above, l.content}
		s.endParagraph()
		s.head = head
	case l.continues && isUnderline(l.content):
		s.endParagraph()
	default:
		s.paragraph, s.begun, s.above, s.head = true, !l.continues, l.content, nil
	}
}

func (s *lineScanner) endParagraph() {
	s.paragraph, s.begun, s.above, s.head = false, false, "", nil
}

// cut returns the line without the marker of the container. It is false if the line is not in
// the container.
func (c container) cut(line string) (rest string, ok bool) {
	switch {
	case c.width == 0:
		return cutQuoteMarker(line)
	case strings.TrimSpace(line) == "":
		return "", true
	}
	return cutIndent(line, c.width)
}

// linePrefix returns the beginning of a line that is in the containers. In the first line of a
// text, list items get their markers again if only indentation would make the line code.
func linePrefix(in []container, first bool) string {
	var b strings.Builder
	for i := 0; i < len(in); {
		if in[i].width == 0 {
			b.WriteString(in[i].marker)
			i++
			continue
		}
		width, markers := 0, ""
		for ; i < len(in) && in[i].width > 0; i++ {
			width += in[i].width
			markers += strings.TrimLeft(in[i].marker, " ")
		}
		if first && width >= 4 {
			b.WriteString(markers)
		} else {
			b.WriteString(strings.Repeat(" ", width))
		}
	}
	return b.String()
}

// cutContainer returns the container that a line opens, and the line without its marker.
// interrupts says that the line would otherwise continue a paragraph, which only some
// containers interrupt.
// https://spec.commonmark.org/0.31.2/#list-items
func cutContainer(line string, interrupts bool) (c container, rest string, ok bool) {
	if rest, ok = cutQuoteMarker(line); ok {
		return container{marker: "> "}, rest, true
	}
	indent := indentOf(line)
	body := strings.TrimLeft(line, " ")
	if indent > 3 || body == "" || len(line)-len(body) != indent || isBreak(body) {
		return c, line, false
	}
	size := 1
	if strings.IndexByte("-+*", body[0]) < 0 {
		size = len(body) - len(strings.TrimLeft(body, "0123456789")) + 1
		if size < 2 || size > 10 || size > len(body) || strings.IndexByte(".)", body[size-1]) < 0 || interrupts && body[:size-1] != "1" {
			return c, line, false
		}
	}
	rest = body[size:]
	blank := strings.TrimSpace(rest) == ""
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' || blank && interrupts {
		return c, line, false
	}
	spaces := indentOf(rest)
	if blank || spaces > 4 {
		spaces = 1
	}
	rest, _ = cutIndent(rest, spaces)
	return container{marker: body[:size] + strings.Repeat(" ", spaces), width: indent + size + spaces}, rest, true
}

func cutQuoteMarker(line string) (string, bool) {
	body := strings.TrimLeft(line, " ")
	rest, ok := strings.CutPrefix(body, ">")
	if !ok || len(line)-len(body) > 3 {
		return line, false
	}
	return strings.TrimPrefix(rest, " "), true
}

// indentOf returns the indentation of a line in columns. There is a tab stop at every fourth
// column.
func indentOf(line string) int {
	column := 0
	for i := range len(line) {
		switch line[i] {
		case ' ':
			column++
		case '\t':
			column += 4 - column%4
		default:
			return column
		}
	}
	return column
}

// cutIndent returns the line without width columns of its indentation. It is false if the
// indentation is smaller.
func cutIndent(line string, width int) (string, bool) {
	column := 0
	for i := range len(line) {
		if column >= width {
			return strings.Repeat(" ", column-width) + line[i:], true
		}
		switch line[i] {
		case ' ':
			column++
		case '\t':
			column += 4 - column%4
		default:
			return line, false
		}
	}
	return "", column >= width
}

// isText reports whether a line is text, and not a fence, heading or thematic break.
func isText(line string) bool {
	body := strings.TrimLeft(line, " ")
	if len(line)-len(body) > 3 {
		return true
	}
	marks := len(body) - len(strings.TrimLeft(body, "#"))
	heading := marks > 0 && marks < 7 && (len(body) == marks || body[marks] == ' ' || body[marks] == '\t')
	return !heading && !isBreak(body) && fenceOf(body) == ""
}

func isBreak(line string) bool {
	line = strings.TrimLeft(line, " ")
	if line == "" || strings.IndexByte("-*_", line[0]) < 0 {
		return false
	}
	n := 0
	for i := range len(line) {
		switch line[i] {
		case line[0]:
			n++
		case ' ', '\t':
		default:
			return false
		}
	}
	return n >= 3
}

// isUnderline reports whether a line makes the paragraph above it a heading.
func isUnderline(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && (strings.Trim(line, "=") == "" || strings.Trim(line, "-") == "")
}

// isTableRule reports whether a line is the second one of a table.
func isTableRule(line string) bool {
	return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, "|-: \t") == ""
}

// fenceOf returns the run of ` or ~ by which a line opens a code block, or "".
func fenceOf(line string) string {
	body := strings.TrimLeft(line, " ")
	if body == "" || len(line)-len(body) > 3 || body[0] != '`' && body[0] != '~' {
		return ""
	}
	marker := body[:run(body)]
	if len(marker) < 3 || marker[0] == '`' && strings.Contains(body[len(marker):], "`") {
		return ""
	}
	return marker
}

func closesFence(line, fence string) bool {
	body := strings.TrimLeft(line, " ")
	return len(line)-len(body) <= 3 && strings.HasPrefix(body, fence) && strings.Trim(body, fence[:1]+" \t") == "" &&
		strings.TrimRight(body, " \t") == body[:run(body)]
}

// run returns how often the first byte occurs in a row.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}
