package slack

import (
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// Plain text goes to Slack as the text of the message if no character of it is
// markup to Slack, else as rich text, where none is.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

// isMarkup reports whether Slack would take any of a plain text for markup, other
// than what markedUp escapes.
func isMarkup(text string) bool {
	if strings.ContainsAny(text, "*_~`") {
		return true
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			return true
		}
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

// richText returns plain text as rich text. Mentions, emoji and web addresses
// become elements of their own.
func richText(text string) *slackapi.RichTextBlock {
	var elements []slackapi.RichTextSectionElement
	flush := func(literal string) {
		if literal != "" {
			elements = append(elements, slackapi.NewRichTextSectionTextElement(literal, nil))
		}
	}
	literal := 0
	for i := 0; i < len(text); {
		element, size := richElement(text, i)
		if size == 0 {
			i++
			continue
		}
		flush(text[literal:i])
		elements = append(elements, element)
		i += size
		literal = i
	}
	flush(text[literal:])
	return slackapi.NewRichTextBlock("", slackapi.NewRichTextSection(elements...))
}

func richElement(text string, at int) (slackapi.RichTextSectionElement, int) {
	rest := text[at:]
	switch rest[0] {
	case '<':
		if kind, id, size := mention(rest); size > 0 {
			if kind == '@' {
				return slackapi.NewRichTextSectionUserElement(id, nil), size
			}
			return slackapi.NewRichTextSectionChannelElement(id, nil), size
		}
	case '{':
		if e, size := placeholder(rest); size > 0 {
			return slackapi.NewRichTextSectionEmojiElement(strings.ToLower(emoji.SlackName(e)), 0, nil), size
		}
	case 'h':
		if address := webAddress(rest); address != "" && (at == 0 || !isWord(rune(text[at-1]))) {
			return slackapi.NewRichTextSectionLinkElement(address, "", nil), len(address)
		}
	}
	return nil, 0
}

// webAddress returns the web address that a text begins with, or "".
func webAddress(text string) string {
	rest, ok := strings.CutPrefix(text, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "https://"); !ok {
			return ""
		}
	}
	end := strings.IndexAny(rest, " \t\r\n<>\"|`{}")
	if end < 0 {
		end = len(rest)
	}
	host := strings.TrimRight(rest[:end], ".,;:!?)]'*_~")
	if host == "" || len(host) > maxURL-len("https://") {
		return ""
	}
	return text[:len(text)-len(rest)+len(host)]
}
