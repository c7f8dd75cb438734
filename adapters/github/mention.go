package github

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// mentionForm finds "@login" or "@app[bot]". "@org/team" mentions a team, and an e-mail
// address mentions nobody.
var mentionForm = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.@/-])@([A-Za-z0-9][A-Za-z0-9_-]*(?:\[bot\])?)(/[A-Za-z0-9]|\.[A-Za-z0-9])?`)

// mentions reports whether a text mentions one of the names outside of code and links.
// https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#mentioning-people-and-teams
func mentions(root *markdown.Root, names []string) bool {
	found := false
	markdown.Walk(root, func(n markdown.Node) bool {
		switch n := n.(type) {
		case *markdown.Paragraph, *markdown.Heading, *markdown.TableCell:
			found = found || textMentions(visibleText(n), names)
		}
		return !found
	})
	return found
}

// visibleText returns the text of a block without its code and links. A space replaces
// each, so that the texts around it do not form a name.
func visibleText(block markdown.Node) string {
	return markdown.PlainText(markdown.Map(block, func(n markdown.Node) markdown.Node {
		switch n.(type) {
		case *markdown.InlineCode, *markdown.HTML, *markdown.Link, *markdown.Image:
			return markdown.NewText(" ")
		}
		return n
	}))
}

func textMentions(text string, names []string) bool {
	for at := 0; ; {
		m := mentionForm.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return false
		}
		name := text[at+m[2] : at+m[3]]
		if m[4] < 0 && slices.ContainsFunc(names, func(want string) bool { return want != "" && strings.EqualFold(strings.TrimRight(name, "-_"), want) }) {
			return true
		}
		at += m[3]
	}
}
