package format

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Paragraphs divides inline content into paragraphs at its blank lines. It removes white space
// at the ends of a paragraph, and joins adjacent texts.
func Paragraphs(inlines []markdown.Node) []markdown.Node {
	var out, current []markdown.Node
	flush := func() {
		if current = trimSpace(current); len(current) > 0 {
			out = append(out, markdown.NewParagraph(current...))
		}
		current = nil
	}
	for _, n := range JoinTexts(inlines) {
		text, ok := n.(*markdown.Text)
		if !ok {
			current = append(current, n)
			continue
		}
		for i, part := range strings.Split(text.Value, "\n\n") {
			if i > 0 {
				flush()
			}
			if part != "" {
				current = append(current, markdown.NewText(part))
			}
		}
	}
	flush()
	return out
}

// JoinTexts joins adjacent texts, as in parsed Markdown. It does not change the nodes.
func JoinTexts(list []markdown.Node) []markdown.Node {
	var out []markdown.Node
	var run []string
	flush := func() {
		if len(run) > 0 {
			out = append(out, markdown.NewText(strings.Join(run, "")))
			run = nil
		}
	}
	for _, n := range list {
		if t, ok := n.(*markdown.Text); ok {
			run = append(run, t.Value)
			continue
		}
		flush()
		out = append(out, n)
	}
	flush()
	return out
}

// trimSpace removes line endings and space from the ends of a paragraph.
func trimSpace(list []markdown.Node) []markdown.Node {
	if len(list) > 0 {
		if t, ok := list[0].(*markdown.Text); ok {
			if t.Value = strings.TrimLeft(t.Value, " \t\n"); t.Value == "" {
				list = list[1:]
			}
		}
	}
	if len(list) > 0 {
		if t, ok := list[len(list)-1].(*markdown.Text); ok {
			if t.Value = strings.TrimRight(t.Value, " \t\n"); t.Value == "" {
				list = list[:len(list)-1]
			}
		}
	}
	return list
}
