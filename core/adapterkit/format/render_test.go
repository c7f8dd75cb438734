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
