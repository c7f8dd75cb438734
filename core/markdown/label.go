package markdown

import "strings"

// special has the letters of which the upper or lower case is several letters.
// Go's own mapping keeps the number of letters. The Greek ones with an iota
// subscript are left out.
var (
	specialLower = strings.NewReplacer("İ", "i̇")
	specialUpper = strings.NewReplacer(
		"ß", "SS", "ŉ", "ʼN", "ǰ", "J̌", "և", "ԵՒ",
		"ẖ", "H̱", "ẗ", "T̈", "ẘ", "W̊", "ẙ", "Y̊", "ẚ", "Aʾ",
		"ﬀ", "FF", "ﬁ", "FI", "ﬂ", "FL", "ﬃ", "FFI", "ﬄ", "FFL", "ﬅ", "ST", "ﬆ", "ST",
		"ﬓ", "ՄՆ", "ﬔ", "ՄԵ", "ﬕ", "ՄԻ", "ﬖ", "ՎՆ", "ﬗ", "ՄԽ",
	)
)

// normalizeLabel returns the form in which labels are compared: white space
// collapsed, case folded by going down and up again.
func normalizeLabel(label string) string {
	label = strings.Join(strings.FieldsFunc(label, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n'
	}), " ")
	label = strings.ToLower(specialLower.Replace(label))
	return specialUpper.Replace(strings.ToUpper(label))
}

// identifier returns the form of a label that a node carries.
func identifier(label string) string {
	return strings.ToLower(normalizeLabel(label))
}

// labels is a set of normalized labels, over another one that it leaves alone.
// The zero value is empty.
type labels struct {
	own, outer map[string]bool
}

func (l *labels) add(label string) {
	if l.own == nil {
		l.own = map[string]bool{}
	}
	l.own[label] = true
}

func (l *labels) has(label string) bool { return l.own[label] || l.outer[label] }

func (l *labels) empty() bool { return len(l.own) == 0 && len(l.outer) == 0 }
