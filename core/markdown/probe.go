package markdown

import (
	"regexp"
	"strings"
)

// maxHeld is how long, in bytes, a link or a tag may stay unfinished. What is
// longer is taken for text.
const maxHeld = 500

// probe notes what the end of a text has cut off, while the text is parsed.
// The methods may be called on nil, and then do nothing.
type probe struct {
	length int
	// hold is where the first link or tag begins that more text may complete;
	// -1 if there is none.
	hold int
	// code is where the first run of backticks stands that nothing closes; -1
	// if there is none.
	code, codeSize int
}

func newProbe(text string) *probe {
	return &probe{length: len(text), hold: -1, code: -1}
}

func (p *probe) holdAt(pos int) {
	if p.length-pos <= maxHeld && (p.hold < 0 || pos < p.hold) {
		p.hold = pos
	}
}

func (p *probe) openCode(pos, size int) {
	if p != nil && p.code < 0 {
		p.code, p.codeSize = pos, size
	}
}

// openBracket is told of a bracket that nothing closes.
func (p *probe) openBracket(pos int) {
	if p != nil {
		p.holdAt(pos)
	}
}

// noLink is told of a bracket that was closed but made no link, and of what
// follows it.
func (p *probe) noLink(b bracket, rest string) {
	if p == nil || len(rest) > maxHeld || !unfinishedTarget(rest) {
		return
	}
	pos := b.content - 1
	if b.image {
		pos--
	}
	p.holdAt(pos)
}

// unfinishedTarget reports whether more text may make a link target of what
// follows a closing bracket.
func unfinishedTarget(s string) bool {
	switch {
	case s == "":
		return true
	case s[0] == '[':
		return !strings.ContainsAny(s[1:], "[]")
	case s[0] == ':':
		return skipWhite(s, 1) == len(s)
	case s[0] != '(':
		return false
	}
	i := skipWhite(s, 1)
	if i == len(s) {
		return true
	}
	if s[i] == '<' {
		end := strings.IndexAny(s[i+1:], "<>\n")
		if end < 0 {
			return true
		}
		if s[i+1+end] != '>' {
			return false
		}
		i += end + 2
	} else {
		for i < len(s) && s[i] > ' ' && s[i] != 0x7f {
			i++
		}
	}
	title := skipWhite(s, i)
	switch {
	case title == len(s):
		return true
	case title == i || strings.IndexByte(`"'(`, s[title]) < 0:
		return false
	}
	_, end := titleSize(s, title)
	return end == 0 || skipWhite(s, end) == len(s)
}

// unfinishedTag matches the start of a tag or an autolink.
var unfinishedTag = regexp.MustCompile(`^<(?:$|[!?]` +
	`|/?[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>` + "`" + `]+))?)*` +
	`(?:\s+[A-Za-z_:][\w.:-]*\s*=\s*(?:"[^"]*|'[^']*)?)?\s*/?$` +
	`|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*$` +
	`|[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+(?:@[A-Za-z0-9.-]*)?$)`)

// noTag is told of a "<" that began neither HTML nor an autolink.
func (p *probe) noTag(pos int, text string) {
	if p != nil && len(text) <= maxHeld && unfinishedTag.MatchString(text) {
		p.holdAt(pos)
	}
}
