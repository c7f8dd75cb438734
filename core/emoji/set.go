package emoji

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrInvalidName is returned for the name of a custom emoji that cannot stand
// in a placeholder, and for a spelling that no platform can have.
var ErrInvalidName = errors.New("emoji: invalid name")

// Set is a set of emoji with their spellings. It is never changed, and safe
// for concurrent use.
type Set struct {
	spellings map[Emoji]Spelling
	slack     map[string]Emoji
	unicode   map[string]Emoji
}

var standard = newSet(wellKnown)

// Standard returns the set of the well-known emoji.
func Standard() *Set { return standard }

// NewSet returns the well-known emoji together with custom ones. A custom
// emoji replaces a well-known one of the same name, and takes over spellings
// that both have. Names consist of letters, digits, "_", "-" and "+";
// otherwise the error is [ErrInvalidName].
func NewSet(custom map[Emoji]Spelling) (*Set, error) {
	all := maps.Clone(wellKnown)
	for name, spelling := range custom {
		if !isName(string(name)) {
			return nil, fmt.Errorf("%w: %q, want letters, digits, _, - or +", ErrInvalidName, string(name))
		}
		all[name] = spelling
	}
	set := newSet(all)
	set.index(custom)
	return set, nil
}

func newSet(spellings map[Emoji]Spelling) *Set {
	s := &Set{spellings: spellings, slack: map[string]Emoji{}, unicode: map[string]Emoji{}}
	s.index(spellings)
	return s
}

// index enters the spellings for the look-up by spelling. Where two emoji
// share one, the name that sorts last has it.
func (s *Set) index(spellings map[Emoji]Spelling) {
	for _, name := range sorted(spellings) {
		spelling := spellings[name]
		for _, short := range spelling.Slack {
			s.slack[strings.ToLower(strings.Trim(short, ":"))] = name
		}
		for _, chars := range slices.AppendSeq(slices.Clone(spelling.Unicode), maps.Values(spelling.Own)) {
			if chars != "" {
				s.unicode[bare(chars)] = name
			}
		}
	}
}

// FromSlack returns the emoji that Slack calls by a short name, with colons or
// without. A skin tone is ignored.
func FromSlack(short string) Emoji { return standard.FromSlack(short) }

// FromUnicode returns the emoji for characters, as Google Chat, Discord,
// Telegram and most others name a reaction. A skin tone is ignored.
func FromUnicode(chars string) Emoji { return standard.FromUnicode(chars) }

// FromTeams returns the emoji for the type of a reaction in Teams.
func FromTeams(reaction string) Emoji { return standard.FromTeams(reaction) }

// Spell returns how a platform writes an emoji in a text.
func Spell(e Emoji, on Platform) string { return standard.Spell(e, on) }

// Replace replaces the placeholders in a text by the spelling of a platform.
func Replace(text string, on Platform) string { return standard.Replace(text, on) }

// FromSlack is the function of the same name, with the emoji of the set.
func (s *Set) FromSlack(short string) Emoji {
	name, _, _ := strings.Cut(strings.ToLower(strings.Trim(short, ":")), "::skin-tone-")
	if e, ok := s.slack[name]; ok {
		return e
	}
	return Emoji(name)
}

// FromUnicode is the function of the same name, with the emoji of the set.
func (s *Set) FromUnicode(chars string) Emoji {
	if e, ok := s.unicode[bare(chars)]; ok {
		return e
	}
	return Emoji(withoutTone(chars))
}

// teamsReactions are the reactions that Teams has names for.
var teamsReactions = map[string]Emoji{
	"like": ThumbsUp, "heart": Heart, "laugh": Laugh,
	"surprised": Surprised, "sad": Sad, "angry": Angry,
}

// FromTeams is the function of the same name, with the emoji of the set.
func (s *Set) FromTeams(reaction string) Emoji {
	if e, ok := teamsReactions[reaction]; ok {
		return e
	}
	return s.FromUnicode(reaction)
}

// TeamsReaction returns the name of a reaction in Teams, and whether it has
// one.
func TeamsReaction(e Emoji) (string, bool) {
	for reaction, emoji := range teamsReactions {
		if emoji == e {
			return reaction, true
		}
	}
	return "", false
}

// SlackName returns the short name of an emoji in Slack, without colons.
func (s *Set) SlackName(e Emoji) string {
	if spelling := s.spellings[e]; len(spelling.Slack) > 0 {
		return strings.Trim(spelling.Slack[0], ":")
	}
	return string(e)
}

// SlackName returns the short name of an emoji in Slack, without colons.
func SlackName(e Emoji) string { return standard.SlackName(e) }

// Spell is the function of the same name, with the emoji of the set.
func (s *Set) Spell(e Emoji, on Platform) string {
	if on == Slack {
		return ":" + s.SlackName(e) + ":"
	}
	spelling := s.spellings[e]
	switch own := spelling.Own[on]; {
	case own != "":
		return own
	case len(spelling.Unicode) > 0:
		return spelling.Unicode[0]
	}
	return string(e)
}

// Replace is the function of the same name, with the emoji of the set.
func (s *Set) Replace(text string, on Platform) string {
	if !strings.Contains(text, prefix) {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, prefix)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := 0
		for end < len(after) && isName(after[end:end+1]) {
			end++
		}
		if end > 0 && strings.HasPrefix(after[end:], suffix) {
			b.WriteString(s.Spell(Emoji(after[:end]), on))
			text = after[end+len(suffix):]
			continue
		}
		b.WriteString(prefix)
		text = after
	}
}

// Is is the function of the same name, with the emoji of the set.
func (s *Set) Is(spelling string, e Emoji) bool {
	return s.FromSlack(spelling) == e || bare(string(s.FromUnicode(spelling))) == bare(string(e))
}

// Is reports whether a spelling, from Slack or in Unicode, is one of an emoji. A
// skin tone, and the request for a coloured picture, make no difference.
func Is(spelling string, e Emoji) bool { return standard.Is(spelling, e) }

// Has reports whether the set has the emoji.
func (s *Set) Has(e Emoji) bool {
	_, ok := s.spellings[e]
	return ok
}

// All returns the names of the set's emoji, sorted.
func (s *Set) All() []Emoji { return sorted(s.spellings) }

// All returns the names of the well-known emoji, sorted.
func All() []Emoji { return standard.All() }

// bare returns characters without what only modifies them: the request for a
// coloured picture, and skin tones.
func bare(chars string) string {
	return strings.ReplaceAll(withoutTone(chars), "\uFE0F", "")
}

// withoutTone leaves out skin tones. An emoji that is nothing else stays.
// https://www.unicode.org/reports/tr51/#Diversity
func withoutTone(chars string) string {
	toneless := strings.Map(func(r rune) rune {
		if r >= 0x1F3FB && r <= 0x1F3FF {
			return -1
		}
		return r
	}, chars)
	if toneless == "" {
		return chars
	}
	return toneless
}

func sorted(m map[Emoji]Spelling) []Emoji { return slices.Sorted(maps.Keys(m)) }
