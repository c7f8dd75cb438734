package format

import (
	"slices"
	"strings"
)

// maxUnsettled is how many bytes at the end of a text are held back at most.
const maxUnsettled = 1 << 10

// Settled returns how many bytes of unfinished Markdown can be shown. White space, markers,
// links, code spans and addresses at its end are not counted, because following text may change
// them. In code and tables only whole lines are counted.
func Settled(text string) int {
	end := settledEnd(text)
	if len(text)-end > maxUnsettled {
		return len(text)
	}
	return end
}

func settledEnd(text string) int {
	var lines lineScanner
	paragraph, above, at := 0, 0, 0
	for {
		size := strings.IndexByte(text[at:], '\n')
		if size < 0 {
			break
		}
		lines.next(text[at : at+size])
		next := at + size + 1
		switch {
		case !lines.paragraph:
			paragraph = next
		case lines.begun:
			paragraph = at
		}
		above, at = at, next
	}
	l := lines.look(text[at:])
	switch {
	case l.code:
		return len(strings.TrimRight(text[:at], "\n"))
	case lines.head == nil && lines.paragraph && strings.Contains(lines.above, "|") && strings.Trim(l.content, "|-: \t") == "": // the rule of a table may follow
		return len(strings.TrimRight(text[:above], "\n"))
	case strings.HasPrefix(strings.TrimLeft(l.content, " "), "|"):
		return len(strings.TrimRight(text[:at], "\n"))
	}
	if !l.continues {
		paragraph = at
	}
	const margin = " \t\n*_~`&<[!"
	end := len(strings.TrimRight(text, margin))
	if end > paragraph {
		s := spanScanner{text: text[paragraph:end], unclosed: map[int]bool{}}
		for at := 0; at < len(s.text); {
			at += s.step(at)
		}
		if first := s.unsettled(); first >= 0 {
			end = len(strings.TrimRight(text[:paragraph+first], margin))
		}
	}
	return end
}

// unsettled returns the position of the first unfinished span, or -1.
func (s *spanScanner) unsettled() int {
	first := -1
	begin := func(at int) {
		if first < 0 || at < first {
			first = at
		}
	}
	if len(s.brackets) > 0 {
		begin(s.brackets[0])
	}
	for _, m := range s.open {
		if m.marker[0] == '`' {
			begin(m.start)
		}
	}
	if at := strings.LastIndex(s.text, "]("); at >= 0 && linkTargetLen(s.text[at+1:]) == 0 {
		if start := strings.LastIndexByte(s.text[:at], '['); start >= 0 {
			begin(start)
		}
	}
	if strings.HasSuffix(s.text, "]") {
		if start := strings.LastIndexByte(s.text, '['); start >= 0 {
			begin(start)
		}
	}
	if at := strings.LastIndexAny(s.text, "<>\n"); at >= 0 && s.text[at] == '<' {
		begin(at)
	}
	if at := strings.LastIndexAny(s.text, "&; \n"); at >= 0 && s.text[at] == '&' && len(s.text)-at < 34 {
		begin(at)
	}
	if at := strings.LastIndex(s.text, "http"); at >= 0 && !strings.ContainsAny(s.text[at:], " \n") && !s.isInside(at) {
		begin(at)
	}
	return first
}

// isInside reports whether a position is inside of a finished span, such as a link.
func (s *spanScanner) isInside(at int) bool {
	return slices.ContainsFunc(s.whole, func(w span) bool { return w.start < at && at < w.end })
}
