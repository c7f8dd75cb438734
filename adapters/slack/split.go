package slack

import "strings"

// splitMarkdown splits Markdown, or mrkdwn, into parts of at most so many
// characters: between blocks if it can, else between lines, else between words. A
// code block that is split is closed and opened again, and the head of a table
// is repeated.
func splitMarkdown(text string, most int) []string {
	var parts []string
	for length(text) > most {
		part, rest := cutMarkdown(text, most)
		parts = append(parts, part)
		text = rest
	}
	if strings.TrimSpace(text) != "" || len(parts) == 0 {
		parts = append(parts, text)
	}
	return parts
}

// longestReopening bounds what is repeated at the beginning of a part.
const longestReopening = 1_000

// cutMarkdown returns the first part and the rest, which is shorter than the
// text.
func cutMarkdown(text string, most int) (part, rest string) {
	room := head(text, most)
	s := scanBlocks(room)
	switch {
	case s.block > len(room)/4:
		return strings.TrimRight(room[:s.block], "\n"), strings.TrimLeft(text[s.block:], "\n")
	case s.fence != "":
		closing := "\n" + s.fence
		opening := s.opening + "\n"
		at := lastLine(head(room, most-len(closing)))
		if at > s.start+len(opening) && len(opening) < longestReopening {
			return strings.TrimSuffix(text[:at], "\n") + closing, opening + text[at:]
		}
		if at = wholeMarkup(text, len(head(room, most-len(closing)))); at > s.start+len(opening) && len(opening) < longestReopening && len(opening) < at/2 {
			return text[:at] + closing, opening + text[at:]
		}
	case s.table != "" && len(s.table) < longestReopening:
		if at := lastLine(room); at > s.start+len(s.table) {
			return strings.TrimSuffix(text[:at], "\n"), s.table + text[at:]
		}
	}
	if at := lastLine(room); at > 0 {
		return strings.TrimSuffix(text[:at], "\n"), text[at:]
	}
	if at := strings.LastIndexByte(room, ' '); at > 0 && strings.TrimSpace(room[:at]) != "" {
		return room[:at], text[at+1:]
	}
	at := wholeMarkup(text, len(room))
	return text[:at], text[at:]
}

// wholeMarkup returns where to cut a text, at a place or before it, so that no
// escape, mention or short link is cut in two.
func wholeMarkup(text string, at int) int {
	if i := strings.LastIndexAny(text[:at], "<>\n"); i > 0 && text[i] == '<' {
		if end := strings.IndexAny(text[at:], "<>\n"); end >= 0 && text[at+end] == '>' && at+end-i < maxSection/2 {
			at = i
		}
	}
	for i := at - 1; i > 0 && i > at-len("&amp;"); i-- {
		if text[i] == '&' && !strings.Contains(text[i:at], ";") {
			return i
		}
	}
	return at
}

// lastLine returns where the last line of a text begins.
func lastLine(text string) int { return strings.LastIndexByte(text, '\n') + 1 }

// scanned is what stands at the end of a text.
type scanned struct {
	block   int    // where the last block begins, after a blank line
	fence   string // what closes the open code block
	opening string // the line that opened it
	table   string // the head of the open table, two lines
	start   int    // where the code block or table begins
}

func scanBlocks(text string) (s scanned) {
	var before string
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			break
		}
		line, next := text[at:at+end], at+end+1
		marker := fenceOf(line)
		switch {
		case s.fence != "":
			if strings.HasPrefix(marker, s.fence) && strings.TrimSpace(trimMarkers(line)) == marker {
				s.fence = ""
			}
		case marker != "":
			s.fence, s.opening, s.start, s.table = marker, line, at, ""
		case strings.TrimSpace(line) == "":
			s.block, s.table = next, ""
		case s.table == "" && isTableRule(line) && strings.Contains(before, "|"):
			s.table, s.start = before+"\n"+line+"\n", at-len(before)-1
		}
		before, at = line, next
	}
	return s
}

// isTableRule reports whether a line is the second one of a table.
func isTableRule(line string) bool {
	return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, "|-: \t") == ""
}
