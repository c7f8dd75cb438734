package format

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestLengths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]int{
		"":                {0, 0, 0},
		"abc":             {3, 3, 3},
		"é":               {2, 1, 1},
		"e\u0301":         {3, 2, 2},
		"€":               {3, 1, 1},
		"😀":               {4, 1, 2},
		"👩\u200d👩\u200d👧": {18, 5, 8},
		"\xff":            {3, 1, 1},
	} {
		require.Equal(t, want, [3]int{Length(text, Bytes), Length(text, Runes), Length(text, UTF16)}, text)
	}
}

func TestHeadAndShorten(t *testing.T) {
	t.Parallel()
	family := "👩\u200d👩\u200d👧"
	for _, test := range []struct {
		text          string
		most          int
		count         Unit
		head, shorten string
	}{
		{"hello", 5, UTF16, "hello", "hello"},
		{"hello", 4, UTF16, "hell", "hel…"},
		{"hello", 0, UTF16, "", "…"},
		{"a😀b", 2, UTF16, "a", "a…"},
		{"a😀b", 3, UTF16, "a😀", "a…"},
		{"aé", 2, Bytes, "a", "…"},
		{"a" + family + "b", 8, UTF16, "a", "a…"},
		{"a" + family + "b", 9, UTF16, "a" + family, "a…"},
		{"ae\u0301b", 2, Runes, "a", "a…"},
		{"🇦🇹🇩🇪", 6, UTF16, "🇦🇹", "🇦🇹…"},
	} {
		require.Equal(t, test.head, Head(test.text, test.most, test.count), "%q %d", test.text, test.most)
		require.Equal(t, test.shorten, Shorten(test.text, test.most, test.count), "%q %d", test.text, test.most)
	}
}

func FuzzHead(f *testing.F) {
	f.Add("a😀e\u0301", 3)
	f.Add("\u200d\u200d\xff", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 0 || most > 1<<20 {
			return
		}
		for _, count := range []Unit{Bytes, Runes, UTF16} {
			head := Head(text, most, count)
			require.LessOrEqual(t, Length(head, count), most)
			require.Equal(t, head, text[:len(head)])
			if utf8.ValidString(text) {
				require.True(t, utf8.ValidString(head))
			}
			if most > 3 {
				require.LessOrEqual(t, Length(Shorten(text, most, count), count), most)
			}
		}
	})
}

func TestSplitCountsAsThePlatformDoes(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"éé", "éé"}, SplitText("éééé", 4, Bytes))
	require.Equal(t, []string{"😀😀", "😀"}, SplitText("😀😀😀", 2, Runes))
	require.Equal(t, []string{"😀", "😀", "😀"}, SplitText("😀😀😀", 2, UTF16))
	require.Equal(t, []string{"**éé**", "**éé**"}, SplitMarkdown("**éé éé**", 9, Bytes))
}
