package markdown_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// TestPrintKeepsText checks that no text becomes markup: what is printed reads
// as the same text.
func TestPrintKeepsText(t *testing.T) {
	for _, text := range []string{
		"# a", "- a", "+ a", "1. a", "2) a", "> a", "***", "---", "===", "```", "~~~", "    a", "\ta", "a\n# b", "a\n---", "a\n===",
		"*a*", "_a_", "**a**", "~a~", "`a`", "[a](b)", "![a](b)", "[a]: b", "[a]", "[^a]", "[ ] a", "<b>", "<https://a.b>", "<!-- a -->",
		"&amp;", "&#35;", `\*`, `\`, `a\`, "a | b\n- | -", "| a |\n| - |", "|-", ":-", "2 * 3", "a*b*c", "snake_case_name", "a ", " a",
		"a  \nb", "C:\\dir", "http://localhost", "www.a", "5 < 6 > 4", "100%", "a!", "🙂*x*", "a\n\nb",
	} {
		root := markdown.NewRoot(markdown.NewParagraph(markdown.NewText(text)))
		printed := markdown.Print(root)
		require.Equal(t, text, markdown.PlainText(markdown.Parse(printed)), "%q printed as %q", text, printed)
		require.Len(t, markdown.Parse(printed).Children, 1, printed)

		table := markdown.NewTable(nil, markdown.NewTableRow(text, text))
		read, ok := markdown.Find[*markdown.TableCell](markdown.Parse(markdown.Print(table)))
		require.True(t, ok)
		require.Equal(t, text, markdown.PlainText(read), "in a table: %q", markdown.Print(table))
	}
}

func TestPrint(t *testing.T) {
	for _, test := range []struct {
		want string
		node markdown.Node
	}{
		{"", markdown.NewRoot()},
		{"a *b* **c** ~~d~~ `` e` `` [f](g)\n", markdown.NewParagraph(
			markdown.NewText("a "), markdown.NewEmphasis(markdown.NewText("b")), markdown.NewText(" "),
			markdown.NewStrong(markdown.NewText("c")), markdown.NewText(" "), markdown.NewDelete(markdown.NewText("d")),
			markdown.NewText(" "), markdown.NewInlineCode("e`"), markdown.NewText(" "),
			markdown.NewLink("g", markdown.NewText("f")))},
		{"*a*_b_\n", markdown.NewParagraph(markdown.NewEmphasis(markdown.NewText("a")), markdown.NewEmphasis(markdown.NewText("b")))},
		{"&#x78;**&#x20;a&#x20;**&#x79;\n", markdown.NewParagraph(markdown.NewText("x"), markdown.NewStrong(markdown.NewText(" a ")), markdown.NewText("y"))},
		{"&#x78;**(a)**&#x79;\n", markdown.NewParagraph(markdown.NewText("x"), markdown.NewStrong(markdown.NewText("(a)")), markdown.NewText("y"))},
		{"[a](<b c> \"d \\\"e\\\"\")\n", markdown.NewParagraph(&markdown.Link{URL: "b c", Title: `d "e"`, Children: []markdown.Node{markdown.NewText("a")}})},
		{"<https://a.b>\n", markdown.NewParagraph(markdown.NewLink("https://a.b", markdown.NewText("https://a.b")))},
		{"[a b](c)\n", markdown.NewParagraph(markdown.NewLink("c", markdown.NewText("a "), markdown.NewLink("d", markdown.NewText("b"))))},
		{"# a \\#\n", markdown.NewHeading(1, markdown.NewText("a #"))},
		{"a\nb\n---\n", markdown.NewHeading(2, markdown.NewText("a\nb"))},
		{"````go\n```\n````\n", markdown.NewCode("go", "```")},
		{"- a\n- b\n\n  c\n", markdown.NewList(
			markdown.NewListItem(markdown.NewParagraph(markdown.NewText("a"))),
			&markdown.ListItem{Spread: true, Children: []markdown.Node{markdown.NewParagraph(markdown.NewText("b")), markdown.NewParagraph(markdown.NewText("c"))}})},
		{"9. [ ] a\n10. [x] b\n", markdown.NewOrderedList(9,
			markdown.NewTask(false, markdown.NewParagraph(markdown.NewText("a"))),
			markdown.NewTask(true, markdown.NewParagraph(markdown.NewText("b"))))},
		{"- a\n\n* b\n", markdown.NewRoot(
			markdown.NewList(markdown.NewListItem(markdown.NewParagraph(markdown.NewText("a")))),
			markdown.NewList(markdown.NewListItem(markdown.NewParagraph(markdown.NewText("b")))))},
		{"> a\n>\n> > b\n", markdown.NewBlockquote(
			markdown.NewParagraph(markdown.NewText("a")), markdown.NewBlockquote(markdown.NewParagraph(markdown.NewText("b"))))},
		{"| a | b\\|c |\n| :-- | --- |\n| 1 |\n", markdown.NewTable([]markdown.Align{markdown.AlignLeft},
			markdown.NewTableRow("a", "b|c"), markdown.NewTableRow("1"))},
		{"a\\\nb\n", markdown.NewParagraph(markdown.NewText("a"), &markdown.Break{}, markdown.NewText("b"), &markdown.Break{})},
	} {
		require.Equal(t, test.want, markdown.Print(test.node))
	}
}
