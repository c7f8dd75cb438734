package chat

import "strings"

const (
	placeholderStart = "{{emoji:"
	// longestName bounds what is held back for the rest of a placeholder.
	longestName = 64
)

// splitPlaceholder cuts off the beginning of an emoji placeholder that the text
// ends with.
func splitPlaceholder(text string) (whole, rest string) {
	i := strings.LastIndexByte(text, '{')
	if i < 0 {
		return text, ""
	}
	if i > 0 && text[i-1] == '{' {
		i--
	}
	tail := text[i:]
	if strings.HasPrefix(placeholderStart, tail) {
		return text[:i], tail
	}
	name, ok := strings.CutPrefix(tail, placeholderStart)
	if !ok {
		return text, ""
	}
	name, brace := strings.CutSuffix(name, "}")
	if name == "" && brace || len(name) > longestName || strings.ContainsFunc(name, notInName) {
		return text, ""
	}
	return text[:i], tail
}

// notInName reports whether an emoji's name cannot have the character.
func notInName(r rune) bool {
	letter := r|0x20 >= 'a' && r|0x20 <= 'z'
	return !letter && (r < '0' || r > '9') && r != '_' && r != '-' && r != '+'
}
