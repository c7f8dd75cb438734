package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/emoji"
)

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

// angledMention returns the mention at the beginning of a text as Slack writes it.
func angledMention(text string) (string, int) {
	kind, id, size := mention(text)
	return "<" + string(kind) + id + ">", size
}

// plain replaces the emoji in a text that has no markup otherwise.
func (w markup) plain(text string) string { return w.emoji.Replace(text, emoji.Slack) }
