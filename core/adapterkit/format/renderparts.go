package format

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// RenderParts returns Markdown in a platform's markup, as parts with a length of at most most.
// Each part is complete, as with SplitMarkdown. Markdown that cannot be split so becomes plain
// text.
func RenderParts(source string, most int, count Unit, m Markup) []string {
	r := partsRenderer{most: most, count: count, markup: m}
	r.markdown(source, most)
	return r.parts
}

type partsRenderer struct {
	parts  []string
	most   int
	count  Unit
	markup Markup
}

// add adds a part. It returns false if the part is too long.
func (r *partsRenderer) add(part string) bool {
	if Length(part, r.count) > r.most {
		return false
	}
	if strings.TrimSpace(part) != "" {
		r.parts = append(r.parts, part)
	}
	return true
}

// markdown adds Markdown, in parts with a length of room. In the markup a part may be longer. If
// it is longer than most, it is split into smaller parts.
func (r *partsRenderer) markdown(source string, room int) {
	for _, part := range SplitMarkdown(source, room, r.count) {
		root := Parse(part)
		switch {
		case r.add(Render(root, r.markup)):
		case room > r.most/8:
			r.markdown(part, room*3/4)
		default:
			r.text(markdown.PlainText(root), room)
		}
	}
}

// text adds plain text, in the same way.
func (r *partsRenderer) text(source string, room int) {
	for _, part := range SplitText(source, room, r.count) {
		if !r.add(r.markup.Text(part)) && room > 1 {
			r.text(part, room/2)
		}
	}
}
