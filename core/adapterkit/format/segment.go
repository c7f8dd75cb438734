package format

import (
	"iter"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Segment is a piece of a text: an emoji placeholder, a mention, or the text between them.
type Segment struct {
	// Text is the piece as it is in the text.
	Text string
	// Emoji is the name in "{{emoji:name}}". It is empty for another piece.
	Emoji emoji.Emoji
	// User is the id in "<@id>". It is empty for another piece.
	User chat.UserID
}

const (
	emojiStart   = "{{emoji:"
	emojiEnd     = "}}"
	emojiName    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-"
	mentionStart = "<@"
	longestUser  = 256 // bytes of an id

	// longestPlaceholder is the length of an incomplete emoji placeholder that is held
	// back, in bytes.
	longestPlaceholder = 64
)

// Segments returns the pieces of a text, in their order. Together they are the text.
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

// segmentAt returns the emoji or the mention at the beginning of a text, or an empty segment.
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

// mayBeginEmoji reports whether the text may be the beginning of an emoji placeholder.
func mayBeginEmoji(text string) bool {
	rest, ok := strings.CutPrefix(text, emojiStart)
	if !ok {
		return strings.HasPrefix(emojiStart, text)
	}
	rest = strings.TrimLeft(rest, emojiName)
	return rest == "" || rest == emojiEnd[:1]
}

// WholeSegments divides a growing text before an incomplete emoji placeholder or mention at its
// end. The rest must be put before the following text. It is not longer than the longest
// mention, which has an id of 256 bytes.
func WholeSegments(text string) (whole, rest string) {
	for i := max(0, len(text)-longestUser-len(mentionStart)); i < len(text); i++ {
		if (text[i] == '{' || text[i] == '<') && mayBegin(text[i:]) {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// mayBegin reports whether the text may be the beginning of a placeholder or a mention.
func mayBegin(text string) bool {
	if user, ok := strings.CutPrefix(text, mentionStart); ok {
		return !strings.ContainsAny(user, "<>@ \t\r\n")
	}
	return strings.HasPrefix(mentionStart, text) || len(text) <= longestPlaceholder && mayBeginEmoji(text)
}

// replaceText returns a plain text in which emoji are replaced by spell, constructs after "<"
// by angle, as with [Rewrites.Angle], and everything else by text.
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
