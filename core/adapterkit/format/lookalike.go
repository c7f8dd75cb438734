package format

import (
	"strings"
	"unicode"
)

// withLookalikes returns a line of text in which no character is a marker: one that
// could open or close formatting has its lookalike instead. The other one of the pair,
// and the letter or the space beside one at an end, may stand around the text.
func withLookalikes(line string, lookalikes map[byte]string) string {
	if len(lookalikes) == 0 {
		return line
	}
	var b strings.Builder
	for i := range len(line) {
		if lookalike := lookalikes[line[i]]; lookalike != "" && (i == 0 || i == len(line)-1 || opensMarkup(line, i) || closesMarkup(line, i)) {
			b.WriteString(lookalike)
		} else {
			b.WriteByte(line[i])
		}
	}
	return b.String()
}

func opensMarkup(line string, at int) bool {
	return line[at] == '`' || !isWord(before(line, at)) && !unicode.IsSpace(after(line, at+1))
}

func closesMarkup(line string, at int) bool {
	return line[at] == '`' || !isWord(after(line, at+1)) && !unicode.IsSpace(before(line, at))
}
