package emoji

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest bounds a spelling, in bytes.
const longest = 256

// Read returns the emoji that a program means: by its name, its placeholder, its
// characters, Slack's short name with colons or without, or what another platform
// calls it. A name that is both an emoji's and another one's in Slack is the emoji's;
// with colons it is Slack's. A spelling that no set knows is returned as it is,
// without a skin tone. The error is [ErrInvalidName] for what no platform can call an
// emoji: nothing at all, several emoji, or text with spaces.
func Read(spelling string) (Emoji, error) { return standard.Read(spelling) }

// Read is the function of the same name, with the emoji of the set.
func (s *Set) Read(spelling string) (Emoji, error) {
	if rest, ok := strings.CutPrefix(spelling, prefix); ok {
		name, ok := strings.CutSuffix(rest, suffix)
		if !ok || !isName(name) {
			return "", fmt.Errorf("%w: %q is no placeholder", ErrInvalidName, spelling)
		}
		return Emoji(name), nil
	}
	switch name := strings.Trim(spelling, ":"); {
	case len(spelling) > longest, !utf8.ValidString(spelling), strings.ContainsFunc(spelling, isSeparator), !strings.ContainsFunc(name, isSign):
		return "", fmt.Errorf("%w: %q, want one emoji, its name, or what a platform calls it", ErrInvalidName, spelling)
	case s.isSeveral(spelling):
		return "", fmt.Errorf("%w: %q is more than one emoji", ErrInvalidName, spelling)
	case name != spelling:
		return s.FromSlack(spelling), nil
	}
	if s.Has(Emoji(spelling)) {
		return Emoji(spelling), nil
	}
	if _, ok := s.unicode[bare(spelling)]; ok {
		return s.FromUnicode(spelling), nil
	}
	if name, _, _ := strings.Cut(strings.ToLower(spelling), "::skin-tone-"); s.slack[name] != "" || len(name) < len(spelling) {
		return s.FromSlack(spelling), nil
	}
	return s.FromUnicode(spelling), nil
}

// isSeveral reports whether characters are two emoji of the set, or more.
func (s *Set) isSeveral(chars string) bool {
	for i := range chars {
		before, after := bare(chars[:i]), bare(chars[i:])
		if s.unicode[before] == "" || after == "" {
			continue
		}
		if s.unicode[after] != "" || s.isSeveral(after) {
			return true
		}
	}
	return false
}

func isSeparator(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// isSign reports whether a name can consist of the character.
func isSign(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r > unicode.MaxASCII }
