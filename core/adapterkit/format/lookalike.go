package format

import (
	"strings"
	"unicode"
)

// withLookalikes returns a line of text in which no character is a marker: one that
// would open or close formatting has its lookalike instead. Alone, a marker needs
// another one in the line. Otherwise the other one of the pair, and the letter or the
// space next to one at an end, may stand in what is around the text.
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

// Here "_" is no part of a word, but a marker itself: "*a*_b" is bold where it counts so.
func opensMarkup(line string, at int) bool {
	return line[at] == '`' || !isAlphanumeric(before(line, at)) && !unicode.IsSpace(after(line, at+1))
}

func closesMarkup(line string, at int) bool {
	return line[at] == '`' || !isAlphanumeric(after(line, at+1)) && !unicode.IsSpace(before(line, at))
}
