package format

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func printed(nodes []markdown.Node) string {
	return strings.TrimSuffix(markdown.Print(markdown.NewRoot(nodes...)), "\n")
}

func TestReadMrkdwn(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"hello": "hello", "": "", "```": "\\`\\`\\`",
		"*bold* _italic_ ~gone~ `code`":    "**bold** *italic* ~~gone~~ `code`",
		"*bold _and italic_*":              "**bold *and italic***",
		"2*3*4 snake_case_name a~b~c":      "2\\*3\\*4 snake_case_name a\\~b\\~c",
		"* not bold* *not bold *":          "\\* not bold\\* \\*not bold \\*",
		"(*yes*), *yes*!":                  "(**yes**), **yes**!",
		"*a `*` b*":                        "**a `*` b**",
		"> quoted\n> more\nnot":            "> quoted\n> more\n\nnot",
		">>>all\nof it":                    "> all\n> of it",
		">> two":                           "> \\> two",
		"see\n```\nx := *p\n\ny\n```\nend": "see\n\n```\nx := *p\n\ny\n```\n\nend",
		"one\n\ntwo\nthree":                "one\n\ntwo\nthree",
		"<a> <https://go.dev>":             "\\<a> \\<https\\://go.dev>",
		"*bold\nlines*":                    "\\*bold\nlines\\*",
		"&gt; no entity":                   "\\&gt; no entity",
		" \n\n *a*":                        "**a**",
	} {
		require.Equal(t, want, printed(MrkdwnReader{}.Read(in)), in)
	}
	r := MrkdwnReader{
		Text: strings.ToUpper,
		Code: strings.ToTitle,
		Angle: func(content string) markdown.Node {
			if content == "x" {
				return markdown.NewLink("https://x", markdown.NewText("y"))
			}
			return nil
		},
		Quotes: []string{"&gt;"},
	}
	require.Equal(t, "A [y](https://x) \\<Z> **B** `C`\n\n> Q\n\n\\> N\n\n```\nD\n```", printed(r.Read("a <x> <z> *b* `c`\n&gt;q\n> n\n```d```")))
	require.Equal(t, "\\*A\\* *B*", printed([]markdown.Node{markdown.NewParagraph(r.Line("*a* _b_", "*")...)}))
}

func TestParagraphs(t *testing.T) {
	t.Parallel()
	text := markdown.NewText
	nodes := Paragraphs([]markdown.Node{text(" a"), text(" b\n\n\n"), markdown.NewStrong(text("c")), text("\n\n \n\nd\n")})
	require.Equal(t, "a b\n\n**c**\n\nd", printed(nodes))
	require.Empty(t, Paragraphs([]markdown.Node{text(" \n\n ")}))
	kept := text("a ")
	require.Len(t, JoinTexts([]markdown.Node{kept, text("b"), &markdown.Break{}, text("c"), text("")}), 3)
	require.Equal(t, "a ", kept.Value)
}

// TestReadMrkdwnIsLinear reads what could cost a careless parser much. A quadratic
// one needs minutes for it, this one a fraction of a second.
func TestReadMrkdwnIsLinear(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for _, piece := range []string{"*a ", "<", "`", "*`", "*<", "<a", "_*~", ">", "```", "<@U1>", "\n", "*a `b", "x*", "_a*b ", "*a_ ~"} {
		MrkdwnReader{}.Read(strings.Repeat(piece, (64<<10)/len(piece)))
		require.Less(t, time.Since(began), 20*time.Second, "%q", piece)
	}
}

// FuzzReadMrkdwn checks that no letter is lost, and that nothing that strangers send
// makes a tree that cannot be written.
func FuzzReadMrkdwn(f *testing.F) {
	for _, text := range []string{"*a* _b_ ~c~ `d`", "> q", "```x```", "<@U1|a> <#C1>", "*_~`<", ">>>a\n\n*b*", "a\n```\n> b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		angle := func(content string) markdown.Node { return markdown.NewText(content) }
		for _, r := range []MrkdwnReader{{}, {Angle: angle, Quotes: []string{"&gt;", ">"}}} {
			root := markdown.NewRoot(r.Read(text)...)
			if r.Angle == nil {
				require.Equal(t, letters(text), letters(markdown.PlainText(root)))
			}
			_ = markdown.Print(root)
			_, err := json.Marshal(root)
			require.NoError(t, err)
		}
	})
}

func ExampleMrkdwnReader() {
	fmt.Print(markdown.Print(markdown.NewRoot(MrkdwnReader{}.Read("*Done*, see `main.go`\n> 2*3*4")...)))
	// Output:
	// **Done**, see `main.go`
	//
	// > 2\*3\*4
}
