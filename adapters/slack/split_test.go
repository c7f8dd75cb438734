package slack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSplitMarkdown(t *testing.T) {
	require.Equal(t, []string{"one\ntwo", "three"}, splitMarkdown("one\ntwo\n\nthree", 9), "between blocks")
	require.Equal(t, []string{"one two", "three four"}, splitMarkdown("one two\nthree four", 12), "between lines")
	require.Equal(t, []string{"one two", "three"}, splitMarkdown("one two three", 9), "between words")
	require.Equal(t, []string{"aaaa", "aaaa", "aa"}, splitMarkdown("aaaaaaaaaa", 4), "anywhere")
	require.Equal(t, []string{"```go\none\n```", "```go\ntwo\n```"}, splitMarkdown("```go\none\ntwo\n```", 16), "a code block is opened again")
	require.Equal(t, []string{"|a|\n|-|\n|1|", "|a|\n|-|\n|2|\n|3|"}, splitMarkdown("|a|\n|-|\n|1|\n|2|\n|3|", 15), "a table has its head again")
	require.Equal(t, []string{"xxxxxxxx", "&lt;y"}, splitMarkdown("xxxxxxxx&lt;y", 10), "an escape stays whole")
	require.Equal(t, []string{"a"}, splitMarkdown("a", 9))
	require.Equal(t, []string{""}, splitMarkdown("", 9))
}

// FuzzSplitMarkdown checks that no part is too long and that all words come.
func FuzzSplitMarkdown(f *testing.F) {
	f.Add("one two\n\nthree ```\nfour\n```\n|a|b|\n|-|-|\n|1|2|", uint8(20))
	f.Add("```"+strings.Repeat("x\n", 40), uint8(12))
	f.Add(strings.Repeat("😀", 40), uint8(11))
	f.Fuzz(func(t *testing.T, source string, size uint8) {
		most := int(size) + 10
		source = strings.ToValidUTF8(source, "?")
		parts := splitMarkdown(source, most)
		for _, part := range parts {
			if n := length(part); n > most {
				t.Fatalf("a part has %d characters, the bound is %d: %q", n, most, part)
			}
		}
		all := strings.Join(parts, " ")
		for word := range strings.FieldsSeq(source) {
			if length(word) < 5 && strings.Trim(word, "`~|-:") != "" && !strings.Contains(all, word) {
				t.Fatalf("%q is lost: %q", word, parts)
			}
		}
	})
}
