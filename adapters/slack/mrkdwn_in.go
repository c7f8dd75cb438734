package slack

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Slack's own markup. https://docs.slack.dev/messaging/formatting-message-text
const fence = "```"

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// emojiName is a short name in a text, with a skin tone.
var emojiName = regexp.MustCompile(`:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:`)

func replaceEmoji(text string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	return emojiName.ReplaceAllStringFunc(text, func(s string) string { return knownEmoji(s[1 : len(s)-1]) })
}

// mrkdwn returns the blocks of a text in Slack's markup. Its time grows linearly
// with the text.
func (r *reader) mrkdwn(text string) []markdown.Node {
	var out []markdown.Node
	for text != "" {
		before, rest, ok := strings.Cut(text, fence)
		code, after, closed := strings.Cut(rest, fence)
		if !ok || !closed {
			return append(out, r.lines(text)...)
		}
		out = append(out, r.lines(before)...)
		if code = strings.Trim(code, "\n"); code != "" {
			out = append(out, markdown.NewCode("", literal(code)))
		}
		text = after
	}
	return out
}

// lines returns the paragraphs and quotes of a text without code blocks.
func (r *reader) lines(text string) []markdown.Node {
	var out, run []markdown.Node
	quoted := false
	flush := func() {
		blocks := paragraphs(run)
		if run = nil; len(blocks) == 0 {
			return
		}
		if quoted {
			blocks = []markdown.Node{markdown.NewBlockquote(blocks...)}
		}
		out = append(out, blocks...)
	}
	toEnd := false // after ">>>"
	for line := range strings.Lines(text) {
		inner, isQuote := line, toEnd
		if !toEnd {
			inner, isQuote, toEnd = cutQuote(line)
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

// cutQuote removes the mark of a quote, which Slack sends escaped. Three marks
// quote everything that follows.
func cutQuote(line string) (rest string, quoted, toEnd bool) {
	marks := 0
	rest = line
	for marks < 3 {
		after, ok := strings.CutPrefix(rest, "&gt;")
		if !ok {
			if after, ok = strings.CutPrefix(rest, ">"); !ok {
				break
			}
		}
		rest = after
		marks++
	}
	switch marks {
	case 0:
		return line, false, false
	case 3:
		return strings.TrimPrefix(rest, " "), true, true
	}
	_, rest, _ = strings.Cut(line, line[:strings.IndexAny(line, ">;")+1]) // one mark only
	return strings.TrimPrefix(rest, " "), true, false
}

// span returns the content of one line. within are the marks that are open
// around it, which do not open again, so the recursion is at most three deep.
func (r *reader) span(text, within string) []markdown.Node {
	var out []markdown.Node
	start := 0 // of the text that is not yet in out
	lastTick, lastAngle := strings.LastIndexByte(text, '`'), strings.LastIndexByte(text, '>')
	var failed [256]bool // marks that are not closed in the rest
	emit := func(end int) {
		if end > start {
			out = append(out, markdown.NewText(replaceEmoji(unescape.Replace(text[start:end]))))
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
				node, length = markdown.NewInlineCode(literal(text[i+1:i+1+end])), end+2
			} else {
				failed[c] = end < 0
			}
		case (c == '*' || c == '_' || c == '~') && !failed[c] && strings.IndexByte(within, c) < 0 && opens(text, i):
			end := closing(text, i, lastTick, lastAngle)
			if end < 0 {
				failed[c] = true
				break
			}
			inner := joinTexts(r.span(text[i+1:end], within+string(c)))
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

// opens reports whether the mark at i can open: nothing that belongs to a word
// stands before it, and no space after it.
func opens(text string, i int) bool {
	if i+1 >= len(text) || isSpace(text[i+1]) || text[i+1] == text[i] {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return i == 0 || !isWordRune(before)
}

// closing returns where the mark that opened at i closes on its line, or -1.
// Marks within code and angle brackets are none; lastTick and lastAngle are where
// the last of these close.
func closing(text string, i, lastTick, lastAngle int) int {
	mark := text[i]
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
		case mark:
			after, _ := utf8.DecodeRuneInString(text[j+1:])
			if j > i+1 && !isSpace(text[j-1]) && (j+1 == len(text) || !isWordRune(after)) {
				return j
			}
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// angle returns what "<…>" at the beginning of the text stands for, and how long
// it is; 0 if it stands for nothing.
func (r *reader) angle(text string) (markdown.Node, int) {
	end := strings.IndexAny(text[1:], "<>\n") + 1
	if end <= 1 || text[end] != '>' {
		return nil, 0
	}
	target, label, labelled := strings.Cut(text[1:end], "|")
	target, label = unescape.Replace(target), unescape.Replace(label)
	var node markdown.Node
	switch {
	case strings.HasPrefix(target, "@") && isID(target[1:]):
		node = r.userMention(target[1:], label)
	case strings.HasPrefix(target, "#") && isID(target[1:]):
		node = r.channelMention(target[1:], label)
	case strings.HasPrefix(target, "!"):
		node = special(target[1:], label)
	case strings.Contains(target, ":"): // https://…, mailto:…, tel:…
		if !labelled || label == "" {
			label = target
		}
		node = markdown.NewLink(target, markdown.NewText(replaceEmoji(label)))
	default:
		return nil, 0
	}
	return node, end + 1
}

// special returns "<!here>", "<!subteam^S1|@group>" and dates.
func special(target, label string) markdown.Node {
	name, rest, _ := strings.Cut(target, "^")
	switch name {
	case "subteam":
		if label == "" {
			label = rest
		}
		return markdown.NewText("@" + strings.TrimPrefix(label, "@"))
	case "date": // https://docs.slack.dev/messaging/formatting-message-text#date-formatting
		stamp, format, _ := strings.Cut(rest, "^")
		_, link, _ := strings.Cut(format, "^")
		if seconds, err := strconv.ParseInt(stamp, 10, 64); label == "" && err == nil {
			label = time.Unix(seconds, 0).UTC().Format(time.RFC1123)
		}
		if link != "" {
			return markdown.NewLink(link, markdown.NewText(label))
		}
		return markdown.NewText(label)
	}
	if label != "" {
		return markdown.NewText("@" + strings.TrimPrefix(label, "@"))
	}
	return markdown.NewText("@" + name)
}

var angledLink = regexp.MustCompile(`<((?:https?|mailto|tel):[^<>|\n]*)(?:\|([^<>\n]*))?>`)

// literal returns what code says: Slack escapes it and makes addresses links.
func literal(code string) string {
	code = angledLink.ReplaceAllStringFunc(code, func(s string) string {
		parts := angledLink.FindStringSubmatch(s)
		if parts[2] != "" {
			return parts[2]
		}
		return parts[1]
	})
	return unescape.Replace(code)
}
