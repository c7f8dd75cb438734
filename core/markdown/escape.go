package markdown

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// charReference returns the reference to a character. Control characters have
// none, and stay what they are.
func charReference(r rune) string {
	if validRune(r) != r {
		return string(r)
	}
	return fmt.Sprintf("&#x%X;", r)
}

// text writes literal text; rest is what follows it. Only what would be markup
// in its place is escaped.
func (p *inlinePrinter) text(value string, rest []Node) {
	for i := 0; i < len(value); {
		c := value[i]
		if p.encode || c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(value[i:])
			if p.encode {
				p.out = append(p.out, charReference(r)...)
				p.encode = false
			} else {
				p.out = append(p.out, value[i:i+size]...)
			}
			i += size
			continue
		}
		size := 1
		switch c {
		case '\n':
			p.newline()
		case ' ', '\t':
			if len(p.out) == 0 || p.atLineStart() {
				p.out = append(p.out, charReference(rune(c))...)
			} else {
				p.out = append(p.out, c)
			}
		case '_', '~':
			size = runLength(value, i)
			escape := p.escapesRun(value, i, size)
			for range size {
				if escape {
					p.out = append(p.out, '\\')
				}
				p.out = append(p.out, c)
			}
		default:
			if isPunct(c) && p.escapes(value, i, rest) {
				p.out = append(p.out, '\\')
			}
			p.out = append(p.out, c)
		}
		i += size
		p.afterReference = false
	}
}

func (p *inlinePrinter) newline() {
	last, size := p.lastRune()
	if p.oneLine || size == 0 || last == '\n' {
		p.out = append(p.out, charReference('\n')...)
		return
	}
	if last == ' ' || last == '\t' {
		p.splice(len(p.out)-1, 1, charReference(last))
	}
	p.out = append(p.out, '\n')
}

// atLineStart reports whether what is written next begins a line, so that it
// may begin a block.
func (p *inlinePrinter) atLineStart() bool {
	if len(p.out) == 0 {
		return !p.oneLine && !p.task
	}
	return p.out[len(p.out)-1] == '\n'
}

// escapesRun reports whether a run of underscores or tildes needs escapes. It
// needs none in a word, if it is underscores, or between white space.
func (p *inlinePrinter) escapesRun(value string, i, size int) bool {
	if i+size == len(value) || p.atLineStart() {
		return true
	}
	r, _ := p.lastRune()
	next, _ := utf8.DecodeRuneInString(value[i+size:])
	before, after := classify(r), classify(next)
	return before != after || before == punctClass || before == otherClass && value[i] == '~'
}

// escapes reports whether the punctuation at i needs an escape.
func (p *inlinePrinter) escapes(value string, i int, rest []Node) bool {
	c, next := value[i], byte('\n')
	if i+1 < len(value) {
		next = value[i+1]
	}
	end := i+1 == len(value)
	switch c {
	case '\\', '`', '[':
		return true
	case ']':
		return p.links > 0
	case '*':
		r, _ := p.lastRune()
		return end || classify(r) != spaceClass || !isWhite(next) || p.atLineStart()
	case '!':
		if !end || len(rest) == 0 {
			return false
		}
		switch rest[0].(type) {
		case *Link, *LinkReference, *FootnoteReference:
			return true
		}
		return false
	case '<':
		return end || isLetter(next) || next == '/' || next == '!' || next == '?'
	case '&':
		_, size := characterReference(value[i:])
		return size > 0
	case '(':
		return p.afterReference
	case '|':
		return p.cell || p.atLineStart() && (isWhite(next) || next == '-' || next == ':' || next == '|')
	case ':':
		return p.afterReference || p.atLineStart() && next == '-' ||
			p.links == 0 && strings.HasPrefix(value[i:], "://") && endsWithProtocol(value[:i])
	case '@':
		return p.links == 0 && i > 0 && isAtext(value[i-1]) && isAtext(next)
	case '.':
		if p.links == 0 && i >= 3 && hasPrefixFold(value[i-3:], "www.") && (i == 3 || !isAlnum(value[i-4])) {
			return true
		}
		return isWhite(next) && p.afterNumber()
	case ')':
		return isWhite(next) && p.afterNumber()
	}
	return p.atLineStart() && startsBlock(value[i:])
}

func endsWithProtocol(s string) bool {
	lower := strings.ToLower(s[max(0, len(s)-len("https")):])
	return strings.HasSuffix(lower, "http") || lower == "https"
}

// startsBlock reports whether a line of this text would begin a block, or
// underline one, by its first byte.
func startsBlock(line string) bool {
	next := byte('\n')
	if len(line) > 1 {
		next = line[1]
	}
	switch line[0] {
	case '#':
		after := strings.TrimLeft(line, "#")
		return after == "" || isWhite(after[0])
	case '>':
		return true
	case '+':
		return isWhite(next)
	case '-':
		return isWhite(next) || next == '-' || next == '|' || next == ':'
	case '=':
		return isWhite(next) || next == '='
	}
	return false
}

// afterNumber reports whether only a number stands before in the line.
func (p *inlinePrinter) afterNumber() bool {
	start := len(p.out)
	for start > 0 && isDigit(p.out[start-1]) && len(p.out)-start < 10 {
		start--
	}
	digits := len(p.out) - start
	if digits == 0 || digits > 9 {
		return false
	}
	if start == 0 {
		return !p.oneLine && !p.task
	}
	return p.out[start-1] == '\n'
}

// escapeString writes a text that has no markup but escapes and references:
// bytes for which encode is true become references.
func escapeString(s string, encode func(byte) bool) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case encode(c):
			b.WriteString(charReference(rune(c)))
			continue
		case c == '\\':
			b.WriteByte('\\')
		case c == '&':
			if _, size := characterReference(s[i:]); size > 0 {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// linkURL returns a destination. An empty one must be written if it is not the
// last thing in its parentheses.
func linkURL(url string, last bool) string {
	if url == "" {
		if last {
			return ""
		}
		return "<>"
	}
	text := escapeString(url, func(c byte) bool { return c == '\n' })
	depth, balanced, plain := 0, true, url[0] != '<'
	for i := range len(url) {
		switch c := url[i]; {
		case c <= ' ' || c == 0x7f:
			plain = false
		case c == '(':
			depth++
			balanced = balanced && depth <= maxParens
		case c == ')':
			depth--
			balanced = balanced && depth >= 0
		}
	}
	if plain && balanced && depth == 0 {
		return text
	}
	return "<" + strings.NewReplacer("<", `\<`, ">", `\>`).Replace(text) + ">"
}

// linkTitle returns a title with the space before it; nothing for an empty
// one.
func linkTitle(title string) string {
	if title == "" {
		return ""
	}
	text := escapeString(title, func(c byte) bool { return c == '\n' })
	return ` "` + strings.ReplaceAll(text, `"`, `\"`) + `"`
}

// escapePipes escapes the pipes in a source text that are not escaped yet.
func escapePipes(s string) string {
	if strings.IndexByte(s, '|') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) {
				b.WriteByte(s[i])
				i++
			}
		case '|':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// sourceLabel returns a text that reads as the label and is found by the
// identifier. An identifier keeps the escapes of the source it came from, a
// label does not.
func sourceLabel(id, label string) string {
	fits := func(source string) bool {
		return unescape(source) == label && (id == "" || identifier(source) == id)
	}
	if label == "" {
		label = unescape(id)
	}
	bracketed := func(source string) bool {
		return labelSize("["+source+"]") == len(source)+2
	}
	for _, source := range []string{label, realign(id, label)} {
		if bracketed(source) && fits(source) {
			return source
		}
	}
	if bracketed(id) && unescape(id) != label && strings.EqualFold(unescape(id), label) {
		return id
	}
	escaped := escapeString(label, func(byte) bool { return false })
	return strings.NewReplacer("[", `\[`, "]", `\]`).Replace(escaped)
}

// realign gives a label the escapes and references that its identifier has.
func realign(id, label string) string {
	var b strings.Builder
	for id != "" && label != "" {
		if id[0] == '&' {
			if value, size := characterReference(id); size > 0 && strings.HasPrefix(label, value) {
				b.WriteString(id[:size])
				id, label = id[size:], label[len(value):]
				continue
			}
		}
		if isWhite(label[0]) { // of which the identifier has one space, or none
			n := skipWhite(label, 0)
			b.WriteString(label[:n])
			label = label[n:]
			id = strings.TrimPrefix(id, " ")
			continue
		}
		if id[0] == '\\' && len(id) > 1 && isPunct(id[1]) {
			if label[0] != id[1] {
				return ""
			}
			b.WriteString(id[:2])
			id, label = id[2:], label[1:]
			continue
		}
		_, size := utf8.DecodeRuneInString(label)
		b.WriteString(label[:size])
		label = label[size:]
		_, size = utf8.DecodeRuneInString(id)
		id = id[size:]
	}
	return b.String() + label
}
