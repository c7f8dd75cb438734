// Package shown has what fake platforms need to tell as a tree what people see of a
// message.
package shown

import (
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Lines is text with its line endings.
func Lines(text string) []markdown.Node {
	var nodes []markdown.Node
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			nodes = append(nodes, &markdown.Break{})
		}
		if line != "" {
			nodes = append(nodes, markdown.NewText(line))
		}
	}
	return nodes
}

// Paragraphs puts what stands in lines into paragraphs, between blocks.
func Paragraphs(nodes []markdown.Node) []markdown.Node {
	var blocks, line []markdown.Node
	end := func() {
		if len(line) > 0 {
			blocks = append(blocks, markdown.NewParagraph(line...))
		}
		line = nil
	}
	for _, n := range nodes {
		switch n.(type) {
		case *markdown.Code, *markdown.Blockquote:
			end()
			blocks = append(blocks, n)
		default:
			line = append(line, n)
		}
	}
	end()
	return blocks
}

// Bare is a text without what nobody sees: white space, control characters, and the space
// of no width.
func Bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' {
			return -1
		}
		return r
	}, text)
}
