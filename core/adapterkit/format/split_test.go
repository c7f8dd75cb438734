package format

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestSplitMarkdown(t *testing.T) {
	const zwj = "\u200d"
	for name, c := range map[string]struct {
		text string
		most int
		want []string
	}{
		"short":               {"a", 9, []string{"a"}},
		"empty":               {"", 9, []string{""}},
		"between blocks":      {"one\ntwo\n\nthree", 9, []string{"one\ntwo", "three"}},
		"between lines":       {"one two\nthree four", 12, []string{"one two", "three four"}},
		"between words":       {"one two three", 9, []string{"one two", "three"}},
		"anywhere":            {"aaaaaaaaaa", 4, []string{"aaaa", "aaaa", "aa"}},
		"without spaces":      {"今天很好。明天再说吧！好", 8, []string{"今天很好。", "明天再说吧！好"}},
		"an escape":           {"xxxxxxxx&lt;y", 10, []string{"xxxxxxxx", "&lt;y"}},
		"a backslash":         {`xxxxxxxxx\*y`, 10, []string{"xxxxxxxxx", `\*y`}},
		"a family":            {"xx👩" + zwj + "👩" + zwj + "👧yy", 8, []string{"xx", "👩" + zwj + "👩" + zwj + "👧", "yy"}},
		"a skin tone":         {"xxx👍🏽", 6, []string{"xxx", "👍🏽"}},
		"flags":               {"x🇦🇹🇩🇪", 7, []string{"x🇦🇹", "🇩🇪"}},
		"combining marks":     {"aaae\u0301\u0302b", 5, []string{"aaa", "e\u0301\u0302b"}},
		"half of a character": {"éééé", 3, []string{"ééé", "é"}},

		"a link":              {"word word [the label of a link](https://example.com/a_(b)) end", 50, []string{"word word", "[the label of a link](https://example.com/a_(b))", "end"}},
		"a picture":           {"word word ![a b](https://e.com/c 'the title') d", 40, []string{"word word", "![a b](https://e.com/c 'the title') d"}},
		"a reference":         {"word word [a b][the ref] c", 20, []string{"word word", "[a b][the ref] c"}},
		"a mention":           {"word word <@U1|ada lovelace> c", 20, []string{"word word", "<@U1|ada lovelace> c"}},
		"a code span":         {"word word `a b c d` e", 15, []string{"word word", "`a b c d` e"}},
		"an address":          {"xxxxxxxx https://example.com/aaaaaaaa", 30, []string{"xxxxxxxx", "https://example.com/aaaaaaaa"}},
		"a link that is long": {"[" + strings.Repeat("label ", 9) + "](https://e.com)", 40, []string{"[label label label label label label", "label label label ](https://e.com)"}},

		"bold":            {"one **two three four** five", 16, []string{"one **two**", "**three four**", "five"}},
		"bold in italics": {"*one **two three** four*", 16, []string{"*one **two***", "***three** four*"}},
		"strikethrough":   {"~~one two~~ three", 9, []string{"~~one~~", "~~two~~", "three"}},
		"bold lines":      {"**one two\nthree four**", 14, []string{"**one two**", "**three four**"}},
		"no bold":         {"2 * 3 * 4 * 5", 8, []string{"2 * 3 *", "4 * 5"}},
		"snake case":      {"snake_case here_too", 14, []string{"snake_case", "here_too"}},

		"a quote":           {"> one two three four", 14, []string{"> one two", "> three four"}},
		"lines of a quote":  {"> one\n> two\n> three", 14, []string{"> one\n> two", "> three"}},
		"a lazy line":       {"> one two\nthree four", 14, []string{"> one two", "> three four"}},
		"blocks of a quote": {"> one two\n>\n> three", 16, []string{"> one two", "> three"}},
		"bold in a quote":   {"> **one two\n> three four**", 16, []string{"> **one two**", "> **three four**"}},
		"code in a quote":   {"> ```\n> one\n> two\n> ```\nend", 22, []string{"> ```\n> one\n> ```", "> ```\n> two\n> ```\nend"}},

		"items":             {"- one\n- two\n- three", 12, []string{"- one\n- two", "- three"}},
		"a long item":       {"- one two three\n- four", 11, []string{"- one two", "three", "- four"}},
		"a nested item":     {"- a\n  - one two three\n  - four", 17, []string{"- a\n  - one two", "- - three", "  - four"}},
		"blocks of an item": {"1.  one two\n\n    three\n\n2.  four", 20, []string{"1.  one two", "1.  three\n\n2.  four"}},
		"code in an item":   {"- ```\n  one\n  two\n  ```\n- end", 21, []string{"- ```\n  one\n  ```", "  ```\n  two\n  ```", "- end"}},
		"code deep in one":  {"- - ```\n    one\n    two\n    ```\n- end", 28, []string{"- - ```\n    one\n    ```", "- - ```\n    two\n    ```", "- end"}},

		"code":                     {"```go\none\ntwo\n```", 16, []string{"```go\none\n```", "```go\ntwo\n```"}},
		"a blank line in code":     {"```\none\n\ntwo\n```", 14, []string{"```\none\n\n```", "```\ntwo\n```"}},
		"a long line of code":      {"```\naaaa bbbb cccc\n```", 19, []string{"```\naaaa bbbb \n```", "```\ncccc\n```"}},
		"a fence inside a fence":   {"````\n```\none\n```\n````", 17, []string{"````\n```\none\n````", "````\n```\n````"}},
		"a marker inside a fence":  {"```\n- ```\none\ntwo\n```", 17, []string{"```\n- ```\none\n```", "```\ntwo\n```"}},
		"code before text":         {"```\none\n```\ntwo three", 14, []string{"```\none\n```", "two three"}},
		"indented code":            {"    one two three", 12, []string{"    one two ", "    three"}},
		"not after its first line": {"some text\n```\naaaa\nbbbb\n```", 19, []string{"some text", "```\naaaa\nbbbb\n```"}},

		"a table":             {"|a|\n|-|\n|1|\n|2|\n|3|", 15, []string{"|a|\n|-|\n|1|", "|a|\n|-|\n|2|\n|3|"}},
		"not before its rule": {"text\n|a|b|\n|-|-|\n|1|2|", 18, []string{"text", "|a|b|\n|-|-|\n|1|2|"}},
		"text after a table":  {"|a|\n|-|\n|1|\n\ntwo three", 16, []string{"|a|\n|-|\n|1|", "two three"}},
		"a heading's rule":    {"one\n\ntwo three\n=====\n\nfour", 16, []string{"one", "two three\n=====", "four"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, SplitMarkdown(c.text, c.most, UTF16))
		})
	}
}

func TestSplitLeavesNoHalfOfAHardBreak(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"a\\\n", "some words\\\n", "**bold\\\nand more**\\\n", "> quoted\\\n", "a\\\\\\\n", "a  \n"} {
		for most := 20; most < 90; most++ {
			text := strings.Repeat(line, 60) + "end"
			shown := ""
			for _, part := range SplitMarkdown(text, most, Runes) {
				shown += Render(Parse(part), Markup{})
			}
			require.Equal(t, strings.Count(Render(Parse(text), Markup{}), `\`), strings.Count(shown, `\`), "%q in parts of %d", line, most)
		}
	}
}

func TestSplitText(t *testing.T) {
	for text, want := range map[string][]string{
		"one\ntwo\nthree": {"one\ntwo", "three"}, "one two three": {"one two", "three"}, "aaaaaaaaaaaa": {"aaaaaaaaa", "aaa"},
		"aaaaaaae\u0301\u0302": {"aaaaaaa", "e\u0301\u0302"}, "👩\u200d👩\u200d👧👩\u200d👩\u200d👧": {"👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"}, " \n": nil,
	} {
		require.Equal(t, want, SplitText(text, 9, UTF16), text)
	}
}

// TestCutGrowing cuts texts of which "|" ends what can not be changed any more.
func TestCutGrowing(t *testing.T) {
	for text, want := range map[string][2]string{
		"one two|three":                    {"one two", "three"},
		"one two|\n\nthree":                {"one two", "three"},
		"one **two| three":                 {"one **two**", "**three"},
		"one **two|":                       {"one **two**", "**"},
		"```\none\n```|":                   {"```\none\n```", ""},
		"one *two| three":                  {"one *two*", "*three"},
		"one `two| three":                  {"one `two`", "`three"},
		"2 * 3| * 4":                       {"2 * 3", "* 4"},
		"> one **two|\n> three":            {"> one **two**", "> **three"},
		"> one| two":                       {"> one", "> two"},
		"```go\none|\ntwo":                 {"```go\none\n```", "```go\ntwo"},
		"```go\none\n|two":                 {"```go\none\n```", "```go\ntwo"},
		"```go\n|one":                      {"```go\n```", "```go\none"},
		"one\n|two":                        {"one\n", "two"},
		"```go\none| two":                  {"```go\none\n```", "```go\n two"},
		"```go\none\n```|\ntwo":            {"```go\none\n```", "two"},
		"a\n\n|a|b|\n|-|-|\n|1|2|~\n|3|4|": {"a\n\n|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|3|4|"},
	} {
		mark := "|"
		if strings.Contains(text, "~") {
			mark = "~"
		}
		fixed, rest, _ := strings.Cut(text, mark)
		part, rest := CutGrowing(fixed+rest, len(fixed), 1, UTF16)
		require.Equal(t, want, [2]string{part, rest}, text)
	}
	part, rest := CutGrowing("one two three four", len("one"), 9, UTF16)
	require.Equal(t, []string{"one two", "three four"}, []string{part, rest}, "after what is fixed, where it is best")
}

// TestSplitTakesLinearTime splits texts that are many times longer than a part.
func TestSplitTakesLinearTime(t *testing.T) {
	for _, unit := range []string{"*a ", "](", "[a", "`a ``b ", "<", "> ", "- ", "**a* ", "&a", "_a*b~", "a|", "\u0301", "\u200d", "🇦", "\n", " \n"} {
		start := time.Now()
		for _, part := range SplitMarkdown(strings.Repeat(unit, 100_000/len(unit)), 3_000, UTF16) {
			require.LessOrEqual(t, Length(part, UTF16), 3_000, unit)
		}
		require.Less(t, time.Since(start), 20*time.Second, unit)
	}
}

// FuzzSplitMarkdown checks that no part is too long, that all words come, and that
// code stays code.
func FuzzSplitMarkdown(f *testing.F) {
	f.Add("one two\n\nthree ```\nfour\n```\n|a|b|\n|-|-|\n|1|2|", uint8(20))
	f.Add("```"+strings.Repeat("x\n", 40), uint8(12))
	f.Add(strings.Repeat("😀", 40), uint8(11))
	f.Add("> - **a b c d `e f` g**\n>   h [i j](k)\n\n1. ~~~\n   l\n   m\n   ~~~", uint8(3))
	f.Fuzz(func(t *testing.T, source string, size uint8) {
		most := int(size) + 10
		for _, part := range SplitText(source, most, UTF16) {
			if n := Length(part, UTF16); n > most {
				t.Fatalf("a part has %d characters, the bound is %d: %q", n, most, part)
			}
		}
		source = validUTF8(source)
		parts := SplitMarkdown(source, most, UTF16)
		for _, part := range parts {
			if n := Length(part, UTF16); n > most {
				t.Fatalf("a part has %d characters, the bound is %d: %q", n, most, part)
			}
		}
		if all := words(strings.Join(parts, "")); !isSubsequence(words(source), all) {
			t.Fatalf("some of %q is lost: %q", source, parts)
		}
		fixed := int(size) % (len(source) + 1)
		for !utf8.RuneStart(byteAt(source, fixed)) {
			fixed--
		}
		part, _ := CutGrowing(source, fixed, most, UTF16)
		if !strings.HasPrefix(part, source[:fixed]) {
			t.Fatalf("cut after %q: %q", source[:fixed], part)
		}
	})
}

// words returns the letters and digits of a text.
func words(text string) string {
	return strings.Map(func(r rune) rune {
		if isAlphanumeric(r) {
			return r
		}
		return -1
	}, text)
}

func isSubsequence(some, all string) bool {
	for _, r := range all {
		if rest, ok := strings.CutPrefix(some, string(r)); ok {
			some = rest
		}
	}
	return some == ""
}

// TestPartsReadAsTheWhole splits documents at every limit: the parts have the code,
// the links and the rows of the whole, and its words with the same emphasis.
func TestPartsReadAsTheWhole(t *testing.T) {
	document := "# A title\n\nSome **bold words and *italic ones* within** them, ~~struck out words~~, `code with spaces` and " +
		"[a link with words](https://example.com/path?x=1) and <https://example.org/a>.\n\n" +
		"> A quote of **several bold words\n> on two lines** and more words.\n\n" +
		"- an item\n  with a second line\n- another one\n  - nested **bold words here**\n\n```go\nfunc main() {\n\n\tprintln(\"*not bold*\")\n}\n```\n\n" +
		"1. first\n   ```sh\n   make all\n   make test\n   ```\n2. second\n\n| head one | head two |\n|---|---|\n| cell a | cell b |\n| cell c | cell d |\n\nThe end.\n"
	whole := facts(document)
	for most := 90; most < Length(document, UTF16)+10; most++ {
		var got []string
		for _, part := range SplitMarkdown(document, most, UTF16) {
			require.LessOrEqual(t, Length(part, UTF16), most)
			got = append(got, facts(part)...)
		}
		require.Equal(t, whole, without(got, "head one", "head two"), most)
	}
}

// without returns the texts in which those given occur once only.
func without(texts []string, once ...string) []string {
	seen := map[string]bool{}
	var out []string
	for _, text := range texts {
		for _, o := range once {
			if strings.HasSuffix(text, o) {
				if seen[o] {
					text = ""
				}
				seen[o] = true
			}
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

// facts are the words of a document with what they stand in, its lines of code,
// links and cells.
func facts(source string) []string {
	var all []string
	var walk func(n markdown.Node, in string)
	walk = func(n markdown.Node, in string) {
		switch n := n.(type) {
		case *markdown.Text:
			for word := range strings.FieldsSeq(n.Value) {
				all = append(all, in+" "+word)
			}
			return
		case *markdown.InlineCode:
			all = append(all, in+" code "+n.Value)
			return
		case *markdown.Code:
			for line := range strings.SplitSeq(n.Value, "\n") {
				if line != "" {
					all = append(all, "code "+n.Lang+" "+line)
				}
			}
			return
		case *markdown.Link:
			all = append(all, in+" link "+n.URL+" "+markdown.PlainText(n))
			return
		case *markdown.TableCell:
			all = append(all, "cell "+markdown.PlainText(n))
			return
		case *markdown.Strong:
			in += " bold"
		case *markdown.Emphasis:
			in += " italic"
		case *markdown.Delete:
			in += " struck"
		case *markdown.Blockquote:
			in += " quote"
		case *markdown.Heading:
			in += " heading"
		}
		for _, child := range markdown.Children(n) {
			walk(child, in)
		}
	}
	walk(markdown.Parse(source), "")
	return all
}
