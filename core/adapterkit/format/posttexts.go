package format

import (
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// PostTexts returns the content of a post in a platform's markup, as texts with a length of at
// most most. Markdown and cards are split as by RenderParts, and Raw and plain text as by
// SplitText. Blank texts are left out.
func PostTexts(post *chat.Post, actions CardActions, most int, count Unit, m Markup) []string {
	if post.Raw != "" || post.Text != "" {
		// As Markdown the line ends of plain text would be escaped, and a cut could divide an escape.
		return Visible(SplitText(RenderPost(post, actions, m), most, count))
	}
	source := strings.TrimSpace(markdown.Print(PostTree(post, actions)))
	return Visible(RenderParts(source, most, count, m))
}

// Visible returns the texts that are not blank, without the white space around them. It
// reuses the slice.
func Visible(texts []string) []string {
	shown := texts[:0]
	for _, text := range texts {
		if text = strings.TrimSpace(text); !IsBlank(text) {
			shown = append(shown, text)
		}
	}
	return shown
}

// IsBlank reports whether a text has only white space and control characters. Most platforms
// refuse such a message.
func IsBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) == ""
}
