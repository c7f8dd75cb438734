package format

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	var all []Segment
	for s := range Segments("a <@U1>{{emoji:wave}} <@> <@a b> {{emoji:}} {{emoji:x} <b> <@" + strings.Repeat("x", 300) + "> {{emoji:+1}}") {
		all = append(all, s)
	}
	require.Equal(t, []Segment{
		{Text: "a "},
		{Text: "<@U1>", User: "U1"},
		{Text: "{{emoji:wave}}", Emoji: "wave"},
		{Text: " <@> <@a b> {{emoji:}} {{emoji:x} <b> <@" + strings.Repeat("x", 300) + "> "},
		{Text: "{{emoji:+1}}", Emoji: "+1"},
	}, all)
	for s := range Segments("a<@b>") {
		require.Equal(t, "a", s.Text)
		break
	}
}

func TestWholeSegments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hello": "hello", "hello {": "hello ", "hello {{emo": "hello ", "hello {{emoji:wave}": "hello ", "hello {{emoji:wave}}": "hello {{emoji:wave}}",
		"a <": "a ", "a <@U1": "a ", "a <@U1>": "a <@U1>", "a <@U 1": "a <@U 1", "a <b": "a <b", "a {b": "a {b", "a {{emoji:x y": "a {{emoji:x y",
		"{{emoji:" + strings.Repeat("x", 64): "{{emoji:" + strings.Repeat("x", 64), "<@" + strings.Repeat("x", 300): "<@" + strings.Repeat("x", 300),
		"{{{": "{", "<<@": "<",
	} {
		whole, rest := WholeSegments(text)
		require.Equal(t, want, whole)
		require.Equal(t, text, whole+rest)
	}
}

func github(user chat.UserID) string { return "@" + string(user) }

func TestRewriteMarkdown(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"hi <@ada>, {{emoji:wave}}":            "hi @ada, 👋",
		"`<@ada> {{emoji:wave}}` <@ada>":       "`<@ada> {{emoji:wave}}` @ada",
		"``a ` <@ada>`` <@ada>":                "``a ` <@ada>`` @ada",
		"```\n<@ada>\n```\n<@ada>":             "```\n<@ada>\n```\n@ada",
		"~~~ x\n<@ada>\n```\n~~~\n<@ada>":      "~~~ x\n<@ada>\n```\n~~~\n@ada",
		"    <@ada>\n\n<@ada>":                 "    <@ada>\n\n@ada",
		"> ```\n> <@ada>\n> ```\n> <@ada>":     "> ```\n> <@ada>\n> ```\n> @ada",
		"- ```\n  <@ada>\n  ```\n\n  <@ada>":   "- ```\n  <@ada>\n  ```\n\n  @ada",
		"**<@ada>** [<@ada>](<https://a.b/c>)": "**@ada** [@ada](<https://a.b/c>)",
		`\<@ada> <https://a.b> <b>x</b>`:       `\<@ada> <https://a.b> <b>x</b>`,
		"an unclosed ` <@ada>":                 "an unclosed ` @ada",
		"\\`<@ada>\\`":                         "\\`@ada\\`",
		"":                                     "",
	} {
		require.Equal(t, want, RewriteMarkdown(source, Rewrites{Mention: github}), source)
	}
	require.Equal(t, `&lt;b> &lt;@ada> <https://a.b> @ada`, RewriteMarkdown(`<b> \<@ada> <https://a.b> <@ada>`, Rewrites{Mention: github, Less: "&lt;"}))
	find := func(name string) (string, int) {
		if strings.HasPrefix(name, "ada") {
			return "<@U1>", len("@ada")
		}
		return "", 0
	}
	require.Equal(t, "<@U1>. `@ada` x@ada.com @bob (<@U1>)", RewriteMarkdown("@ada. `@ada` x@ada.com @bob (@ada)", Rewrites{Name: find}))
	require.Equal(t, "<@U1>. `<@U1>` x@ada.com @bob (<@U1>) @", ReplaceNames("@ada. `@ada` x@ada.com @bob (@ada) @", find))
}

// FuzzMarkdownWriter checks that a text in pieces becomes what it becomes as a
// whole, and that nothing but placeholders changes.
func FuzzMarkdownWriter(f *testing.F) {
	f.Add("hi <@ada> `<@ada>` {{emoji:wave}}\n```\n<@ada>\n```", uint8(3), uint8(7))
	f.Add("> - ~~~\n> \\<@a>\xf0\x9f", uint8(1), uint8(2))
	f.Fuzz(func(t *testing.T, source string, first, second uint8) {
		if len(source) > maxHeld/2 {
			return
		}
		how := Rewrites{Mention: func(chat.UserID) string { return "M" }, Emoji: func(emoji.Emoji) string { return "E" }}
		whole := RewriteMarkdown(source, how)
		a := min(int(first), len(source))
		b := min(a+int(second), len(source))
		w := MarkdownWriter{Rewrites: how}
		pieces := w.Write(source[:a]) + w.Write(source[a:b]) + w.Write(source[b:]) + w.Close()
		require.Equal(t, whole, pieces)
		if utf8.ValidString(source) && !strings.Contains(source, "<@") && !strings.Contains(source, "{{emoji:") {
			require.Equal(t, source, whole)
		}
	})
}
