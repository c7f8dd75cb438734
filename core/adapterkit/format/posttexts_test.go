package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

func TestPostTexts(t *testing.T) {
	texts := func(post *chat.Post) []string {
		return format.PostTexts(post, format.TextActions, 20, format.UTF16, format.WhatsApp())
	}
	require.Equal(t, []string{"*one* two"}, texts(&chat.Post{Markdown: "**one** two\n"}))
	require.Equal(t, []string{"*one*", "*two*"}, texts(&chat.Post{Raw: "*one*" + strings.Repeat(" ", 20) + "*two*"}))
	require.Equal(t, []string{"∗one∗ two three", "four five"}, texts(&chat.Post{Text: "*one* two three four five"}), "plain text shows its signs")
	require.Empty(t, texts(&chat.Post{Text: " \n\x00\t "}))
	require.Empty(t, texts(&chat.Post{}))
}
