package slack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
)

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"**bold** and `code`":                         "**bold** and `code`",
		"hi <@U0ADA>, see <#C0GEN|general>":           "hi <@U0ADA>, see <#C0GEN>",
		"<@W0ADA|ada l> done":                         "<@W0ADA> done",
		"<!channel> <!here|here> <!subteam^S1>":       "&lt;!channel> &lt;!here|here> &lt;!subteam^S1>",
		`\<!channel>`:                                 `&lt;!channel>`,
		"Vec<String> & a < b":                         "Vec&lt;String> & a &lt; b",
		"<https://example.com/a?b=c> <a@example.com>": "<https://example.com/a?b=c> <a@example.com>",
		"<https://evil.example|Bank>":                 "&lt;https://evil.example|Bank>",
		"[text](<an address>)":                        "[text](<an address>)",
		"`Vec<String>` and `` a`<b` ``":               "`Vec<String>` and `` a`<b` ``",
		"an ` alone <b>":                              "an ` alone &lt;b>",
		"a ` b <b>\n\nand ` there":                    "a ` b &lt;b>\n\nand ` there",
		"```go\nif a < b {}\n```\n<b>":                "```go\nif a < b {}\n```\n&lt;b>",
		"- ```\n  a < b\n  ```\n- <b>":                "- ```\n  a < b\n  ```\n- &lt;b>",
		"~~~\n```\n<\n~~~\n<b>":                       "~~~\n```\n<\n~~~\n&lt;b>",
		"````\n```\n<\n````\n<":                       "````\n```\n<\n````\n&lt;",
		"Run:\n\n    if a < b {\n\n    @ada {{emoji:wave}} <@U0ADA>\n<b>": "Run:\n\n    if a < b {\n\n    @ada {{emoji:wave}} <@U0ADA>\n&lt;b>",
		"Run:\n    a < b\n":                        "Run:\n    a &lt; b\n",
		"\ta < b\n\n- x\n\n      c < d\n\n  e < f": "\ta < b\n\n- x\n\n      c < d\n\n  e &lt; f",
		"```a < b``` <c>\n<d>":                     "```a < b``` &lt;c>\n&lt;d>",
		"```\n- ```\na < b\n    ```\n```\n<c>":     "```\n- ```\na < b\n    ```\n```\n&lt;c>",
		"> ```\n> a < b\n\n<c>":                    "> ```\n> a < b\n\n&lt;c>",
		"> ```\n> a < b\n> ```\n> <c>":             "> ```\n> a < b\n> ```\n> &lt;c>",
		"1. x\n   ```\n   a < b\n2. <c>":           "1. x\n   ```\n   a < b\n2. &lt;c>",
		"- - ~~~\n    a < b\n    ~~~\n    <c>":     "- - ~~~\n    a < b\n    ~~~\n    &lt;c>",
		"> quoted <b>":                             "> quoted &lt;b>",
		"{{emoji:thumbs_up}} {{emoji:party}}":      ":+1: :tada:",
		"`{{emoji:party}}` {{emoji:x y}} {{":       "`{{emoji:party}}` {{emoji:x y}} {{",
		"|a|b|\n|-|-|\n|1|<2|":                     "|a|b|\n|-|-|\n|1|&lt;2|",
		"\xf0\x9f\x98":                             "\uFFFD",
		"ends with \\":                             "ends with \\",
		"ends with <":                              "ends with &lt;",
	} {
		require.Equal(t, want, standard.markdownText(in, nil), in)
	}
}

func TestMarkdownWriterHoldsBackWhatMayChange(t *testing.T) {
	w := format.MarkdownWriter{Rewrites: standard.slackMarkdown(nil)}
	var got []string
	for _, piece := range []string{"hi <@U0", "ADA> {{emo", "ji:party}} `a <", " b` ", "é"[:1], "é"[1:], " end"} {
		got = append(got, w.Write(piece))
	}
	require.Equal(t, []string{"hi ", "<@U0ADA> ", ":tada: ", "`a < b` ", "", "é", " end"}, got)
	require.Empty(t, w.Close())
}

func TestMentionsByName(t *testing.T) {
	find := findUser(func(name string) string { return map[string]string{"ada": "U0ADA", "bob.b": "U0BOB"}[name] })
	for in, want := range map[string]string{
		"@ada, @bob.b. (@ada) @eve":      "<@U0ADA>, <@U0BOB>. (<@U0ADA>) @eve",
		"a@ada.example https://x.y/@ada": "a@ada.example https://x.y/@ada",
		"<@U0ADA> @ada-":                 "<@U0ADA> <@U0ADA>-",
	} {
		require.Equal(t, want, standard.markdownText(in, find), in)
		require.Equal(t, want, find.inText(in), in)
	}
	require.Equal(t, "`@ada`", standard.markdownText("`@ada`", find), "code is left alone")
}

// FuzzMarkdownWriter checks that it does not matter in which pieces a text comes,
// and that no text notifies a whole channel.
func FuzzMarkdownWriter(f *testing.F) {
	for _, s := range []string{"a <@U1> `b<` ```\n<!here>\n``` {{emoji:party}} \\< [x](<y z>)", "``` ``\n\n`", "- 1) > ~~~\n<", "<a|b> <", "\\", "@ada. x@ada `@ada` @ada_ @"} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, source string, size uint8) {
		source = source[:min(len(source), 4<<10)] // what is held back is bounded
		find := func(name string) string {
			if name == "ada" {
				return "U0ADA"
			}
			return ""
		}
		whole := standard.markdownText(source, find)
		w := format.MarkdownWriter{Rewrites: standard.slackMarkdown(find)}
		var pieces strings.Builder
		step := int(size)%7 + 1
		for i := 0; i < len(source); i += step {
			pieces.WriteString(w.Write(source[i:min(i+step, len(source))]))
		}
		pieces.WriteString(w.Close())
		if pieces.String() != whole {
			t.Fatalf("in pieces of %d: %q\nwhole: %q", step, pieces.String(), whole)
		}
		if !strings.ContainsAny(source, "`~") && strings.Contains(whole, "<!") {
			t.Fatalf("%q made %q", source, whole)
		}
	})
}

func TestRawWithAttachments(t *testing.T) {
	for raw, want := range map[string]string{"<!here> *look*": "<!here> *look*\n<https://e.com/a|a>", "a\n": "a\n\n<https://e.com/a|a>"} {
		post := chat.Raw(raw)
		post.Attachments = []chat.Attachment{{Name: "a", URL: "https://e.com/a"}}
		messages, err := standard.render(post, nil)
		require.NoError(t, err)
		require.Equal(t, []outgoing{{text: want}}, messages)
	}
}

// TestCardTextOfTitles checks that a title is no Markdown in a notification either.
func TestCardTextOfTitles(t *testing.T) {
	for title, want := range map[string]string{"Order 7": "*Order 7*", "1. *a*": "*1. ∗a∗*", "> a": "*&gt; a*", "a **b** c": "*a ∗∗b∗∗ c*", "# a": "*# a*"} {
		require.Equal(t, want, standard.cardText(card.New(title)))
	}
}
