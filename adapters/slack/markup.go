package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// Slack's own markup, of which the parts that outgoing texts may have pass:
// https://docs.slack.dev/messaging/formatting-message-text

// escape escapes text for mrkdwn and for the text of a message.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// mention returns the mention at the beginning of a text, "<@U…>" or "<#C…>"
// without what may stand after "|", and its length in the text. A mention that
// notifies many, such as "<!channel>", is none: a bot repeats what others wrote.
func mention(text string) (kind byte, id string, size int) {
	if len(text) < 4 || text[0] != '<' || text[1] != '@' && text[1] != '#' {
		return 0, "", 0
	}
	end := strings.IndexAny(text[1:], "<>\n") + 1
	if end == 0 || text[end] != '>' {
		return 0, "", 0
	}
	id, _, _ = strings.Cut(text[2:end], "|")
	first := byte(0)
	if id != "" {
		first = id[0]
	}
	user := text[1] == '@' && (first == 'U' || first == 'W')
	channel := text[1] == '#' && (first == 'C' || first == 'G')
	if !user && !channel || !isID(id) {
		return 0, "", 0
	}
	return text[1], id, end + 1
}

const (
	emojiPrefix = "{{emoji:"
	emojiSuffix = "}}"
)

// placeholder returns the emoji at the beginning of a text, "{{emoji:name}}", and
// its length in the text.
func placeholder(text string) (e emoji.Emoji, size int) {
	rest, ok := strings.CutPrefix(text, emojiPrefix)
	if !ok {
		return "", 0
	}
	name, _, ok := strings.Cut(rest, emojiSuffix)
	if !ok || name == "" || strings.Trim(name, placeholderName) != "" {
		return "", 0
	}
	return emoji.Emoji(name), len(emojiPrefix) + len(name) + len(emojiSuffix)
}

// placeholderName has the characters of a name in a placeholder.
const placeholderName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-"

// markedUp escapes plain text for mrkdwn. Mentions and emoji become Slack's.
func markedUp(text string) string {
	if !strings.ContainsAny(text, "&<>{") {
		return text
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "<{")
		if i < 0 {
			b.WriteString(escape(text))
			break
		}
		b.WriteString(escape(text[:i]))
		text = text[i:]
		if kind, id, size := mention(text); size > 0 {
			b.WriteString("<" + string(kind) + id + ">")
			text = text[size:]
		} else if e, size := placeholder(text); size > 0 {
			b.WriteString(emoji.Spell(e, emoji.Slack))
			text = text[size:]
		} else {
			b.WriteString(escape(text[:1]))
			text = text[1:]
		}
	}
	return b.String()
}

// plain replaces the emoji in a text that has no markup otherwise.
func plain(text string) string { return emoji.Replace(text, emoji.Slack) }

// linkTarget returns an address for "<…|…>".
func linkTarget(url string) string {
	return strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "", "\r", "", "\t", "").Replace(url)
}
