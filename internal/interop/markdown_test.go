package interop

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// treeDifferences has the examples of which our tree is not remark's, with the
// reason. An example that is not listed must be equal, one that is listed must
// not.
var treeDifferences = map[string]string{
	"commonmark/173": "remark counts the line ending at the end of the text as part of HTML that nothing closes",
}

// textDifferences has the examples of which our plain text is not chat's, with
// the reason.
var textDifferences = map[string]string{
	"commonmark/173": treeDifferences["commonmark/173"],
	"footnote/001":   "chat runs the paragraphs of a footnote together, we put them on lines of their own",
}

// tree returns a tree as remark's JSON, decoded.
func tree(t *testing.T, n markdown.Node) any {
	t.Helper()
	data, err := markdown.Marshal(n)
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

// compareTrees compares our trees with remark's for the same sources.
func compareTrees(t *testing.T, list []example, ours []any, remark []any, differences map[string]string) {
	t.Helper()
	require.Len(t, remark, len(list))
	for i, e := range list {
		reason, listed := differences[e.name]
		if listed {
			assert.NotEqual(t, remark[i], ours[i], "%s is equal now: take it off the list (%s)", e.name, reason)
			continue
		}
		assert.Equal(t, remark[i], ours[i], "%s\n%s", e.name, e.markdown)
	}
	t.Logf("%d examples, %d of them different for known reasons", len(list), len(differences))
}

func TestTreesEqualRemark(t *testing.T) {
	list := examples(t)
	ours := make([]any, len(list))
	for i, e := range list {
		ours[i] = tree(t, markdown.Parse(e.markdown))
	}
	compareTrees(t, list, ours, ask[[]any](t, "parse", sources(list)), treeDifferences)
}

// TestRemarkReadsWhatWePrint has remark read our Markdown of every example: it
// must find our tree in it.
func TestRemarkReadsWhatWePrint(t *testing.T) {
	list := examples(t)
	ours := make([]any, len(list))
	printed := make([]string, len(list))
	for i, e := range list {
		root := markdown.Parse(e.markdown)
		ours[i] = tree(t, root)
		printed[i] = markdown.Print(root)
	}
	compareTrees(t, list, ours, ask[[]any](t, "parse", printed), treeDifferences)
}

func TestTreesSurviveJSON(t *testing.T) {
	list := examples(t)
	for i, raw := range ask[[]json.RawMessage](t, "parse", sources(list)) {
		n, err := markdown.Unmarshal(raw)
		require.NoError(t, err, list[i].name)
		data, err := markdown.Marshal(n)
		require.NoError(t, err)
		require.JSONEq(t, string(raw), string(data), list[i].name)
	}
}

func TestPrintingIsStable(t *testing.T) {
	for _, e := range examples(t) {
		once := markdown.Parse(e.markdown)
		again := markdown.Parse(markdown.Print(once))
		require.Equal(t, tree(t, once), tree(t, again), "%s\n%s", e.name, e.markdown)
	}
}

func TestPlainTextEqualsChat(t *testing.T) {
	list := examples(t)
	for i, text := range ask[[]string](t, "text", sources(list)) {
		ours := markdown.PlainText(markdown.Parse(list[i].markdown))
		if reason, listed := textDifferences[list[i].name]; listed {
			assert.NotEqual(t, text, ours, "%s is equal now: take it off the list (%s)", list[i].name, reason)
			continue
		}
		assert.Equal(t, text, ours, "%s\n%s", list[i].name, list[i].markdown)
	}
}

func TestTablesEqualChat(t *testing.T) {
	var list []example
	for _, e := range examples(t) {
		// The npm package knows no alignment.
		if strings.HasPrefix(e.name, "table/") && !strings.Contains(e.markdown, ":") {
			list = append(list, e)
		}
	}
	for i, want := range ask[[][]string](t, "tables", sources(list)) {
		got := []string{}
		for table := range markdown.FindAll[*markdown.Table](markdown.Parse(list[i].markdown)) {
			got = append(got, table.ASCII())
		}
		require.Equal(t, want, got, "%s\n%s", list[i].name, list[i].markdown)
	}
}

// TestEveryPrefixIsMended checks what a reader of a stream sees of every
// example after every byte.
func TestEveryPrefixIsMended(t *testing.T) {
	for _, e := range examples(t) {
		var m markdown.Mender
		settled := ""
		for i := range len(e.markdown) {
			m.Write(e.markdown[i : i+1])
			mended := m.Mended()
			// When its last line is complete and decided, nothing is left to mend.
			decided := mended + "\n"
			if strings.Contains(mended[strings.LastIndexByte(mended, '\n')+1:], "|") {
				decided += "x\n"
			}
			require.Equal(t, decided, markdown.Mend(decided), "%s: something dangles in the mended form of %q", e.name, e.markdown[:i+1])
			now := m.Settled()
			require.True(t, strings.HasPrefix(e.markdown[:i+1], now), e.name)
			require.True(t, strings.HasPrefix(now, settled), "%s: what is settled shrinks", e.name)
			settled = now
		}
		require.Equal(t, e.markdown, m.Text(), "%s: the final text is the source", e.name)
	}
}
