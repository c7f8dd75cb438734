package format

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestSettled(t *testing.T) {
	t.Parallel()
	// What stands after "¶" waits for more.
	for _, text := range []string{
		"one two¶ ", "one¶ **", "one **two¶", "one ¶[label", "one ¶[label](https://e", "one [label](https://e.com)¶", "one¶ `code", "one¶ `code`",
		"one¶ &am", "one &amp;¶", "one¶ <https://e", "one¶ https://e.com/a", "one\n¶\n", "```go\none¶\ntwo", "|a|b|\n|-|-|\n|1|2|¶\n|3", "x¶\na|b\n|--",
	} {
		want, rest, _ := strings.Cut(text, "¶")
		got := Settled(want + rest)
		require.Equal(t, strings.TrimRight(want, " \n"), strings.TrimRight((want + rest)[:got], " \n"), text)
	}
	long := "one `" + strings.Repeat("x", 2*maxUnsettled)
	require.Len(t, long, Settled(long), "nothing is waited for without end")
}

func FuzzSettled(f *testing.F) {
	f.Add("one [label](https://e")
	f.Add("```\nx\n|a|\n|-|\n")
	f.Fuzz(func(t *testing.T, text string) {
		n := Settled(text)
		require.GreaterOrEqual(t, n, 0)
		require.LessOrEqual(t, n, len(text))
	})
}

func TestTablesAsCode(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a\n\n```\nx | y\n--|--\n1 | 2\n```\n\nb", TablesAsCode("a\n\n|x|y|\n|-|-:|\n|1|2|\n\nb"))
	require.Equal(t, "> ```\n> x\n> -\n> 1\n> ```", TablesAsCode("> |x|\n> |-|\n> |1|"))
	require.Equal(t, "no table\n|x|", TablesAsCode("no table\n|x|"))
}

func TestParse(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"**注意！**必ず": "注意！", "これは**「重要」**です": "「重要」", "**bold**": "bold",
	} {
		strong, ok := markdown.Find[*markdown.Strong](Parse(source))
		require.True(t, ok, source)
		require.Equal(t, want, markdown.PlainText(strong))
	}
	require.Equal(t, markdown.Parse("a **b** c"), Parse("a **b** c"))
	require.Equal(t, "a\u2e52「**b", markdown.PlainText(Parse("a\u2e52「**b")), "whoever writes the mark keeps it")
}

func TestShortenMarkdown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"**one two**", 20, "**one two**"},
		{"**one two three**", 12, "**one two**…"},
		{"```\none\ntwo\nthree\n```", 16, "```\none\n```\n…"},
		{"one [label](https://e.com)", 20, "one…"},
	} {
		require.Equal(t, test.want, ShortenMarkdown(test.text, test.most, UTF16))
	}
}
