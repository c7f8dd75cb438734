package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// SplitMarkdown splits Markdown into parts with a length of at most most. Each part is complete
// Markdown, and is shown as it would be in the whole. count is the [Unit] of the length, such
// as [UTF16], in which an emoji has the length 2. No rune may be longer than most.
//
// It cuts between blocks if it can, else between lines, else between words or after the
// punctuation of scripts without spaces, and else between graphemes. Formatting that is open
// at a cut is closed there, and opened again in the next part: a fenced code block with its
// info string, a table with its head, a quote with its ">", and bold, italics, strikethrough
// and long code spans with their markers. A list item is continued with indentation, or with
// its marker if indentation would make it code. Links, images, short code spans, addresses,
// mentions in angle brackets, entities and escapes are not divided, unless they are longer
// than a part.
//
// Only white space at the cuts is lost. Bytes that are not UTF-8 become U+FFFD. Formatting whose
// opening would take more than three quarters of a part is not opened again. A link by
// reference works only in the part with its definition. For a given limit the time grows
// linearly with the text.
func SplitMarkdown(text string, most int, count Unit) []string {
	text = validUTF8(text)
	var parts []string
	for len(headBy(text, most, count)) < len(text) {
		part, rest := cutMarkdown(text, most, count)
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
		text = rest
	}
	if strings.TrimSpace(text) != "" || len(parts) == 0 {
		parts = append(parts, text)
	}
	return parts
}

// SplitText splits plain text into parts with a length of at most most. It cuts between lines if
// it can, else between words, and else between graphemes. Only white space at the cuts is
// lost. Blank parts are left out.
func SplitText(text string, most int, count Unit) []string {
	text = validUTF8(text)
	var parts []string
	for {
		room := headBy(text, most, count)
		if len(room) == len(text) {
			break
		}
		at := strings.LastIndexByte(room, '\n') + 1
		if at <= len(room)/4 {
			at = max(at, lastWord(room, 0))
		}
		if at == 0 || strings.TrimSpace(room[:at]) == "" {
			at = lastGrapheme(text, len(room))
		}
		if part := strings.TrimRight(text[:at], " \n"); strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
		text = text[at:]
	}
	if strings.TrimSpace(text) != "" {
		parts = append(parts, text)
	}
	return parts
}

// ShortenMarkdown returns Markdown that is longer than most cut to that length, with "…" at its
// end. No link or code span is divided, and formatting that is open at the cut is closed.
func ShortenMarkdown(text string, most int, count Unit) string {
	text = validUTF8(text)
	if Length(text, count) <= most {
		return text
	}
	mark, lineEnd := count('…'), count('\n')
	part, _ := cutMarkdown(text, most-mark, count)
	if !strings.HasSuffix(part, "```") && !strings.HasSuffix(part, "~~~") {
		return part + "…"
	}
	if Length(part, count)+lineEnd+mark > most { // the line that closes a code block has nothing else
		part, _ = cutMarkdown(text, most-mark-lineEnd, count)
	}
	return part + "\n…"
}

// CutGrowing cuts Markdown that is still being written and must be continued in another part.
// The first fixed bytes are already shown and cannot change, so the first part begins with
// them. It cuts as SplitMarkdown does if it can do so after these bytes, and else directly
// after them. Open formatting is treated as if following text closed it. The first part may
// be longer than most, by the text that closes its formatting. The text must be UTF-8, and
// fixed must be a position between two of its characters.
func CutGrowing(text string, fixed, most int, count Unit) (part, rest string) {
	if part, rest, ok := CutBetweenWords(text, fixed, most, count); ok {
		return part, rest
	}
	c := cutter{text: text, most: most, count: count, room: len(headBy(text, most, count)), growing: true}
	if c.room > fixed {
		if part, rest, ok := c.search(fixed, max(fixed, c.room/4)); ok && strings.HasPrefix(part, text[:fixed]) {
			return part, rest
		}
	}
	c.forced = true
	at := fixed // the beginning of the line that is continued in the rest
	if gap := len(text[fixed:]) - len(strings.TrimLeft(text[fixed:], " \t")); strings.HasPrefix(text[fixed+gap:], "\n") {
		at = fixed + gap + 1
	}
	c.room = at
	if _, p := c.lines(); p.at == at {
		if part, rest, ok := c.atLine(p, false); ok && strings.HasPrefix(part, text[:fixed]) {
			return part, rest
		} else if ok {
			return text[:fixed], rest
		}
	} else if part, rest, ok := c.inLine(p, p.at, func(string, int) int { return fixed }); ok && strings.HasPrefix(part, text[:fixed]) {
		return part, rest
	}
	return text[:fixed], text[fixed:]
}

// CutBetweenWords cuts as CutGrowing does. It returns false if it cannot cut after the fixed
// bytes without dividing a word or markup.
func CutBetweenWords(text string, fixed, most int, count Unit) (part, rest string, ok bool) {
	c := cutter{text: text, most: most, count: count, room: len(headBy(text, most, count)), growing: true, words: true}
	if c.room <= fixed {
		return "", "", false
	}
	part, rest, ok = c.search(fixed, max(fixed, c.room/4))
	return part, rest, ok && strings.HasPrefix(part, text[:fixed])
}

// cutter finds the position at which a text is cut.
type cutter struct {
	text    string
	most    int
	count   Unit
	room    int  // how much of the text would fit, in bytes
	growing bool // whether the text may become longer
	words   bool // whether no word may be divided
	forced  bool // whether the position is fixed, even if the parts become worse
}

// cutMarkdown returns the first part and the rest, which is shorter than the
// text. The text must be too long for one part.
func cutMarkdown(text string, most int, count Unit) (part, rest string) {
	c := cutter{text: text, most: most, count: count, room: max(len(headBy(text, most, count)), firstRune(text))}
	if part, rest, ok := c.search(0, c.room/4); ok {
		return part, rest
	}
	at := lastGrapheme(text, c.room) // without regard to markup
	if line := strings.LastIndexByte(text[:c.room], '\n') + 1; line > c.room/4 {
		at = line
	} else if word := lastWord(text[:c.room], c.room/4); word > 0 {
		at = word
	}
	return strings.TrimRight(text[:at], " \t\n"), text[at:]
}

// search finds the best position after first, and if possible after least.
func (c *cutter) search(first, least int) (part, rest string, ok bool) {
	lines, last := c.lines()
	for _, block := range []bool{true, false} {
		for i := len(lines) - 1; i >= 0 && lines[i].at > least; i-- {
			if part, rest, ok := c.atLine(lines[i], block); ok {
				return part, rest, true
			}
		}
	}
	if part, rest, ok := c.inLine(last, least, lastWord); ok {
		return part, rest, true
	}
	for i := len(lines) - 1; i >= 0 && lines[i].at > first; i-- {
		if part, rest, ok := c.atLine(lines[i], false); ok {
			return part, rest, true
		}
	}
	grapheme := func(room string, _ int) int { return lastGrapheme(c.text, len(room)) }
	const tries = 8 // how many lines are tried before the search ends
	inside := append([]place{{}}, append(lines, last)...)
	inside = inside[max(0, len(inside)-tries):]
	finds := []func(string, int) int{lastWord, grapheme}
	if c.words {
		finds = finds[:1]
	}
	for _, find := range finds {
		for _, p := range slices.Backward(inside) {
			if part, rest, ok := c.inLine(p, first, find); ok {
				return part, rest, true
			}
		}
	}
	return "", "", false
}

// place is the beginning of a line, with the state of the lines before it.
type place struct {
	at        int
	end       int  // where the last line before it ends that is not blank
	paragraph int  // where the paragraph of the line above begins, or at
	blank     bool // whether the line above is blank
	opened    bool // whether the line above opened a code block or ended the head of a table
	before    lineScanner
}

// lines returns the beginnings of the lines that could begin the rest, and the beginning of the
// last line that begins in the room.
func (c *cutter) lines() (all []place, last place) {
	end := len(strings.TrimRight(c.text, " \t\n"))
	for {
		size := strings.IndexByte(c.text[last.at:c.room], '\n')
		if size < 0 {
			return all, last
		}
		line := c.text[last.at : last.at+size]
		next := place{at: last.at + size + 1, end: last.at + size, paragraph: last.paragraph, before: last.before}
		if last.before.look(line).isBlank() {
			next.blank, next.end = true, last.end
		}
		next.before.next(line)
		next.opened = next.before.fence != "" && last.before.fence == "" || next.before.head != nil && last.before.head == nil
		switch {
		case !next.before.paragraph:
			next.paragraph = next.at
		case next.before.begun:
			next.paragraph = last.at
		}
		if last = next; next.at < end {
			all = append(all, next)
		}
	}
}

// atLine cuts before a line. block says that it must be the beginning of a block.
func (c *cutter) atLine(p place, block bool) (part, rest string, ok bool) {
	if p.opened && !c.forced || block && (!p.blank || p.before.fence != "") {
		return "", "", false
	}
	if p.before.fence != "" {
		if line, _, _ := strings.Cut(c.text[p.at:], "\n"); p.before.look(line).fenced {
			closing, reopening := c.fence(p)
			return c.join(strings.TrimSuffix(c.text[:p.at], "\n")+closing, reopening+c.text[p.at:], p.at)
		}
	}
	end := p.end
	line, l := c.afterBlank(&p)
	closing, markers, from := "", "", p.at
	if l.continues {
		if isTableRule(l.content) || isUnderline(l.content) {
			return "", "", false
		}
		s := c.spans(p.paragraph, p.at)
		if !s.isWhole(p.at - p.paragraph) {
			return "", "", false
		}
		closing, markers = s.at(p.at - p.paragraph)
	}
	prefix := linePrefix(l.in[:l.continued], true)
	switch {
	case p.before.head != nil && l.continued == len(l.in):
		prefix = c.head(p)
	case (markers != "" || l.lazy || prefix != linePrefix(l.in[:l.continued], false)) && strings.HasSuffix(line, l.after):
		from += len(line) - len(l.after)
		if markers != "" {
			from += len(l.after) - len(strings.TrimLeft(l.after, " \t"))
		}
		prefix += markers
	default:
		prefix, closing = "", ""
	}
	head := strings.TrimRight(c.text[:end], " \t")
	if l.continues && !strings.Contains(closing, "`") {
		head = withoutBreak(head)
	}
	return c.join(head+closing, prefix+c.text[from:], p.at)
}

// withoutBreak returns a text without a backslash at its end. Before another line it is a hard
// line break, but at the end of a part it would be shown.
// https://spec.commonmark.org/0.31.2/#hard-line-breaks
func withoutBreak(text string) string {
	if slashes := len(text) - len(strings.TrimRight(text, `\`)); slashes%2 == 1 {
		return strings.TrimRight(text[:len(text)-1], " \t")
	}
	return text
}

// afterBlank moves a place to the next line that is not blank.
func (c *cutter) afterBlank(p *place) (string, scannedLine) {
	for {
		line, _, more := strings.Cut(c.text[p.at:], "\n")
		l := p.before.look(line)
		if !l.isBlank() || !more {
			return line, l
		}
		p.before.next(line)
		p.at += len(line) + 1
	}
}

// inLine cuts the last line at the position that find returns.
func (c *cutter) inLine(p place, least int, find func(room string, least int) int) (part, rest string, ok bool) {
	line, _, _ := strings.Cut(c.text[p.at:], "\n")
	l := p.before.look(line)
	least = max(least, p.at+len(line)-len(l.content))
	start := p.at
	if l.continues {
		start = p.paragraph
	}
	var s spans
	if !l.code {
		s = c.spans(start, min(c.room, p.at+len(line)))
	}
	for room := min(c.room, p.at+len(line)); room > least; {
		at := find(c.text[:room], least)
		if at <= least || at > room {
			break
		}
		room = at - 1
		if !s.isWhole(at - start) {
			continue
		}
		head, tail := c.text[:at], c.text[at:]
		if !l.code {
			head, tail = strings.TrimRight(head, " \t"), strings.TrimLeft(tail, " \t")
		}
		closing, reopening := s.at(at - start)
		switch {
		case l.fenced && closesFence(l.content, p.before.fence):
		case l.fenced:
			closing, reopening = c.fence(p)
		case p.before.head != nil && l.continued == len(l.in):
			closing, reopening = "", c.head(p)
		case l.code:
			reopening = linePrefix(l.in, true) + "    "
		default:
			reopening = strings.TrimLeft(linePrefix(l.in, true), " ") + reopening
		}
		if part, rest, ok := c.join(head+closing, reopening+tail, at); ok {
			return part, rest, true
		}
	}
	return "", "", false
}

// fence returns the line that closes the open code block, and the line that opens it again.
func (c *cutter) fence(p place) (closing, reopening string) {
	in := p.before.containers
	return "\n" + linePrefix(in, false) + p.before.fence, linePrefix(in, true) + p.before.opening + "\n"
}

// head returns the head of the open table.
func (c *cutter) head(p place) string {
	in := p.before.containers
	return linePrefix(in, true) + p.before.head[0] + "\n" + linePrefix(in, false) + p.before.head[1] + "\n"
}

// spans returns the spans of the paragraph that begins at start and contains the position.
func (c *cutter) spans(start, place int) spans {
	end := len(c.text)
	if i := strings.Index(c.text[place:], "\n\n"); i >= 0 {
		end = place + i
	}
	s := scanSpans(c.text[start:min(end, max(place, start)+4*maxSpan)])
	if c.growing && end == len(c.text) {
		s.assumeClosed(c.text[start:end])
	}
	return s
}

// join returns the two parts. It is false if the rest is not shorter, the first part is too
// long, or the second one repeats too much of it.
func (c *cutter) join(part, rest string, at int) (string, string, bool) {
	ok := len(rest) < len(c.text) && len(rest)-(len(c.text)-at) <= at*3/4 && len(headBy(part, c.most, c.count)) == len(part)
	return part, rest, ok || c.forced
}

// lastWord returns the last position in a text at which a word begins, or which follows the
// punctuation of a script without spaces. It is at most least if there is none.
func lastWord(text string, least int) int {
	for at := len(text); at > least; {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if r == ' ' || r == '\t' || strings.ContainsRune("。、，！？；：", r) {
			return at
		}
		at -= size
	}
	return 0
}
