package web

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestChunksAreCutBetweenCharacters(t *testing.T) {
	const text = "aé€😀\xffz"
	for first := range len(text) + 1 {
		for second := first; second <= len(text); second++ {
			var got strings.Builder
			rest := ""
			for _, chunk := range []string{text[:first], text[first:second], text[second:]} {
				var whole string
				whole, rest = wholeRunes(rest + chunk)
				got.WriteString(whole)
				if !strings.Contains(whole, "\xff") {
					require.True(t, utf8.ValidString(whole), "%q", whole)
				}
			}
			require.Equal(t, text, got.String()+rest)
			require.Empty(t, rest)
		}
	}
}

func TestLengthsAreJavaScripts(t *testing.T) {
	require.Equal(t, 5, utf16Len("a€😀é"))
	require.Equal(t, 2, utf16Len("\xff\xfe"), "each stray byte becomes one replacement character")
}

func TestTitles(t *testing.T) {
	require.Equal(t, "Hello there", title("  Hello\n\tthere "))
	long := title(strings.Repeat("some words, ", 20))
	require.LessOrEqual(t, utf8.RuneCountInString(long), maxTitle)
	require.True(t, strings.HasSuffix(long, " some…"), "%q", long)
	require.Equal(t, maxTitle, utf8.RuneCountInString(title(strings.Repeat("😀", 100))))
}

func TestConfigIsChecked(t *testing.T) {
	for field, config := range map[string]Config{
		"MaxText":      {MaxText: -1},
		"MaxFile":      {MaxFile: -1},
		"PollInterval": {PollInterval: 1},
	} {
		_, err := New(config)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, field)
	}
}
