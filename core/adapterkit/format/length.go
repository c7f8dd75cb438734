package format

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unit is the unit in which a platform measures the length of a text. It returns the length of
// a rune, which is at least 1.
type Unit func(r rune) int

// Bytes counts bytes of UTF-8.
func Bytes(r rune) int {
	if n := utf8.RuneLen(r); n > 0 {
		return n
	}
	return len(string(utf8.RuneError))
}

// Runes counts characters of Unicode.
func Runes(rune) int { return 1 }

// UTF16 counts code units of UTF-16, as JavaScript does: two for a character above U+FFFF. Use
// it for a platform that does not document how it counts, because only Bytes counts more.
func UTF16(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// validUTF8 returns the text with U+FFFD in place of each byte that is not valid UTF-8.
func validUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.Map(func(r rune) rune { return r }, text)
}

// Length returns the length of a text in a unit.
func Length(text string, count Unit) int {
	n := 0
	for _, r := range text {
		n += count(r)
	}
	return n
}

// Head returns the beginning of a text, with a length of at most most. It ends between two
// graphemes, unless the first one is longer.
func Head(text string, most int, count Unit) string {
	room := headBy(text, most, count)
	if len(room) == len(text) || room == "" {
		return room
	}
	return text[:min(lastGrapheme(text, len(room)), len(room))]
}

// Shorten returns a text that is longer than most cut to that length, with "…" at its end.
func Shorten(text string, most int, count Unit) string {
	if Length(text, count) <= most {
		return text
	}
	return Head(text, most-count('…'), count) + "…"
}

// lastGrapheme returns the last position, at most at, that divides no grapheme, such as a
// letter with combining marks, joined emoji, or a flag. It does without Unicode's tables of
// grapheme clusters, so it is an approximation.
// https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries
func lastGrapheme(text string, at int) int {
	for at > 0 && !utf8.RuneStart(byteAt(text, at)) {
		at--
	}
	const longest = 128 // bytes; nobody can read a longer grapheme
	for place := at; place > 0 && place > at-longest; {
		if !joins(text, place) {
			return place
		}
		_, size := utf8.DecodeLastRuneInString(text[:place])
		place -= size
	}
	return max(at, firstRune(text))
}

const (
	zeroWidthJoiner = '\u200d'
	carriageReturn  = '\r'
)

// joins reports whether the characters before and after a position are one grapheme.
func joins(text string, place int) bool {
	if place >= len(text) {
		return false
	}
	prev, _ := utf8.DecodeLastRuneInString(text[:place])
	next, _ := utf8.DecodeRuneInString(text[place:])
	switch {
	case prev == zeroWidthJoiner, next == zeroWidthJoiner, prev == carriageReturn && next == '\n':
		return true
	case unicode.Is(unicode.M, next), next >= 0x1F3FB && next <= 0x1F3FF, next >= 0xE0020 && next <= 0xE007F:
		return true // marks and variation selectors; skin tones; the tags of flags
	case isHangulVowel(next) && (isHangul(prev) || isHangulVowel(prev)):
		return true
	case isRegional(next):
		n := 0
		for rest := text[:place]; ; n++ {
			r, size := utf8.DecodeLastRuneInString(rest)
			if !isRegional(r) {
				break
			}
			rest = rest[:len(rest)-size]
		}
		return n%2 == 1
	}
	return false
}

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// isHangul reports whether a rune may begin a Hangul syllable, and isHangulVowel whether it may
// continue one.
func isHangul(r rune) bool      { return r >= 0x1100 && r <= 0x115F || r >= 0xAC00 && r <= 0xD7A3 }
func isHangulVowel(r rune) bool { return r >= 0x1160 && r <= 0x11FF }

func byteAt(text string, at int) byte {
	if at >= len(text) {
		return 0
	}
	return text[at]
}

func firstRune(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// headBy returns the beginning of a text, with a length of at most most. It may divide a
// grapheme.
func headBy(text string, most int, count Unit) string {
	n := 0
	for i, r := range text {
		if n += count(r); n > most {
			return text[:i]
		}
	}
	return text
}
