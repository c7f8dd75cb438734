package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMrkdwnOut(t *testing.T) {
	const zwsp = "\u200b"
	for in, want := range map[string]string{
		"plain":                            "plain",
		"**bold** *it* ~~no~~ `a<b`":       "*bold* _it_ ~no~ `a&lt;b`",
		"***both***":                       "_*both*_",
		"in**si**de":                       "in" + zwsp + "*si*" + zwsp + "de",
		"**a\nb**":                         "*a*\n*b*",
		"# Title **x**":                    "*Title x*",
		"a & b < c > d":                    "a &amp; b &lt; c &gt; d",
		"<@U0ADA> <!here> <#C0GEN|x>":      "<@U0ADA> &lt;!here&gt; <#C0GEN>",
		"[text](https://e.com/?a=1&b=2)":   "<https://e.com/?a=1&amp;b=2|text>",
		"[a|b>](https://e.com/|x)":         "<https://e.com/%7Cx|a¦b&gt;>",
		"<https://e.com>":                  "<https://e.com>",
		"[text](/relative)":                "text",
		"[text][1]\n\n[1]: https://e.com":  "<https://e.com|text>",
		"![alt](https://e.com/a.png)":      "<https://e.com/a.png|alt>",
		"- a\n- b\n  - c\n\n1. x\n2. y":    "• a\n• b\n    • c\n\n1. x\n2. y",
		"3. x\n4. y":                       "3. x\n4. y",
		"- [ ] a\n- [x] b":                 "☐ a\n☑ b",
		"> a\n> b":                         "&gt; a\n&gt; b",
		"---":                              "---",
		"```go\na < b\n```":                "```\na &lt; b\n```",
		"|a|b|\n|-|-:|\n|1|2|":             "```\na | b\n--|--\n1 | 2\n```",
		"{{emoji:party}} done":             ":tada: done",
		`\*not bold\*`:                     "∗not bold∗",
		`5 * 3 * 2, 2\*3\*4, \*args, a\_b`: "5 * 3 * 2, 2*3*4, *args, a_b",
		"\\_a\\_ \\~b\\~ \\`c\\`":          "＿a＿ ∼b∼ ˋcˋ",
		"[x](javascript:alert(1)) <data:text/html,x>": "x data:text/html,x",
		"[x](java\tscript:alert(1))":                  "[x](java\tscript:alert(1))",
		"- **ファイル：**`a.go`":                           "• *ファイル：*`a.go`",
		"**説明**：内容、**注意！**必ず":                         "*説明*：内容、*注意！*" + zwsp + "必ず",
		"**Q1.**質問 **注意**です":                          "*Q1.*" + zwsp + "質問 *注意*" + zwsp + "です",
		"**결과:**입니다 必ず**「注意」**":                       "*결과:*" + zwsp + "입니다 必ず" + zwsp + "*「注意」*",
		"`**注意！**必ず` **「a」**b":                        "`**注意！**必ず` *「a」*" + zwsp + "b",
		"<b>raw</b>":                                  "&lt;b&gt;raw&lt;/b&gt;",
		"a[^1]\n\n[^1]: note":                         "a[1]\n\n[1] note",
	} {
		require.Equal(t, want, standard.mrkdwnOf(in), in)
	}
}

func TestMrkdwnPartsAreBounded(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("word ", 2_000), strings.Repeat("x", 9_000), "```\n" + strings.Repeat("code <\n", 1_500) + "```",
		strings.Repeat("- **item**\n", 800), strings.Repeat("a paragraph\n\n", 700), strings.Repeat("😀", 4_000),
	} {
		parts := standard.mrkdwnParts(inBold(in), maxSection)
		require.Greater(t, len(parts), 1)
		for _, part := range parts {
			require.LessOrEqual(t, length(part), maxSection)
			require.NotEmpty(t, strings.TrimSpace(part))
		}
	}
}

// TestMrkdwnPartsReadAlone cuts blocks that are too long: each part is whole markup.
func TestMrkdwnPartsReadAlone(t *testing.T) {
	rows := "| H1 | H2 |\n|---|---|\n" + strings.Repeat("| a cell | another cell |\n", 300)
	code := "```\n" + strings.Repeat("a line of <code>\n", 300) + "```"
	for name, c := range map[string]struct{ source, head string }{
		"table":           {rows, "```\nH1     | H2\n-------|"},
		"quoted table":    {"> " + strings.ReplaceAll(strings.TrimSpace(rows), "\n", "\n> "), "&gt; ```\n&gt; H1     | H2"},
		"code":            {code, "```\na line"},
		"code in a quote": {"> " + strings.ReplaceAll(code, "\n", "\n> "), "&gt; ```\n&gt; a line"},
		"code in an item": {"1. " + strings.ReplaceAll(code, "\n", "\n   "), "```\n"},
		"quoted words":    {"> " + strings.Repeat("word ", 2_000), "&gt; word"},
		"bold words":      {"**" + strings.Repeat("word ", 2_000) + "end**", "*word"},
	} {
		parts := standard.mrkdwnParts(c.source, maxSection)
		require.Greater(t, len(parts), 2, name)
		for _, part := range parts {
			require.LessOrEqual(t, length(part), maxSection, name)
			require.Contains(t, part, c.head, name)
			require.Zero(t, strings.Count(part, "```")%2, name)
			if strings.HasPrefix(c.head, "&gt; ") {
				for line := range strings.SplitSeq(part, "\n") {
					require.True(t, strings.HasPrefix(line, "&gt; "), "%s: %q", name, line)
				}
			}
		}
	}
}

func TestIsMarkup(t *testing.T) {
	for text, want := range map[string]bool{
		"hello there": false, "a * b": true, "snake_case": true, "> x": true, "a > b": false, "10:30": false, "a:b:c": true,
		"https://example.com:8080/": false, "see `x`": true, ":tada:": true, "1 < 2 & 3": false,
		"see https://example.com/a, then": false, "見https://example.com/a。次": true, "https://example.com/a|b": true, "a|https://example.com|b": true, "(https://example.com)": false,
	} {
		require.Equal(t, want, isMarkup(text), text)
	}
}

func TestReactionName(t *testing.T) {
	for in, want := range map[string]string{
		"thumbs_up": "+1", "+1": "+1", ":+1:": "+1", "👍": "+1", "{{emoji:party}}": "tada", "my_own": "my_own", "heart": "heart",
		":+1::skin-tone-2:": "+1::skin-tone-2", "joy": "joy", "partying_face": "partying_face", "slightly_smiling_face": "slightly_smiling_face",
		"smile": "smile", "cry": "sob", ":cry:": "cry", "facepalm": "face_palm", "rolling_eyes": "face_with_rolling_eyes", "🤦🏽": "face_palm",
	} {
		require.Equal(t, want, standard.reactionName(in), in)
	}
}

// TestAddressesInPlainText checks where a web address begins and ends in a text.
func TestAddressesInPlainText(t *testing.T) {
	for text, want := range map[string][]string{
		"see https://example.com/a_b.":                {"https://example.com/a_b"},
		"詳細はhttps://example.com/a。次":                  {"https://example.com/a"},
		"（https://example.com/a）と「https://b.example」": {"https://example.com/a", "https://b.example"},
		"见：https://example.com/路径，然后":                 {"https://example.com/路径"},
		"https://example.com/々〇":                      {"https://example.com/々〇"},
		"https://example.com/?q=a|b c":                {"https://example.com/?q=a|b"},
		"https://a.example|https://b.example|":        {"https://a.example", "https://b.example"},
		"|https://a.example|x":                        {"https://a.example"},
		"| https://a.example | b |":                   {"https://a.example"},
		"“https://a.example” «https://b.example»":     {"https://a.example", "https://b.example"},
		"xhttps://a.example":                          nil,
		"éhttps://a.example":                          nil,
		"http://。":                                    nil,
	} {
		data, err := json.Marshal(standard.richText(text))
		require.NoError(t, err)
		var block struct {
			Elements []struct {
				Elements []element `json:"elements"`
			} `json:"elements"`
		}
		require.NoError(t, json.Unmarshal(data, &block))
		var got []string
		shown := ""
		for _, e := range block.Elements[0].Elements {
			if e.Type == "link" {
				got = append(got, e.URL)
			}
			shown += e.Text + e.URL
		}
		require.Equal(t, want, got, text)
		require.Equal(t, text, shown, "nothing is lost")
	}
}
