package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// SplitMarkdown splits Markdown into parts of at most so many characters, each of
// which reads by itself as its place in the whole does. count says what a rune
// counts, for example 2 for an emoji in UTF-16; no rune may count more than most.
//
// It cuts between blocks if it can, else between lines, else between words or
// after the punctuation of scripts without spaces, else between graphemes. What is
// cut is closed and opened again: a fenced code block with its info string, a
// table with its head, bold, italics, strikethrough and long code spans with their
// markers, a quote with its ">". A list item goes on indented, or with its marker
// again where indentation alone would be code. Links, images, short code spans,
// addresses, mentions in angle brackets, entities and escapes stay whole, as long
// as they fit.
//
// Nothing is lost but the white space at the cuts; what is no UTF-8 becomes U+FFFD.
// What would need more than three quarters of a part to be opened again is cut without
// it. A link by reference works only in the part that has its definition. For a given
// limit the time grows linearly with the text.
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

// SplitText splits plain text, likewise: between lines if it can, else between
// words, else between graphemes. Nothing is lost but the white space at the cuts.
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

// ShortenMarkdown cuts Markdown that is too long, marks it with "…", and leaves
// nothing in it that is cut in two or stays open.
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
	if Length(part, count)+lineEnd+mark > most { // nothing may stand after the end of a code block
		part, _ = cutMarkdown(text, most-mark-lineEnd, count)
	}
	return part + "\n…"
}

// CutGrowing cuts Markdown that is still being written and must go on in another
// part. The first fixed bytes can not be changed any more: the first part begins
// with them. It cuts as SplitMarkdown does, if it can do so after them, else right
// there. Bold and the like that nothing has closed is taken to be closed later on.
// The first part may be longer than most by what closes it. The text is UTF-8, and
// fixed lies between two of its characters.
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
	at := fixed // where the line begins that goes on in the rest
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

// CutBetweenWords is CutGrowing, if there is a place for it after what is fixed
// that tears neither words nor markup.
func CutBetweenWords(text string, fixed, most int, count Unit) (part, rest string, ok bool) {
	c := cutter{text: text, most: most, count: count, room: len(headBy(text, most, count)), growing: true, words: true}
	if c.room <= fixed {
		return "", "", false
	}
	part, rest, ok = c.search(fixed, max(fixed, c.room/4))
	return part, rest, ok && strings.HasPrefix(part, text[:fixed])
}

// cutter looks for the place where a text is cut.
type cutter struct {
	text    string
	most    int
	count   Unit
	room    int  // how much of the text would fit, in bytes
	growing bool // more of the text may come
	words   bool // no word is cut
	forced  bool // the cut is where it is, whatever follows from it
}

// cutMarkdown returns the first part and the rest, which is shorter than the
// text. The text must be too long for one part.
func cutMarkdown(text string, most int, count Unit) (part, rest string) {
	c := cutter{text: text, most: most, count: count, room: max(len(headBy(text, most, count)), firstRune(text))}
	if part, rest, ok := c.search(0, c.room/4); ok {
		return part, rest
	}
	at := lastGrapheme(text, c.room) // nothing is seen to
	if line := strings.LastIndexByte(text[:c.room], '\n') + 1; line > c.room/4 {
		at = line
	} else if word := lastWord(text[:c.room], c.room/4); word > 0 {
		at = word
	}
	return strings.TrimRight(text[:at], " \t\n"), text[at:]
}

// search looks for the best place after first, and rather after least.
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
	const tries = 8 // lines that a cut before them, or its markers, did not help
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

// place is the beginning of a line, and what came before it.
type place struct {
	at        int
	end       int  // where the last line before it ends that is not blank
	paragraph int  // where the paragraph begins that the line above is in, or at
	blank     bool // the line above is blank
	opened    bool // the line above opened a code block or ended the head of a table
	before    lineScanner
}

// lines returns the beginnings of the lines that could begin the rest, and that of
// the last line that begins in the room.
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

// atLine cuts before a line: between two blocks, or anywhere.
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

// withoutBreak returns a text without the backslash that would break the line after it,
// and that means itself where no line follows.
// https://spec.commonmark.org/0.31.2/#hard-line-breaks
func withoutBreak(text string) string {
	if slashes := len(text) - len(strings.TrimRight(text, `\`)); slashes%2 == 1 {
		return strings.TrimRight(text[:len(text)-1], " \t")
	}
	return text
}

// afterBlank moves a place to the first line that is not blank.
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

// inLine cuts the last line where find says.
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

// fence returns what ends the open code block, and what opens it again.
func (c *cutter) fence(p place) (closing, reopening string) {
	in := p.before.containers
	return "\n" + linePrefix(in, false) + p.before.fence, linePrefix(in, true) + p.before.opening + "\n"
}

// head returns the head of the open table.
func (c *cutter) head(p place) string {
	in := p.before.containers
	return linePrefix(in, true) + p.before.head[0] + "\n" + linePrefix(in, false) + p.before.head[1] + "\n"
}

// spans returns those of the paragraph that begins at start and has the place in
// it.
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

// join returns the two parts, if that gets anywhere, the first one is not too long,
// and the second one repeats not too much of it.
func (c *cutter) join(part, rest string, at int) (string, string, bool) {
	ok := len(rest) < len(c.text) && len(rest)-(len(c.text)-at) <= at*3/4 && len(headBy(part, c.most, c.count)) == len(part)
	return part, rest, ok || c.forced
}

// lastWord returns the last place in a text where a word begins, or a place
// after such punctuation as is not followed by a space; at most least if there is
// none.
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
