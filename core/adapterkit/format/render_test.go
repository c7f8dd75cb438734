package format

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const document = "# Title *x*\n\nSome **bold *both*** and ~~struck~~, `a<b`, {{emoji:wave}} <@U1>\nline\\\nbreak <b>raw</b>.\n\n" +
	"> quote\n>\n> > inner\n\n- one\n  two\n  1. nested\n- [x] done\n- [ ] open\n\n```go\nif a < b {\n}\n```\n\n---\n\n" +
	"| a | b |\n|---|--:|\n| 1 | 2 |\n\n[label **b**](https://e.com?a=1&b=2) <https://e.com> ![alt](https://e.com/i.png) [ref] [none][x] [^1]\n\n[ref]: https://ref.com\n\n[^1]: note\n"

func TestRenderHTML(t *testing.T) {
	t.Parallel()
	m := HTML()
	m.Mention = func(user chat.UserID) string {
		return `<a href="tg://user?id=` + string(user) + `">` + string(user) + "</a>"
	}
	require.Equal(t, `<b>Title <i>x</i></b>

Some <b>bold <i>both</i></b> and <s>struck</s>, <code>a&lt;b</code>, 👋 <a href="tg://user?id=U1">U1</a>
line
break &lt;b&gt;raw&lt;/b&gt;.

<blockquote>quote

&gt; inner</blockquote>

• one
    two
    1. nested
☑ done
☐ open

<pre><code class="language-go">if a &lt; b {
}</code></pre>

———

<pre>a | b
--|--
1 | 2</pre>

<a href="https://e.com?a=1&amp;b=2">label <b>b</b></a> <a href="https://e.com">https://e.com</a> <a href="https://e.com/i.png">alt</a> <a href="https://ref.com">ref</a> [none][x] [1]

[1] note`, Render(markdown.Parse(document), m))
}

func TestRenderPlain(t *testing.T) {
	t.Parallel()
	require.Equal(t, `Title x

Some bold both and struck, a<b, 👋 @U1
line
break <b>raw</b>.

> quote
> 
> > inner

• one
    two
    1. nested
☑ done
☐ open

if a < b {
}

———

a | b
--|--
1 | 2

label b (https://e.com?a=1&b=2) https://e.com alt (https://e.com/i.png) ref (https://ref.com) [none][x] [1]

[1] note`, Render(markdown.Parse(document), Markup{}))
}

// TestRenderBounded renders for platforms whose markers need space around them.
func TestRenderBounded(t *testing.T) {
	t.Parallel()
	m := Markup{
		Strong: Markers{"*", "*"}, Emphasis: Markers{"_", "_"}, Delete: Markers{"~", "~"}, Bounded: true, PlainLabels: true, Bullet: "* ",
		Code:    func(code string) string { return "`" + code + "`" },
		Link:    func(label, address string) string { return "<" + address + "|" + label + ">" },
		Address: func(address string) string { return strings.TrimPrefix(address, "javascript:") },
	}
	for source, want := range map[string]string{
		"**a** b":                  "*a* b",
		"un**bold**ed":             "un\u200b*bold*\u200bed",
		"**bold\nlines**":          "*bold*\n*lines*",
		"**a *b***":                "*a _b_*",
		"*a **b***":                "_a *b*_",
		"**a**~~b~~":               "*a*\u200b~b~",
		"**a `b` c**":              "*a `b` c*",
		"x`c`y":                    "x\u200b`c`\u200by",
		"[**b** x](https://e.c)":   "<https://e.c|b x>",
		"[x](javascript:)":         "x",
		"[**x**](<javascript:>)":   "*x*",
		"# a\n\n* b":               "*a*\n\n* b",
		"**** **a****b** __":       Render(markdown.Parse("**** **a****b** __"), m), // whatever it is, it ends
		"## **a** _b_":             "*a _b_*",
		"**a [l](https://e.c) b**": "*a <https://e.c|l> b*",
	} {
		require.Equal(t, want, Render(markdown.Parse(source), m), source)
	}
}

// TestRenderMrkdwn renders for platforms that have no escape for their markers.
func TestRenderMrkdwn(t *testing.T) {
	t.Parallel()
	m := Mrkdwn(strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace)
	for source, want := range map[string]string{
		"**a** *b* ~~c~~ `d<`":             "*a* _b_ ~c~ `d&lt;`",
		`\*a\* \_b\_ \~c\~ \` + "`d`":      "∗a∗ ＿b＿ ∼c∼ ˋdˋ",
		"5 * 3, snake_case, `` ` ``":       "5 * 3, snake_case, `ˋ`",
		"```go\na ``` <\n\nb\n```":         "```\na `\u200b`` &lt;\n\nb\n```",
		"|a|b|\n|-|-|\n|{{emoji:wave}}|<|": "```\na  | b\n---|--\n👋 | &lt;\n```",
		"> **a**":                          "> *a*",
		"**one ** and **two**":             "∗∗one ∗∗ and *two*",
		`**a\* b**`:                        "*a∗ b*",
		`**a \*b**`:                        "*a ∗b*",
		`a \***b**`:                        "a ∗*b*",
	} {
		require.Equal(t, want, Render(Parse(source), m), source)
	}
	require.Equal(t, "∗a∗ &lt;b\n👋 @U1", m.Text("*a* <b\n{{emoji:wave}} <@U1>"))
}

// TestRenderWhatsApp keeps what begins a line from being a quote or a list.
func TestRenderWhatsApp(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- a\n* b\n> c\n12. d\n-e": "-\u00a0a\n*\u00a0b\n>\u00a0c\n12.\u00a0d\n-e", "*a*": "∗a∗", "a - b": "a - b",
		"*0*_0": "∗0∗_0", "0_*0*": "0_∗0∗", "snake_case_x": "snake_case_x", "a__b": "a__b",
	} {
		require.Equal(t, want, WhatsApp().Text(text))
	}
	require.Equal(t, "> *a*\n> b", Render(Parse("> **a**\n> b"), WhatsApp()))
}

func TestText(t *testing.T) {
	t.Parallel()
	text := "<b> {{emoji:wave}}\n<@U1> {{emoji:}} <@"
	require.Equal(t, "<b> 👋\n@U1 {{emoji:}} <@", Markup{}.Text(text))
	m := HTML()
	m.Emoji = func(e emoji.Emoji) string { return ":" + e.Name() + ":" }
	m.Mention = func(u chat.UserID) string { return "[" + string(u) + "]" }
	require.Equal(t, "&lt;b&gt; :wave:\n[U1] {{emoji:}} &lt;@", m.Text(text))
	m.Angle = func(text string) (string, int) {
		if strings.HasPrefix(text, "<b>") {
			return "B", len("<b>")
		}
		return "", 0
	}
	require.Equal(t, "B :wave:\n&lt;@U1&gt; {{emoji:}} &lt;@", m.Text(text))
}

// TestLabelsHoldNoLinks renders links whose labels hold pictures and mentions, which
// would be links in links.
func TestLabelsHoldNoLinks(t *testing.T) {
	t.Parallel()
	m := HTML()
	m.Mention = func(user chat.UserID) string {
		return `<a href="tg://user?id=` + string(user) + `">` + string(user) + "</a>"
	}
	require.Equal(t, `<a href="https://e.com">a <b>b</b> @U1 👋</a>`, Render(Parse("[![a](https://e.com/i.png) **b** <@U1> {{emoji:wave}}](https://e.com)"), m))
	m.PlainLabels = true
	require.Equal(t, `<a href="https://e.com">a b @U1 👋</a>`, Render(Parse("[![a](https://e.com/i.png) **b** <@U1> {{emoji:wave}}](https://e.com)"), m))
}

func TestRenderParts(t *testing.T) {
	t.Parallel()
	rows := "| A | B |\n|---|---|\n" + strings.Repeat("| a cell | another & cell |\n", 60)
	for name, c := range map[string]struct{ source, begins string }{
		"words":        {strings.Repeat("word & ", 200), ""},
		"bold":         {"**" + strings.Repeat("word & ", 200) + "end**", "<b>"},
		"quote":        {"> " + strings.Repeat("a < b ", 200), "<blockquote>"},
		"code":         {"```\n" + strings.Repeat("a < b\n", 200) + "```", "<pre>a &lt; b\n"},
		"table":        {rows, "<pre>A      | B\n"},
		"quoted table": {"> " + strings.ReplaceAll(strings.TrimSpace(rows), "\n", "\n> "), "<blockquote><pre>A      | B\n"},
		"item":         {"- " + strings.Repeat("a < b ", 200), ""},
		"no space":     {strings.Repeat("&", 2000), "&amp;"},
	} {
		parts := RenderParts(c.source, 400, Runes, HTML())
		require.Greater(t, len(parts), 2, name)
		for _, part := range parts {
			require.LessOrEqual(t, Length(part, Runes), 400, name)
			require.True(t, strings.HasPrefix(part, c.begins), "%s: %q", name, part)
			for _, tag := range []string{"b", "pre", "blockquote"} {
				require.Equal(t, strings.Count(part, "<"+tag+">"), strings.Count(part, "</"+tag+">"), "%s: %q", name, part)
			}
		}
	}
	require.Equal(t, []string{"<b>a</b>"}, RenderParts("**a**", 400, Runes, HTML()))
	require.Empty(t, RenderParts(" \n", 400, Runes, HTML()))
}

// TestSpaceBesideMarkers renders trees that no Markdown says, such as a program's own.
func TestSpaceBesideMarkers(t *testing.T) {
	t.Parallel()
	text, strong := markdown.NewText, func(content ...markdown.Node) markdown.Node { return markdown.NewStrong(content...) }
	for want, content := range map[string][]markdown.Node{
		"a *b* c":     {text("a"), strong(text(" b ")), text("c")},
		"*a b*  c":    {strong(text("a "), text("b ")), text(" c")},
		"*a _b_* c":   {strong(text("a"), markdown.NewEmphasis(text(" b "))), text("c")},
		"a  b":        {text("a"), strong(text("  ")), text("b")},
		"*a* `c` *b*": {strong(text("a ")), markdown.NewInlineCode("c"), strong(text(" b"))},
		"*a* \n*b*":   {strong(text("a \nb"))},
	} {
		require.Equal(t, want, Render(markdown.NewRoot(markdown.NewParagraph(content...)), Mrkdwn(nil)))
	}
	html := Render(markdown.NewRoot(markdown.NewParagraph(text("a"), strong(text(" b \n c ")), text("d"))), HTML())
	require.Equal(t, "a <b>b \n c</b> d", html)
}

// FuzzRenderParts checks that every part fits and that no letter of the text is
// lost, whatever the markup makes of it.
func FuzzRenderParts(f *testing.F) {
	f.Add(document, 60)
	f.Add(strings.Repeat("> ", 60)+"a & b", 50)
	f.Add("|"+strings.Repeat("wide", 40)+"|b|\n|-|-|\n"+strings.Repeat("|c|d|\n", 20), 90)
	f.Add("[x](https://e.com/"+strings.Repeat("a", 200)+")", 64)
	f.Fuzz(func(t *testing.T, source string, most int) {
		most = 50 + (most%1000+1000)%1000
		whole := letters(Markup{}.Text(markdown.PlainText(Parse(source))))
		for _, m := range []Markup{HTML(), Mrkdwn(EscapeHTML)} {
			m.Code, m.CodeBlock, m.Link = nil, nil, nil // of which only the whole counts
			var all strings.Builder
			for _, part := range RenderParts(source, most, UTF16, m) {
				require.LessOrEqual(t, Length(part, UTF16), most)
				all.WriteString(part)
			}
			require.True(t, isSubsequence(whole, letters(all.String())), "%q: %q", whole, all.String())
		}
	})
}

// FuzzRenderHTML checks that whatever comes is well-formed, and holds no element
// that the subset does not have.
func FuzzRenderHTML(f *testing.F) {
	f.Add(document)
	f.Add("**a _b ~~c** d_ e~~ <script> [x](\"><b>)")
	f.Add("> > > **a\n\n```\"><x>\n</pre>\n```\n")
	f.Fuzz(func(t *testing.T, source string) {
		out := Render(markdown.Parse(source), HTML())
		allowed := map[string]bool{"b": true, "i": true, "s": true, "code": true, "pre": true, "a": true, "blockquote": true, "all": true}
		clean := strings.Map(func(r rune) rune { // what XML does not allow at all
			if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return -1
			}
			return r
		}, strings.ToValidUTF8(out, ""))
		decoder := xml.NewDecoder(strings.NewReader("<all>" + clean + "</all>"))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			require.NoError(t, err, "%q", out)
			if start, ok := token.(xml.StartElement); ok {
				require.True(t, allowed[start.Name.Local], "%q", out)
			}
		}
	})
}

func ExampleRender() {
	root := markdown.Parse("**Done**, <@U1>: 1 < 2 {{emoji:party}}")
	fmt.Println(Render(root, HTML()))
	fmt.Println(Render(root, Markup{}))
	// Output:
	// <b>Done</b>, @U1: 1 &lt; 2 🎉
	// Done, @U1: 1 < 2 🎉
}
