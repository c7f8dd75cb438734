package format

import (
	"strings"
	"unicode"
)

// withLookalikes returns a line of text in which characters that would open or close
// formatting are replaced by their lookalikes. alone says that there is no text around the
// line; then a marker needs a second one in the line. Otherwise the second marker, or the
// letter or space next to the line, may be in the text around it.
func withLookalikes(line string, lookalikes map[byte]string, alone bool) string {
	if len(lookalikes) == 0 {
		return line
	}
	var first, last [256]int // where a marker first opens, and last closes, plus one
	for i := range len(line) {
		if marker := line[i]; lookalikes[marker] != "" {
			if first[marker] == 0 && opensMarkup(line, i) {
				first[marker] = i + 1
			}
			if closesMarkup(line, i) {
				last[marker] = i + 1
			}
		}
	}
	var b strings.Builder
	for i := range len(line) {
		marker := line[i]
		opens := opensMarkup(line, i) && (!alone || last[marker] > i+2)
		closes := closesMarkup(line, i) && (!alone || first[marker] > 0 && first[marker] < i)
		atEnd := !alone && (i == 0 || i == len(line)-1)
		if lookalike := lookalikes[marker]; lookalike != "" && (opens || closes || atEnd) {
			b.WriteString(lookalike)
		} else {
			b.WriteByte(marker)
		}
	}
	return b.String()
}

// opensMarkup treats "_" as a marker, and not as part of a word: some platforms show "*a*_b"
// with a bold "a".
func opensMarkup(line string, at int) bool {
	return line[at] == '`' || !isAlphanumeric(before(line, at)) && !unicode.IsSpace(after(line, at+1))
}

func closesMarkup(line string, at int) bool {
	return line[at] == '`' || !isAlphanumeric(after(line, at+1)) && !unicode.IsSpace(before(line, at))
}
