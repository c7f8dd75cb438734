package shown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Mrkdwn is what people see of a text with *bold*, _italic_, ~struck out~, `code`, code
// blocks and lines that begin with "> ". Markers stand in one line, at the ends of
// words. A look-alike of a marker is seen as the marker, and a no-break space as one.
// https://faq.whatsapp.com/539178204879377
func Mrkdwn(text string) *markdown.Root {
	var nodes []markdown.Node
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			nodes = append(nodes, markdown.NewCode("", strings.TrimPrefix(strings.TrimSuffix(part, "\n"), "\n")))
			continue
		}
		nodes = append(nodes, mrkdwnLines(strings.Trim(part, "\n"))...)
	}
	return markdown.NewRoot(nodes...)
}

// mrkdwnLines reads lines outside of code blocks: each stretch of quoted ones is a quote.
func mrkdwnLines(text string) []markdown.Node {
	var nodes []markdown.Node
	var lines []string
	quoted := false
	end := func() {
		if len(lines) > 0 && quoted {
			nodes = append(nodes, markdown.NewBlockquote(markdown.NewParagraph(mrkdwnInline(strings.Join(lines, "\n"))...)))
		} else if joined := strings.Trim(strings.Join(lines, "\n"), "\n"); joined != "" {
			nodes = append(nodes, markdown.NewParagraph(mrkdwnInline(joined)...))
		}
		lines = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		rest, isQuote := strings.CutPrefix(line, "> ")
		if isQuote != quoted {
			end()
		}
		quoted = isQuote
		lines = append(lines, rest)
	}
	end()
	return nodes
}

func mrkdwnInline(text string) []markdown.Node {
	var nodes []markdown.Node
	plain := 0
	for i := 0; i < len(text); i++ {
		if !strings.ContainsRune("*_~`", rune(text[i])) {
			continue
		}
		inner, ok := mrkdwnMarked(text, i)
		if !ok {
			continue
		}
		nodes = append(nodes, Lines(seen.Replace(text[plain:i]))...)
		nodes = append(nodes, mrkdwnMark(text[i], inner))
		i += len(inner) + 1
		plain = i + 1
	}
	return append(nodes, Lines(seen.Replace(text[plain:]))...)
}

// MrkdwnLookalikes are the characters that [Mrkdwn] shows as those that they stand for.
const MrkdwnLookalikes = "∗＿∼ˋ\u00a0"

// seen is what people see of characters that are no ASCII only because of what that
// would mean.
var seen = strings.NewReplacer("∗", "*", "＿", "_", "∼", "~", "ˋ", "`", "\u00a0", " ")

// mrkdwnMarked returns what stands between the marker there and the one that closes it.
func mrkdwnMarked(text string, at int) (string, bool) {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if at > 0 && isWord(before) {
		return "", false
	}
	line, _, _ := strings.Cut(text[at+1:], "\n")
	for end := range len(line) {
		if line[end] != text[at] || end == 0 {
			continue
		}
		after, _ := utf8.DecodeRuneInString(line[end+1:])
		if inner := line[:end]; strings.TrimSpace(inner) == inner && !isWord(after) {
			return inner, true
		}
	}
	return "", false
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func mrkdwnMark(marker byte, inner string) markdown.Node {
	switch marker {
	case '*':
		return markdown.NewStrong(mrkdwnInline(inner)...)
	case '_':
		return markdown.NewEmphasis(mrkdwnInline(inner)...)
	case '~':
		return markdown.NewDelete(mrkdwnInline(inner)...)
	}
	return markdown.NewInlineCode(inner)
}
