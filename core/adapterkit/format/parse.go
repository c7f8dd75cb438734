package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Parse parses Markdown. In scripts without spaces, formatting may end between punctuation and
// a letter, and begin between a letter and punctuation, as in "**注意！**必ず". CommonMark does
// not allow this: https://github.com/tats-u/markdown-cjk-friendly
func Parse(source string) *markdown.Root {
	marked := markCJK(source)
	if marked == source {
		return markdown.Parse(source)
	}
	root := markdown.Parse(marked)
	unmark := func(s *string) { *s = strings.ReplaceAll(*s, cjkMark, "") }
	for n := range markdown.All(root) {
		switch n := n.(type) {
		case *markdown.Text:
			unmark(&n.Value)
		case *markdown.InlineCode:
			unmark(&n.Value)
		case *markdown.Code:
			unmark(&n.Value)
		case *markdown.HTML:
			unmark(&n.Value)
		case *markdown.Link:
			unmark(&n.URL)
		case *markdown.Image:
			unmark(&n.URL)
			unmark(&n.Alt)
		case *markdown.Definition:
			unmark(&n.URL)
		case *markdown.FootnoteReference:
			unmark(&n.Label)
		}
	}
	return root
}

// cjkMark is a punctuation character that marks the boundary next to a marker while the text is
// parsed. It is the rare TIRONIAN SIGN CAPITAL ET; a text that contains it is parsed as it is.
const cjkMark = "\u2e52"

// markCJK inserts cjkMark between markers and a letter if there is punctuation on the other side
// of the markers, and the letter or the punctuation belongs to such a script.
func markCJK(source string) string {
	if !strings.ContainsAny(source, "*_~") || strings.Contains(source, cjkMark) || strings.IndexFunc(source, func(r rune) bool { return isCJK(r) || isWidePunctuation(r) }) < 0 {
		return source
	}
	var b strings.Builder
	for at := 0; at < len(source); {
		i := strings.IndexAny(source[at:], "*~")
		if i < 0 {
			b.WriteString(source[at:])
			break
		}
		b.WriteString(source[at : at+i])
		at += i
		n := run(source[at:])
		prev, next := before(source, at), after(source, at+n)
		if isCJK(prev) && isPunctuation(next) || isAlphanumeric(prev) && isWidePunctuation(next) {
			b.WriteString(cjkMark)
		}
		b.WriteString(source[at : at+n])
		if isPunctuation(prev) && isCJK(next) || isWidePunctuation(prev) && isAlphanumeric(next) {
			b.WriteString(cjkMark)
		}
		at += n
	}
	return b.String()
}

func isCJK(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai)
}

func isPunctuation(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// isWidePunctuation reports whether a rune is punctuation of such scripts.
func isWidePunctuation(r rune) bool {
	return isPunctuation(r) && (r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF)
}
