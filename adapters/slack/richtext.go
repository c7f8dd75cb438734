package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
)

// Plain text goes to Slack as the text of the message if no character of it is
// markup to Slack, else as rich text, where none is.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

// isMarkup reports whether Slack would take any of a plain text for markup, other
// than what mrkdwn escapes.
func isMarkup(text string) bool {
	if strings.ContainsAny(text, "*_~`") {
		return true
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			return true
		}
	}
	if hasTightAddress(text) {
		return true
	}
	for rest := text; ; { // :name:
		i := strings.IndexByte(rest, ':')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		name, _, ok := strings.Cut(rest, ":")
		if ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_+-'") == "" {
			return true
		}
	}
}

// hasTightAddress reports whether a web address of the text has no space around it
// where Slack would look for its end: it takes the punctuation of scripts without
// spaces, and a bar, for a part of it or for its end.
func hasTightAddress(text string) bool {
	for rest := text; ; {
		i := strings.Index(rest, "http")
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:i])
		rest = rest[i:]
		address := webAddress(rest)
		if address == "" {
			rest = rest[len("http"):]
			continue
		}
		rest = rest[len(address):]
		after, _ := utf8.DecodeRuneInString(rest)
		if strings.Contains(address, "|") || after == '|' || before == '|' || rest != "" && after >= utf8.RuneSelf || i > 0 && before >= cjk {
			return true
		}
	}
}

// richText returns plain text as rich text. Mentions, emoji and web addresses
// become elements of their own.
func (w markup) richText(text string) *slackapi.RichTextBlock {
	var elements []slackapi.RichTextSectionElement
	for s := range format.Segments(text) {
		if s.Emoji != "" {
			elements = append(elements, slackapi.NewRichTextSectionEmojiElement(strings.ToLower(w.emoji.SlackName(s.Emoji)), 0, nil))
		} else {
			elements = append(elements, textElements(s.Text)...)
		}
	}
	return slackapi.NewRichTextBlock("", slackapi.NewRichTextSection(elements...))
}

// textElements returns a text without emoji.
func textElements(text string) []slackapi.RichTextSectionElement {
	var elements []slackapi.RichTextSectionElement
	literal := 0
	flush := func(end int) {
		if literal < end {
			elements = append(elements, slackapi.NewRichTextSectionTextElement(text[literal:end], nil))
		}
	}
	for i := 0; i < len(text); {
		element, size := elementAt(text, i)
		if size == 0 {
			i++
			continue
		}
		flush(i)
		elements = append(elements, element)
		i += size
		literal = i
	}
	flush(len(text))
	return elements
}

// elementAt returns the mention or the web address at a place in a text, and its
// length there.
func elementAt(text string, at int) (slackapi.RichTextSectionElement, int) {
	if kind, id, size := mention(text[at:]); kind == '@' {
		return slackapi.NewRichTextSectionUserElement(id, nil), size
	} else if size > 0 {
		return slackapi.NewRichTextSectionChannelElement(id, nil), size
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if address := webAddress(text[at:]); address != "" && (at == 0 || !isWord(before) || before >= cjk) {
		return slackapi.NewRichTextSectionLinkElement(address, "", nil), len(address)
	}
	return nil, 0
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// webAddress returns the web address that a text begins with, or "".
func webAddress(text string) string {
	rest, ok := strings.CutPrefix(text, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "https://"); !ok {
			return ""
		}
	}
	end := strings.IndexFunc(rest, endsAddress)
	if end < 0 {
		end = len(rest)
	}
	// A bar can stand within an address, after its host, and between two.
	if bar := strings.IndexByte(rest[:end], '|'); bar >= 0 && !strings.ContainsAny(rest[:bar], "/?#") {
		end = bar
	}
	for _, next := range []string{"|http://", "|https://", "||"} {
		if i := strings.Index(rest[:end], next); i >= 0 {
			end = i
		}
	}
	host := strings.TrimRight(rest[:end], ".,;:!?)]'*_~|")
	if host == "" || len(host) > maxURL-len("https://") {
		return ""
	}
	return text[:len(text)-len(rest)+len(host)]
}

// cjk is where the scripts begin that have no space between words.
// https://www.unicode.org/charts
const cjk = '\u2E80'

// endsAddress reports whether a character cannot stand in an address as people
// write it: space, marks around it, and the punctuation of Chinese, Japanese and
// Korean, after which text goes on without space.
func endsAddress(r rune) bool {
	switch {
	case r <= ' ', strings.ContainsRune("<>\"`{}", r):
		return true
	case r >= '\u3000' && r <= '\u303F' && r != '\u3005' && r != '\u3007', // 。、「」, but not the letters 々 and 〇
		r >= '\uFF01' && r <= '\uFF0F', r >= '\uFF1A' && r <= '\uFF20', r >= '\uFF3B' && r <= '\uFF40', r >= '\uFF5B' && r <= '\uFF65', // ！（，：；？｜
		r == '\u00A0', r == '\u00AB', r == '\u00BB', r >= '\u2018' && r <= '\u201F', r == '\u2026': // quotes, …
		return true
	}
	return false
}
