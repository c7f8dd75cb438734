package format

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// MrkdwnReader parses the markup of [Mrkdwn]: *bold*, _italic_, ~struck out~, `code`, code
// blocks and quotes. Its fields are for the rules of one platform. The time grows linearly
// with the text.
type MrkdwnReader struct {
	// Text unescapes text, and replaces names of emoji in it. It does not get code and
	// angle brackets. Default: text is not changed.
	Text func(text string) string
	// Code unescapes code. Default: code is not changed.
	Code func(code string) string
	// Angle returns the node for "<content>", such as a mention, or nil if it is text.
	// The content has no line ending. Default: it is text.
	Angle func(content string) markdown.Node
	// Quotes are the marks at the beginning of quoted lines. Three marks quote all
	// following lines. Default: ">".
	Quotes []string
}

const mrkdwnFence = "```"

// Read returns the blocks of a text.
func (r MrkdwnReader) Read(text string) []markdown.Node {
	var out []markdown.Node
	for text != "" {
		before, rest, ok := strings.Cut(text, mrkdwnFence)
		code, after, closed := strings.Cut(rest, mrkdwnFence)
		if !ok || !closed {
			return append(out, r.lines(text)...)
		}
		out = append(out, r.lines(before)...)
		if code = strings.Trim(code, "\n"); code != "" {
			out = append(out, markdown.NewCode("", apply(r.Code, code)))
		}
		text = after
	}
	return out
}

func apply(f func(string) string, text string) string {
	if f == nil {
		return text
	}
	return f(text)
}

// lines returns the paragraphs and quotes of a text without code blocks.
func (r *MrkdwnReader) lines(text string) []markdown.Node {
	var out, run []markdown.Node
	quoted := false
	flush := func() {
		blocks := Paragraphs(run)
		if run = nil; len(blocks) == 0 {
			return
		}
		if quoted {
			blocks = []markdown.Node{markdown.NewBlockquote(blocks...)}
		}
		out = append(out, blocks...)
	}
	toEnd := false // after three marks
	for line := range strings.Lines(text) {
		inner, isQuote := line, toEnd
		if !toEnd {
			inner, isQuote, toEnd = r.cutQuote(line)
		}
		if isQuote != quoted {
			flush()
			quoted = isQuote
		}
		run = append(run, r.span(inner, "")...)
	}
	flush()
	return out
}

// cutQuote removes the mark of a quote, or three of them.
func (r *MrkdwnReader) cutQuote(line string) (rest string, quoted, toEnd bool) {
	rest, quoted = r.cutMark(line)
	if second, ok := r.cutMark(rest); quoted && ok {
		if third, ok := r.cutMark(second); ok {
			rest, toEnd = third, true
		}
	}
	if quoted {
		rest = strings.TrimPrefix(rest, " ")
	}
	return rest, quoted, toEnd
}

func (r *MrkdwnReader) cutMark(line string) (rest string, ok bool) {
	if r.Quotes == nil {
		return strings.CutPrefix(line, ">")
	}
	for _, mark := range r.Quotes {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return rest, true
		}
	}
	return line, false
}

// Line returns the content of one line. within are the markers around it, such as "*"; they are
// text in the line.
func (r MrkdwnReader) Line(text, within string) []markdown.Node {
	return JoinTexts(r.span(text, within))
}

// span returns the content of a line. It is nested three deep at most, because each marker
// opens once.
func (r *MrkdwnReader) span(text, within string) []markdown.Node {
	var out []markdown.Node
	start := 0 // of the text that is not yet in out
	lastTick, lastAngle := strings.LastIndexByte(text, '`'), strings.LastIndexByte(text, '>')
	var failed [256]bool // markers that are not closed in the rest
	emit := func(end int) {
		if end > start {
			out = append(out, markdown.NewText(apply(r.Text, text[start:end])))
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		var node markdown.Node
		length := 0
		switch {
		case c == '<' && i < lastAngle:
			node, length = r.angle(text[i:])
		case c == '`' && !failed[c]:
			if end := strings.IndexByte(text[i+1:], '`'); end > 0 {
				node, length = markdown.NewInlineCode(apply(r.Code, text[i+1:i+1+end])), end+2
			} else {
				failed[c] = end < 0
			}
		case (c == '*' || c == '_' || c == '~') && !failed[c] && strings.IndexByte(within, c) < 0 && opens(text, i):
			end := closing(text, i, lastTick, lastAngle)
			if end < 0 {
				failed[c] = true
				break
			}
			inner := r.Line(text[i+1:end], within+string(c))
			length = end + 1 - i
			switch c {
			case '*':
				node = markdown.NewStrong(inner...)
			case '_':
				node = markdown.NewEmphasis(inner...)
			default:
				node = markdown.NewDelete(inner...)
			}
		}
		if length == 0 {
			i++
			continue
		}
		emit(i)
		out = append(out, node)
		i += length
		start = i
	}
	emit(len(text))
	return out
}

// angle returns the node for "<…>" at the beginning of the text, and its length, or 0 if it is
// text.
func (r *MrkdwnReader) angle(text string) (markdown.Node, int) {
	end := strings.IndexAny(text[1:], "<>\n") + 1
	if r.Angle == nil || end <= 1 || text[end] != '>' {
		return nil, 0
	}
	node := r.Angle(text[1:end])
	if node == nil {
		return nil, 0
	}
	return node, end + 1
}

// opens reports whether the marker at i can open formatting: no letter or digit is before it,
// and no space after it.
func opens(text string, i int) bool {
	next := after(text, i+1)
	return !isBlank(next) && next != rune(text[i]) && !isAlphanumeric(before(text, i))
}

// closing returns the position of the marker that closes the one at i in the same line, or -1.
// Markers within code and angle brackets are ignored. lastTick and lastAngle are the positions
// of the last characters that close these.
func closing(text string, i, lastTick, lastAngle int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '`':
			if j < lastTick {
				j += strings.IndexByte(text[j+1:], '`') + 1
			}
		case '<':
			if j < lastAngle {
				if skip := strings.IndexAny(text[j+1:], "<>"); text[j+1+skip] == '>' {
					j += skip + 1
				}
			}
		case text[i]:
			if j > i+1 && !isBlank(rune(text[j-1])) && !isAlphanumeric(after(text, j+1)) {
				return j
			}
		}
	}
	return -1
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }
