package slacktest_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// TestLongFields posts fields that are too long for a cell: nothing of them is lost.
func TestLongFields(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"words": strings.Repeat("word ", 500) + "END",
		"code":  "```\n" + strings.Repeat("line of log\n", 200) + "```\nEND",
		"table": "|a|b|\n|-|-|\n" + strings.Repeat("|row|cell|\n", 400) + "\nEND",
	} {
		o := newOutbound(t)
		_, m := o.post(t, &chat.Post{Card: card.New("", card.NewFields(card.NewField("Before", "b"), card.NewField("Answer", value), card.NewField("After", "a")))})
		var blocks []struct {
			Text   *struct{ Text string }
			Fields []struct{ Text string }
		}
		require.NoError(t, json.Unmarshal(m.Blocks, &blocks))
		var texts []string
		for _, b := range blocks {
			if b.Text != nil {
				texts = append(texts, b.Text.Text)
			}
			for _, f := range b.Fields {
				texts = append(texts, f.Text)
			}
		}
		all := strings.Join(texts, "\n")
		require.Regexp(t, `(?s)\*Before\*\nb.*\*Answer\*.*END.*\*After\*\na`, all, name)
		require.NotContains(t, all, "…", name)
		require.Equal(t, strings.Count(value, "word")+strings.Count(value, "line of log")+strings.Count(value, "row"), strings.Count(all, "word")+strings.Count(all, "line of log")+strings.Count(all, "row"), name)
		for _, text := range texts {
			require.Zero(t, strings.Count(text, "```")%2, name)
		}
	}
}

// TestFallbackAfterATable has text after a table, which is no row of it, and more
// than a fallback takes.
func TestFallbackAfterATable(t *testing.T) {
	t.Parallel()
	_, text := blocksOf(t, card.New("T", card.NewTable([]string{"A", "B"}, []string{"1", "2"}), card.NewText("after it"), card.NewFields(card.NewField("x", "y"))))
	require.Equal(t, "*T*\n```\nA | B\n--|--\n1 | 2\n```\nafter it\nx: y", text)

	o := newOutbound(t)
	_, m := o.post(t, &chat.Post{Card: card.New("", card.NewText("## Rows\n\n| H1 | H2 |\n|---|---|\n"+strings.Repeat("| a cell | another cell |\n", 200)))})
	require.Zero(t, strings.Count(m.Text, "```")%2, "the fallback's fence is closed")
	require.Equal(t, 2, strings.Count(string(m.Blocks), "H1 "), "the head is repeated")
}

// TestContentThatFailed posts inputs that once came out wrong.
func TestContentThatFailed(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	code, err := os.ReadFile("testdata/cases/14-indented-code.md")
	require.NoError(t, err)
	_, m := o.post(t, &chat.Post{Markdown: string(code)})
	require.Equal(t, strings.TrimRight(string(code), "\n"), m.Markdown, "code is sent as it is")

	cjk, err := os.ReadFile("testdata/cases/19-cjk-bold.md")
	require.NoError(t, err)
	_, m = o.post(t, &chat.Post{Card: card.New("", card.NewText(string(cjk)))})
	require.NotContains(t, string(m.Blocks), "**", "all six are bold")

	var link struct {
		Input struct {
			Card struct{ Link struct{ Label, URL string } }
		}
	}
	readCase(t, "21-javascript-link.json", &link)
	_, m = o.post(t, &chat.Post{Card: card.New("", card.NewLink(link.Input.Card.Link.Label, link.Input.Card.Link.URL))})
	require.NotContains(t, string(m.Blocks), "javascript")

	_, _ = o.post(t, &chat.Post{Markdown: strings.Repeat("word ", 2_398) + "[the label of a link](https://example.com/some/path) and the end."})
	own := o.shown()
	require.Equal(t, "[the label of a link](https://example.com/some/path) and the end.", own[len(own)-1].Markdown, "the cut is before the link")
}
