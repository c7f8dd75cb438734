package markdown_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestMend(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"", ""},
		{"plain", "plain"},
		{"a **b", "a **b**"},
		{"a **b *c", "a **b *c***"},
		{"a **b*", "a **b**"},
		{"a **b** ", "a **b** "},
		{"a *", "a"},
		{"a **b\n", "a **b**"},
		{"a **b\n\n", "a **b\n\n"},
		{"2 * 3 = 6, x*y", "2 * 3 = 6, x*y"},
		{"snake_case_", "snake_case_"},
		{"~~a", "~~a~~"},
		{"~5 minutes", "~5 minutes"},
		{"a `b", "a `b`"},
		{"a ``b`", "a ``b``"},
		{"**a `b", "**a `b`**"},
		{"a [b", "a "},
		{"a [b](http://c", "a "},
		{"a [b](c)", "a [b](c)"},
		{"a [b] c", "a [b] c"},
		{"a ![b](c \"d", "a "},
		{"**a [b", "**a**"},
		{"a <b c=\"d", "a "},
		{"a < b", "a < b"},
		{"a &am", "a "},
		{`a \`, "a"},
		{"# a **b", "# a **b**"},
		{"a\n-", "a\n"},
		{"a\n- ", "a\n"},
		{"- a\n- **b", "- a\n- **b**"},
		{"> **a\n> b", "> **a\n> b**"},
		{"```go\nx", "```go\nx\n```"},
		{"```go\nx\n``", "```go\nx\n```"},
		{"- ~~~\n  x", "- ~~~\n  x\n  ~~~"},
		{"> ```\n> x", "> ```\n> x\n> ```"},
		{"a\n\n| b | c", "a\n\n"},
		{"a\n\n| b | c |\n", "a\n\n"},
		{"a\n\n| b | c |\n|--", "a\n\n"},
		{"| b | c |\n|--|--|", ""},
		{"| b | c |\n|--|--|\n", "| b | c |\n|--|--|\n"},
		{"- a\n- [x] ", "- a\n"},
		{"| b | c |\n|--|--|\n| **d", "| b | c |\n|--|--|\n| **d**"},
		{"a **b\n| c", "a **b**"},
		{"caf\xc3", "caf"},
	} {
		require.Equal(t, strings.TrimRight(test.want, " "), strings.TrimRight(markdown.Mend(test.source), " "), "%q", test.source)
	}
}

func TestSettled(t *testing.T) {
	var m markdown.Mender
	require.Empty(t, m.Settled())
	for _, step := range []struct{ piece, settled string }{
		{"Hello **wor", "Hello "},
		{"ld** and [a", "Hello **world** and"},
		{"](b).", "Hello **world** and [a](b)."},
		{"\n\n```\nx\n`", "Hello **world** and [a](b).\n\n```\nx\n"},
	} {
		m.Write(step.piece)
		require.Equal(t, step.settled, m.Settled())
	}
}

// document returns Markdown in which every delimiter has its partner, and no
// text has one of their characters.
func document(r *rand.Rand) string {
	word := func() string { return []string{"tea", "cake", "blue", "Ä", "x1", "two words"}[r.IntN(6)] }
	// around has the delimiters that must not be used again.
	var inline func(around string) string
	inline = func(around string) string {
		var parts []string
		for range 1 + r.IntN(4) {
			kind := r.IntN(8)
			if delim := []string{"**", "_", "~~"}[kind%3]; kind < 3 && strings.Contains(around, delim) {
				kind = 7
			}
			switch kind {
			case 0:
				parts = append(parts, "**"+inline(around+"**")+"**")
			case 1:
				parts = append(parts, "_"+inline(around+"_")+"_")
			case 2:
				parts = append(parts, "~~"+inline(around+"~~")+"~~")
			case 3:
				parts = append(parts, "`"+word()+"`")
			case 4:
				parts = append(parts, "["+word()+"](https://example.com/"+word()[:1]+")")
			case 5:
				parts = append(parts, "!["+word()+"](a.png \"t\")")
			default:
				parts = append(parts, word())
			}
		}
		return strings.Join(parts, " ")
	}
	var b strings.Builder
	for range 1 + r.IntN(5) {
		switch r.IntN(7) {
		case 0:
			fmt.Fprintf(&b, "## %s\n\n", inline(""))
		case 1:
			fmt.Fprintf(&b, "- %s\n- [x] %s\n  1. %s\n\n", inline(""), inline(""), inline(""))
		case 2:
			fmt.Fprintf(&b, "> %s\n> %s\n\n", inline(""), inline(""))
		case 3:
			fmt.Fprintf(&b, "| %s | %s |\n|:--|---|\n| %s | %s |\n\n", word(), word(), inline(""), inline(""))
		case 4:
			b.WriteString("```go\nx := 1\n\n```\n\n")
		default:
			fmt.Fprintf(&b, "%s\n%s.\n\n", inline(""), inline(""))
		}
	}
	return b.String()
}

// TestNoPrefixShowsMarkup streams documents byte by byte. At no moment may a
// reader see a piece of markup: a delimiter, a bracket or a pipe as text.
func TestNoPrefixShowsMarkup(t *testing.T) {
	for seed := range uint64(30) {
		source := document(rand.New(rand.NewPCG(seed, 0)))
		var m markdown.Mender
		for i := range len(source) {
			m.Write(source[i : i+1])
			root := markdown.Parse(m.Mended())
			for text := range markdown.FindAll[*markdown.Text](root) {
				require.False(t, strings.ContainsAny(text.Value, "*_~`[]|<>\\#"),
					"seed %d: %q is seen in %q, mended from %q", seed, text.Value, m.Mended(), source[:i+1])
			}
		}
		require.Equal(t, source, m.Text())
	}
}
