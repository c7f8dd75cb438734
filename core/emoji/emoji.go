// Package emoji names emoji independently of the platform, and knows how each
// platform spells them.
//
// An [Emoji] in a text is a placeholder:
//
//	fmt.Sprintf("Well done %s", emoji.Party) // "Well done {{emoji:party}}"
//
// [Replace] turns the placeholders into the platform's spelling when the text
// is posted; a [Set] does so with emoji of your own as well. In the other
// direction, [FromSlack], [FromUnicode] and [FromTeams] name the emoji of a
// reaction, so that a bot compares names and not spellings.
package emoji

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Emoji is the name of an emoji, such as [ThumbsUp]. A name that no [Set]
// knows is spelled as it is, so the name of a custom emoji of one platform
// works there.
type Emoji string

const (
	prefix = "{{emoji:"
	suffix = "}}"
)

// String returns the placeholder for the emoji in a text.
func (e Emoji) String() string { return prefix + string(e) + suffix }

// Name returns the bare name.
func (e Emoji) Name() string { return string(e) }

// MarshalJSON returns the placeholder, as the TypeScript SDK writes an emoji.
func (e Emoji) MarshalJSON() ([]byte, error) { return json.Marshal(e.String()) }

// UnmarshalJSON reads a placeholder or a bare name.
func (e *Emoji) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("emoji: want a string: %w", err)
	}
	if name, ok := strings.CutPrefix(s, prefix); ok {
		if name, ok = strings.CutSuffix(name, suffix); ok {
			s = name
		}
	}
	*e = Emoji(s)
	return nil
}

// isName reports whether a name can stand in a placeholder.
func isName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' && c != '+' {
			return false
		}
	}
	return name != ""
}

// Platform is the name of an adapter, or [Unicode].
type Platform string

// The platforms that have emoji of their own as well as Unicode's.
const (
	Slack   Platform = "slack"
	GChat   Platform = "gchat"
	Teams   Platform = "teams"
	Discord Platform = "discord"
	// Unicode is any platform that shows the characters themselves.
	Unicode Platform = "unicode"
)

// Spelling says how an emoji is written on each platform. The first of several
// spellings is the one that is written, the others are understood too.
type Spelling struct {
	// Slack has short names without colons.
	Slack []string
	// Unicode has the characters.
	Unicode []string
	// Own is what other platforms want in a text instead of the first Unicode
	// spelling, such as "<:unicorn:1234>" for a custom emoji of Discord.
	// Default: Unicode.
	Own map[Platform]string
}
