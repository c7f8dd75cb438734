package markdown

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape resolves the backslash escapes and character references of a text
// that has no other markup: labels, destinations, titles, info strings.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && isPunct(s[i+1]) {
				i++
			}
		case '&':
			if value, size := characterReference(s[i:]); size > 0 {
				b.WriteString(value)
				i += size
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// maxReference is the length of the longest character reference.
const maxReference = len("&CounterClockwiseContourIntegral;")

// characterReference returns the value and size of the character reference
// that the text begins with; the size is 0 if there is none.
func characterReference(s string) (string, int) {
	end := strings.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 2 {
		return "", 0
	}
	name := s[1:end]
	if name[0] == '#' {
		digits, base := name[1:], 10
		if digits != "" && digits[0]|0x20 == 'x' {
			digits, base = digits[1:], 16
		}
		if digits == "" || len(digits) > 7 || base == 16 && len(digits) > 6 || digits[0] == '+' || digits[0] == '-' {
			return "", 0
		}
		code, err := strconv.ParseUint(digits, base, 32)
		if err != nil {
			return "", 0
		}
		return string(validRune(rune(code))), end + 1
	}
	for i := range len(name) {
		if !isAlnum(name[i]) {
			return "", 0
		}
	}
	// The standard library also takes names that lack their semicolon, which
	// then stays behind.
	value := html.UnescapeString(s[:end+1])
	if value == s[:end+1] || strings.HasSuffix(value, ";") && name != "semi" {
		return "", 0
	}
	return value, end + 1
}

// validRune replaces what may not stand in HTML.
func validRune(r rune) rune {
	switch {
	case r < 9, r == 11, r > 13 && r < 32, r > 126 && r < 160,
		r > 0xFDCF && r < 0xFDF0, r&0xFFFE == 0xFFFE, !utf8.ValidRune(r):
		return utf8.RuneError
	}
	return r
}
