package teams

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// FuzzReadHTML reads what people, and others, may send as HTML: it never panics, and what
// is read can be printed.
func FuzzReadHTML(f *testing.F) {
	for _, seed := range []string{
		"", "<p>a</p>", `<p><span itemtype="http://schema.skype.com/Mention">Bot</span>&nbsp;x</p>`, "<ul><li>a<ol start=-1><li>b</ul>", "<table><tr><td>a<tr><th>b</table>",
		"<pre>a\n<br>b</pre>", "<a href='javascript:x'>y</a>", "<h1>a</h1><hr><blockquote>b</blockquote>", "<b><i><s><code>x", "<at>A</at><emoji alt=x>", "\xff<\x00>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		root, ok := readHTML(source)
		if !ok {
			return
		}
		require.NotNil(t, root)
		_ = markdown.Print(root)
		_ = markdown.PlainText(root)
		_ = withNames(source)
	})
}

// TestNestedTables has tables in tables: what stands within is read once, and not once
// for each table around it.
func TestNestedTables(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 2, 30, 90} {
		const words = "a word"
		root, ok := readHTML(strings.Repeat("<table><tr><td>", depth) + words + strings.Repeat("</td></tr></table>", depth))
		require.True(t, ok)
		require.Equal(t, 1, strings.Count(markdown.PlainText(root), words), depth)
	}
	root, ok := readHTML("<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody><tfoot><tr><td>c</td></tr></tfoot></table>")
	require.True(t, ok)
	require.Len(t, root.Children[0].(*markdown.Table).Children, 3)
}
