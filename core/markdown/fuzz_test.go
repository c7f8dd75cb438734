package markdown_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func seed(f *testing.F) {
	for _, unit := range hard {
		f.Add(strings.Repeat(unit, 3))
	}
	for _, source := range []string{
		"# Title\n\nSome *text* with **bold _and_ more** `code` and a [link](https://a.b \"t\").\n",
		"- [ ] a\n- [x] b\n\n  c\n  1. d\n     > e\n",
		"| a | b |\n|:--|--:|\n| `x\\|y` | ~~z~~ |\n",
		"[a][b] ![c] [^d]\n\n[b]: /u 'v'\n[c]: <x y>\n\n[^d]: note\n\n    more\n",
		"```go\nfunc main() {}\n```\n\n<div>\n*a*\n</div>\n\nhttp://x.y www.a.b c@d.e\n",
		"***a** b*__c__*d*\n===\n\n* * *\n",
		"[ \\!00]:0\n",
	} {
		f.Add(source)
	}
}

func marshal(t *testing.T, n markdown.Node) string {
	t.Helper()
	data, err := markdown.Marshal(n)
	require.NoError(t, err)
	return string(data)
}

// FuzzParse checks that a tree is sound: valid UTF-8, of bounded depth, no
// empty or neighbouring texts, and the same after a trip through JSON.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, source string) {
		root := markdown.Parse(source)
		require.Less(t, depth(root), 320)
		for n := range markdown.All(root) {
			var before markdown.Node
			for _, child := range markdown.Children(n) {
				if text, ok := child.(*markdown.Text); ok {
					require.NotEmpty(t, text.Value)
					require.True(t, utf8.ValidString(text.Value))
					_, twice := before.(*markdown.Text)
					require.False(t, twice, "two texts side by side")
				}
				before = child
			}
		}
		data := marshal(t, root)
		require.True(t, json.Valid([]byte(data)))
		read, err := markdown.Unmarshal([]byte(data))
		require.NoError(t, err)
		require.Equal(t, data, marshal(t, read))
		require.Equal(t, data, marshal(t, markdown.Clone(root)))
	})
}

// settle gives references the form in which Print writes them: before a link
// [a] becomes [a][].
func settle(root *markdown.Root) {
	for n := range markdown.All(root) {
		list := markdown.Children(n)
		for i := 0; i+1 < len(list); i++ {
			if _, link := list[i+1].(*markdown.Link); !link {
				continue
			}
			switch n := list[i].(type) {
			case *markdown.LinkReference:
				if n.ReferenceType == markdown.Shortcut {
					n.ReferenceType = markdown.Collapsed
				}
			case *markdown.ImageReference:
				if n.ReferenceType == markdown.Shortcut {
					n.ReferenceType = markdown.Collapsed
				}
			}
		}
	}
}

// nested reports whether emphasis stands in emphasis.
func nested(root *markdown.Root) bool {
	for n := range markdown.All(root) {
		switch n.(type) {
		case *markdown.Emphasis, *markdown.Strong, *markdown.Delete:
			for inner := range markdown.All(n) {
				switch inner.(type) {
				case *markdown.Emphasis, *markdown.Strong, *markdown.Delete:
					if inner != n {
						return true
					}
				}
			}
		}
	}
	return false
}

// letters returns the text of a tree without delimiters.
func letters(root *markdown.Root) string {
	return strings.NewReplacer("*", "", "_", "", "~", "").Replace(markdown.PlainText(root))
}

// FuzzRoundTrip checks that what is printed reads as the tree it was printed
// from.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, source string) {
		if strings.ContainsFunc(source, unicode.IsControl) {
			// Markdown has no reference to these.
			source = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) && r != '\n' && r != '\t' {
					return -1
				}
				return r
			}, source)
		}
		root := markdown.Parse(source)
		printed := markdown.Print(root)
		again := markdown.Parse(printed)
		settle(root)
		settle(again)
		if nested(root) {
			// A few of these only the very row of delimiters in the source can say.
			require.Equal(t, letters(root), letters(again), "source  %q\nprinted %q", source, printed)
			return
		}
		require.Equal(t, marshal(t, root), marshal(t, again), "source  %q\nprinted %q", source, printed)
	})
}

// decide completes the last line of a mended text, so that no more text can
// change what it is. A line with a pipe needs another line for that.
func decide(mended string) string {
	end := "\n"
	if strings.HasSuffix(mended, "\n") {
		end = ""
	}
	last := strings.TrimRight(mended, "\r\n")
	if strings.Contains(last[strings.LastIndexAny(last, "\r\n")+1:], "|") {
		return mended + end + "x\n"
	}
	return mended + end
}

// FuzzMend checks a stream after each of its bytes: nothing dangles, what is
// settled only grows, and in the end the text is the source.
func FuzzMend(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 300 {
			source = source[:300]
		}
		var m markdown.Mender
		settled := ""
		for i := range len(source) {
			m.Write(source[i : i+1])
			mended := m.Mended()
			require.Equal(t, mended, markdown.Mend(source[:i+1]), "pieces make no difference")
			// A line that is held back may have decided what is before it.
			if whole := strings.HasSuffix(mended, "\n") && strings.HasPrefix(source, mended); !whole {
				line := decide(mended)
				require.Equal(t, line, markdown.Mend(line), "mended %q of %q", mended, source[:i+1])
			}
			now := m.Settled()
			require.True(t, strings.HasPrefix(source[:i+1], now))
			require.True(t, strings.HasPrefix(now, settled))
			settled = now
		}
		require.Equal(t, source, m.Text())
	})
}

// FuzzUnmarshal checks that JSON which can be read is written as JSON that
// reads the same, and that no tree breaks the printer.
func FuzzUnmarshal(f *testing.F) {
	f.Add(`{"type":"root","children":[{"type":"text","value":"a","position":{"start":1}},{"type":"math","value":"x"}]}`)
	f.Add(`{"type":"list","ordered":true,"start":3,"children":[{"type":"listItem","checked":true,"children":[null]}]}`)
	f.Add(`{"type":"table","align":["left",null],"children":[{"type":"emphasis","children":[{"type":"break"}]}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		n, err := markdown.Unmarshal([]byte(in))
		if err != nil {
			return
		}
		data := marshal(t, n)
		read, err := markdown.Unmarshal([]byte(data))
		require.NoError(t, err)
		require.Equal(t, data, marshal(t, read))
		_ = markdown.PlainText(n)
		_ = markdown.Parse(markdown.Print(n))
	})
}
