package slack

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Slack's own markup, as messages have it.
// https://docs.slack.dev/messaging/formatting-message-text

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// emojiName is a short name in a text, with a skin tone.
var emojiName = regexp.MustCompile(`:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:`)

func replaceEmoji(text string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	return emojiName.ReplaceAllStringFunc(text, func(s string) string { return knownEmoji(s[1 : len(s)-1]) })
}

// mrkdwn returns the blocks of a text in Slack's markup.
func (r *reader) mrkdwn(text string) []markdown.Node { return r.markup().Read(text) }

func (r *reader) markup() format.MrkdwnReader {
	return format.MrkdwnReader{
		Text:   func(text string) string { return replaceEmoji(unescape.Replace(text)) },
		Code:   literal,
		Angle:  r.angle,
		Quotes: []string{"&gt;", ">"},
	}
}

// angle returns what "<…>" stands for.
func (r *reader) angle(content string) markdown.Node {
	target, label, labelled := strings.Cut(content, "|")
	target, label = unescape.Replace(target), unescape.Replace(label)
	switch {
	case strings.HasPrefix(target, "@") && isID(target[1:]):
		return r.userMention(target[1:], label)
	case strings.HasPrefix(target, "#") && isID(target[1:]):
		return r.channelMention(target[1:], label)
	case strings.HasPrefix(target, "!"):
		return special(target[1:], label)
	case strings.Contains(target, ":"): // https://…, mailto:…, tel:…
		if !labelled || label == "" {
			label = target
		}
		return markdown.NewLink(target, markdown.NewText(replaceEmoji(label)))
	}
	return nil
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
