package markdown_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// outline writes a tree in short: (type value children).
func outline(n markdown.Node) string {
	value := ""
	switch n := n.(type) {
	case *markdown.Text:
		return fmt.Sprintf("%q", n.Value)
	case *markdown.InlineCode:
		value = n.Value
	case *markdown.HTML:
		value = n.Value
	case *markdown.Code:
		value = n.Lang + ":" + n.Value
	case *markdown.Link:
		value = n.URL + n.Title
	case *markdown.Image:
		value = n.URL + n.Title + " " + n.Alt
	case *markdown.Definition:
		value = n.Identifier + " " + n.URL + n.Title
	case *markdown.LinkReference:
		value = n.Identifier + " " + string(n.ReferenceType)
	case *markdown.ImageReference:
		value = n.Identifier + " " + string(n.ReferenceType) + " " + n.Alt
	case *markdown.FootnoteReference:
		value = n.Identifier
	case *markdown.FootnoteDefinition:
		value = n.Identifier
	case *markdown.Heading:
		value = fmt.Sprint(n.Depth)
	case *markdown.List:
		if n.Start != nil {
			value = fmt.Sprint(*n.Start)
		}
		if n.Spread {
			value += "spread"
		}
	case *markdown.ListItem:
		if n.Checked != nil {
			value = fmt.Sprint(*n.Checked)
		}
		if n.Spread {
			value += "spread"
		}
	case *markdown.Table:
		value = fmt.Sprintf("%q", n.Align)
	}
	parts := []string{n.Type()}
	if value != "" {
		parts = append(parts, value)
	}
	for _, child := range markdown.Children(n) {
		parts = append(parts, outline(child))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"", `(root)`},
		{"\n \n", `(root)`},
		{"a\nb", `(root (paragraph "a\nb"))`},
		{"a  \nb\\\nc", `(root (paragraph "a" (break) "b" (break) "c"))`},
		{"a\r\nb\rc", `(root (paragraph "a\nb\nc"))`},
		{"\uFEFFa\x00\xff", `(root (paragraph "a��"))`},
		{"# a #\n\nb\n===\nc\n-", `(root (heading 1 "a") (heading 1 "b") (heading 2 "c"))`},
		{"*a* **b** ~~c~~ ~d~ `e`", `(root (paragraph (emphasis "a") " " (strong "b") " " (delete "c") " " (delete "d") " " (inlineCode e)))`},
		{"***a** b*", `(root (paragraph (emphasis (strong "a") " b")))`},
		{"snake_case 2 * 3 \\*", `(root (paragraph "snake_case 2 * 3 *"))`},
		{"**bold**🙂x", `(root (paragraph (strong "bold") "🙂x"))`},
		{"&amp; &#35; &nope; &copy", `(root (paragraph "& # &nope; &copy"))`},
		{"[a](/b \"c\") ![d](e)", `(root (paragraph (link /bc "a") " " (image e d)))`},
		{"[a][b] [b][] [b] ![b]\n\n[b]: /c 'd'", `(root (paragraph (linkReference b full "a") " " (linkReference b collapsed "b") " " (linkReference b shortcut "b") " " (imageReference b shortcut b)) (definition b /cd))`},
		{"[a] [b](", `(root (paragraph "[a] [b]("))`},
		{"[SS]\n\n[ẞ]: /x", `(root (paragraph (linkReference ss shortcut "SS")) (definition ss /x))`},
		{"<https://a.b> https://a.b/c. www.x.y m@x.yz", `(root (paragraph (link https://a.b "https://a.b") " " (link https://a.b/c "https://a.b/c") ". " (link http://www.x.y "www.x.y") " " (link mailto:m@x.yz "m@x.yz")))`},
		{"a[^n]\n\n[^n]: b\n\n    c", `(root (paragraph "a" (footnoteReference n)) (footnoteDefinition n (paragraph "b") (paragraph "c")))`},
		{"> a\nb\n\n> c", `(root (blockquote (paragraph "a\nb")) (blockquote (paragraph "c")))`},
		{"- a\n- b\n  - c\n\n2. d", `(root (list (listItem (paragraph "a")) (listItem (paragraph "b") (list (listItem (paragraph "c"))))) (list 2 (listItem (paragraph "d"))))`},
		{"- a\n\n- b\n\n  c", `(root (list spread (listItem (paragraph "a")) (listItem spread (paragraph "b") (paragraph "c"))))`},
		{"- [ ] a\n- [x] b\n- [y] c", `(root (list (listItem false (paragraph "a")) (listItem true (paragraph "b")) (listItem (paragraph "[y] c"))))`},
		{"```go x\na\n\n```\n    b", "(root (code go:a\n) (code :b))"},
		{"***\n<div>\n*a*\n\n<b>c</b>", "(root (thematicBreak) (html <div>\n*a*) (paragraph (html <b>) \"c\" (html </b>)))"},
		{"a | b\n-|:-:\n`c\\|d` | e | f\ng", `(root (table ["" "center"] (tableRow (tableCell "a") (tableCell "b")) (tableRow (tableCell (inlineCode c|d)) (tableCell "e") (tableCell "f")) (tableRow (tableCell "g"))))`},
	} {
		require.Equal(t, test.want, outline(markdown.Parse(test.source)), "%q", test.source)
	}
}

// depth returns how many levels a tree has.
func depth(n markdown.Node) int {
	deepest := 0
	for _, child := range markdown.Children(n) {
		deepest = max(deepest, depth(child))
	}
	return deepest + 1
}

func TestNestingIsBounded(t *testing.T) {
	const n = 5000
	for _, source := range []string{
		strings.Repeat(">", n) + "a",
		strings.Repeat("- ", n) + "a",
		strings.Repeat("1. ", n) + "a",
		strings.Repeat("[^a]: ", n) + "b",
		strings.Repeat("*a **b ", n) + strings.Repeat("c** d* ", n),
		strings.Repeat("~a ", n) + strings.Repeat("a~ ", n),
		strings.Repeat("![", n) + "a" + strings.Repeat("](b)", n),
	} {
		root := markdown.Parse(source)
		require.Less(t, depth(root), 320, "%.20q", source)
		require.NotEmpty(t, markdown.PlainText(root))
	}
}

// hard has units of text that are hard on a parser when they are repeated.
var hard = []string{
	"[", "*", "_", ">", "`", "- ", "[a](", "![[]()", "a*_", "<", "<!--", "[]", "&", "* a\n", ">\n", "> a\n",
	"[a]: b\n", "|", "http://", "~", "1. ", "\\", "_a ", "``a `", "a**b", "![", "www.a_", "[](a (", "[](a \"",
	"<a b=\"", "<a b='", "a@", "a@b.c_", "<?", "<![CDATA[", "*a ", "a* ", "~~a ", "[a][", "[^a]", "[^a]: ",
	"\t", "- a\n\n", "a|b\n-|-\n", "-|-\n", "===\na\n", "[a\n", "[a](b) ", "![a](b)", "[a]", "&amp;", "# a\n",
	"```\n", "<div>\n", "<pre>\n", "xmpp:a@b.c/", "www._", "https://a_.", "..", "_.", "www......", "http://a.b&a;",
	"~*a ", "_*", "a  \n", "[a]: <", "1)\n", "+\n\n  a\n", "<b ", "[^a]: b\n", "<a:", "[^",
}

// TestHardTexts shows that no text takes the parser, the printer or the mender
// much longer than its length: with steps in proportion to the square of it
// this test would not end.
func TestHardTexts(t *testing.T) {
	for _, unit := range hard {
		text := strings.Repeat(unit, 20_000/len(unit))
		for _, source := range []string{text, "[a]: b\n\n> - " + text + strings.Repeat(")", 100)} {
			root := markdown.Parse(source)
			_ = markdown.Print(root)
			_ = markdown.PlainText(root)
			_ = markdown.Mend(source)
		}
	}
	for _, unit := range []string{"[", "*", ">", "`"} {
		markdown.Parse(strings.Repeat(unit, 10<<20))
	}
}
