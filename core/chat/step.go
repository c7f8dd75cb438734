package chat

import "strings"

// steps keeps a blank line between the texts of a model's steps.
type steps struct {
	ended bool // a step has ended since the last text
	begun bool // there was text that can be seen
	lines int  // how many line ends the text ends with
}

// join returns the chunk with the blank line before it that its text needs.
func (s *steps) join(chunk Chunk) Chunk {
	text := strings.TrimLeft(chunk.Text, "\n")
	leading := len(chunk.Text) - len(text)
	if s.ended && s.begun && text != "" {
		if have := s.lines + leading; have < 2 {
			chunk.Text = strings.Repeat("\n", 2-have) + chunk.Text
		}
	}
	switch {
	case text == "":
		s.lines += leading
	default:
		s.ended = false
		s.begun = s.begun || strings.TrimSpace(text) != ""
		s.lines = len(text) - len(strings.TrimRight(text, "\n"))
	}
	s.ended = s.ended || chunk.StepEnd
	chunk.StepEnd = false
	return chunk
}
