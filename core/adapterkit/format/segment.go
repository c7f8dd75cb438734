package format

import (
	"iter"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Segment is a piece of a text of the bot: an emoji placeholder, a mention, or what
// stands between them.
type Segment struct {
	// Text is the piece as it stands in the text.
	Text string
	// Emoji is set for "{{emoji:name}}".
	Emoji emoji.Emoji
	// User is set for "<@id>".
	User chat.UserID
}

const (
	emojiStart   = "{{emoji:"
	emojiEnd     = "}}"
	emojiName    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-"
	mentionStart = "<@"
	longestUser  = 256 // bytes of an id

	// longestPlaceholder bounds an emoji that is waited for, in bytes.
	longestPlaceholder = 64
)

// Segments returns the pieces of a text in their order.
func Segments(text string) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		plain := 0
		for at := 0; at < len(text); {
			i := strings.IndexAny(text[at:], "<{")
			if i < 0 {
				break
			}
			at += i
			s := segmentAt(text[at:])
			if s.Text == "" {
				at++
				continue
			}
			if plain < at && !yield(Segment{Text: text[plain:at]}) {
				return
			}
			if !yield(s) {
				return
			}
			at += len(s.Text)
			plain = at
		}
		if plain < len(text) {
			yield(Segment{Text: text[plain:]})
		}
	}
}

// segmentAt returns the emoji or the mention that a text begins with, or none.
func segmentAt(text string) Segment {
	if rest, ok := strings.CutPrefix(text, emojiStart); ok {
		name := rest[:len(rest)-len(strings.TrimLeft(rest, emojiName))]
		if name != "" && strings.HasPrefix(rest[len(name):], emojiEnd) {
			return Segment{Text: text[:len(emojiStart)+len(name)+len(emojiEnd)], Emoji: emoji.Emoji(name)}
		}
	}
	if rest, ok := strings.CutPrefix(text, mentionStart); ok {
		end := strings.IndexAny(rest[:min(len(rest), longestUser+1)], "<>@ \t\r\n")
		if end > 0 && rest[end] == '>' {
			return Segment{Text: text[:len(mentionStart)+end+1], User: chat.UserID(rest[:end])}
		}
	}
	return Segment{}
}

// mayBeginEmoji reports whether more text could make an emoji placeholder of it.
func mayBeginEmoji(text string) bool {
	rest, ok := strings.CutPrefix(text, emojiStart)
	if !ok {
		return strings.HasPrefix(emojiStart, text)
	}
	rest = strings.TrimLeft(rest, emojiName)
	return rest == "" || rest == emojiEnd[:1]
}

// WholeSegments cuts a growing text before an emoji placeholder or a mention that has
// only begun; the rest belongs to what comes next. It holds back no more than the
// longest mention.
func WholeSegments(text string) (whole, rest string) {
	for i := max(0, len(text)-longestUser-len(mentionStart)); i < len(text); i++ {
		if (text[i] == '{' || text[i] == '<') && mayBegin(text[i:]) {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// mayBegin reports whether more text could make a placeholder or a mention of it.
func mayBegin(text string) bool {
	if user, ok := strings.CutPrefix(text, mentionStart); ok {
		return !strings.ContainsAny(user, "<>@ \t\r\n")
	}
	return strings.HasPrefix(mentionStart, text) || len(text) <= longestPlaceholder && mayBeginEmoji(text)
}

// replaceText writes the emoji of a plain text by spell, what begins with "<" by
// angle as [Rewrites.Angle] does, and everything else by text.
func replaceText(source string, text func(string) string, spell func(emoji.Emoji) string, angle func(string) (string, int)) string {
	var b strings.Builder
	plain := 0
	for at := 0; at < len(source); {
		i := strings.IndexAny(source[at:], "<{")
		if i < 0 {
			break
		}
		at += i
		out, size := "", 0
		if source[at] == '<' {
			out, size = angle(source[at:])
		} else if s := segmentAt(source[at:]); s.Emoji != "" {
			out, size = spellEmoji(spell, s.Emoji), len(s.Text)
		}
		if size == 0 {
			at++
			continue
		}
		b.WriteString(text(source[plain:at]) + out)
		at += size
		plain = at
	}
	return b.String() + text(source[plain:])
}

func spellEmoji(spell func(emoji.Emoji) string, e emoji.Emoji) string {
	if spell != nil {
		return spell(e)
	}
	return emoji.Spell(e, emoji.Unicode)
}

func writeMention(mention func(chat.UserID) string, user chat.UserID) string {
	if mention != nil {
		return mention(user)
	}
	return "@" + string(user)
}
