package slack

import (
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// names knows the names of users and channels, or "".
type names interface {
	user(id string) string
	channel(id string) string
}

// reader turns what Slack sends into a tree. It notes whom the text mentions
// outside of code.
type reader struct {
	names    names
	mentions map[string]bool
}

func (r *reader) userMention(id, label string) markdown.Node {
	if r.mentions == nil {
		r.mentions = map[string]bool{}
	}
	r.mentions[id] = true
	if label == "" {
		label = r.names.user(id)
	}
	if label == "" {
		label = id
	}
	return markdown.NewText("@" + strings.TrimPrefix(label, "@"))
}

func (r *reader) channelMention(id, label string) markdown.Node {
	if label == "" {
		label = r.names.channel(id)
	}
	if label == "" {
		label = id
	}
	return markdown.NewText("#" + strings.TrimPrefix(label, "#"))
}

// emojiText returns the characters of an emoji: those that Slack names in
// hexadecimal, those that are known by the name, or ":name:".
func emojiText(name, unicode string) string {
	if unicode != "" {
		var b strings.Builder
		for code := range strings.SplitSeq(unicode, "-") {
			n, err := strconv.ParseUint(code, 16, 21)
			if err != nil {
				return ":" + name + ":"
			}
			b.WriteRune(rune(n))
		}
		return b.String()
	}
	return knownEmoji(name)
}

func knownEmoji(name string) string {
	chars, ok := emoji.SlackCharacters(name)
	if !ok {
		return ":" + name + ":" // an emoji of the workspace's own
	}
	_, tone, _ := strings.Cut(name, "::skin-tone-")
	if len(tone) == 1 && tone[0] >= '2' && tone[0] <= '6' {
		return chars + string(rune(0x1f3fb+int(tone[0]-'2')))
	}
	return chars
}
