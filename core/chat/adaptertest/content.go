package adaptertest

import (
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	ruleFormats = "Formatting that the platform has is shown as such; where it has none, the words stand without it, a link with its address and a table with its cells in order."
	ruleLiteral = "Text is shown as it is: no character of it means formatting on the platform."
)

// formatted is Markdown with one piece of formatting. Around it stand characters that
// are several bytes, several UTF-16 units or several runes, which throw off who
// counts something else than the platform.
type formatted struct {
	what     string
	format   Format
	markdown string
	// words are what must be seen, in this order.
	words []string
	// shows reports whether the content has the formatting, on the right words.
	shows func(content markdown.Node) bool
}

const wide = "👩‍👩‍👧 é e\u0301 𝒳 "

var formattedSamples = []formatted{
	{"bold", Bold, wide + "**bold words** after", []string{"bold words", "after"}, on[*markdown.Strong]("bold words")},
	{"italic", Italic, wide + "*italic words* after", []string{"italic words", "after"}, on[*markdown.Emphasis]("italic words")},
	{"strikethrough", Strikethrough, wide + "~~struck words~~ after", []string{"struck words", "after"}, on[*markdown.Delete]("struck words")},
	{"bold before more bold", Bold, "**one " + wide + "** and **two**", []string{"one", "and", "two"}, on[*markdown.Strong]("two")},
	{"code", Code, wide + "`a <b> *x* & [y](z)` after", []string{"a <b> *x* & [y](z)", "after"}, on[*markdown.InlineCode]("a <b> *x* & [y](z)")},
	{
		"a code block", CodeBlocks, wide + "\n\n```go\nif a < b && *p {\n\n\treturn \"x\" // <y>\n}\n```\n\nafter",
		[]string{"if a < b && *p {", "\treturn \"x\" // <y>", "}", "after"},
		func(n markdown.Node) bool {
			_, ok := markdown.Find(n, func(c *markdown.Code) bool {
				return strings.Trim(c.Value, "\n") == "if a < b && *p {\n\n\treturn \"x\" // <y>\n}"
			})
			return ok
		},
	},
	{"a quote", Quotes, wide + "\n\n> quoted words\n\nafter", []string{"quoted words", "after"}, on[*markdown.Blockquote]("quoted words")},
	{"a list", Lists, wide + "\n\n- first item\n- second item", []string{"first item", "second item"}, on[*markdown.ListItem]("second item")},
	{"a numbered list", Lists, "1. first item\n2. second item", []string{"first item", "second item"}, on[*markdown.ListItem]("second item")},
	{"a list in a list", Lists, "- one\n  - two\n    - three\n- four", []string{"one", "two", "three", "four"}, nil},
	{"a heading", Headings, "# A heading " + wide + "\n\nafter", []string{"A heading", "after"}, func(n markdown.Node) bool {
		_, ok := markdown.Find[*markdown.Heading](n)
		return ok
	}},
	{
		"a table", Tables, "| Name | Count |\n|---|---:|\n| apples | 3 |\n| pears & <more> | 12 |",
		[]string{"Name", "Count", "apples", "3", "pears & <more>", "12"},
		on[*markdown.TableCell]("pears & <more>"),
	},
}

// links are Markdown with a link, and where it leads.
var links = []struct{ what, markdown, words, address string }{
	{"a link", wide + "[the label](https://example.com/a?b=c&d=e_f_g) after", "the label", "https://example.com/a?b=c&d=e_f_g"},
	{"an address", "<https://example.com/auto> after", "after", "https://example.com/auto"},
	{"a link by reference", "[the label][1] after\n\n[1]: https://example.com/reference", "the label", "https://example.com/reference"},
	{"a picture", "before ![a picture](https://example.com/p.png)", "before", "https://example.com/p.png"},
	{"brackets in an address", "[the label](<https://example.com/a_(b)>) after", "the label", "https://example.com/a_(b)"},
	{"a bold label", "[**the** label](https://example.com/bold) after", "label", "https://example.com/bold"},
}

// literal are texts that would be formatting in one of the markups that platforms
// have.
var literal = []string{
	"*a* <b> & 1. [x](y)",
	"_a_ ~b~ `c` **d** ~~e~~ ||f||",
	"# no heading\n> no quote\n- no item\n1. no step",
	"<!here> &amp; &lt;b&gt; \\* \\\\ </b> <a href=\"x\">y</a>",
	"```\nno code\n```",
	"a | b\n--|--\nc | d",
}

var contentCases = []Case{
	{ID: "Content/Formats", Rule: ruleFormats, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, f := range formattedSamples {
			tree := markdown.Parse(f.markdown)
			b.says(t, s, "a post of Markdown with "+f.what, chat.Markdown(f.markdown), f.check(s))
			b.says(t, s, "a post of a tree with "+f.what, chat.Tree(tree), f.check(s))
		}
	}},
	{ID: "Content/Edited", Rule: ruleFormats, Needs: NeedsEdits, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.Text("first"))
		for _, f := range formattedSamples {
			must(t, "Edit to "+f.what, sent.Edit(s.ctx, chat.Markdown(f.markdown)))
			b.judge(t, s, "after an edit to "+f.what, f.check(s))
		}
	}},
	{ID: "Content/Links", Rule: ruleFormats, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, l := range links {
			b.says(t, s, "a post with "+l.what, chat.Markdown(l.markdown), func(p chattest.Posted) string {
				switch {
				case !leads(p, l.address):
					return "a link to " + l.address
				case !strings.Contains(visible(p), l.words):
					return "the words " + show(l.words)
				}
				return ""
			})
		}
	}},
	{ID: "Content/Literal", Rule: ruleLiteral, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		for _, text := range literal {
			b.says(t, s, "a post of plain text, "+show(text), chat.Text(text), func(p chattest.Posted) string {
				if p.Content != nil && isFormatted(p.Content) || visible(p) != text {
					return "the text as it is, without formatting"
				}
				return ""
			})
		}
	}},
	{ID: "Content/Mentions", Rule: ruleEmoji, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		user := s.Features.User
		if user == "" {
			user = "somebody"
		}
		mention := "<@" + string(user) + ">"
		for _, c := range []struct {
			what    string
			post    chat.Postable
			mention bool
		}{
			{"text that mentions a user", chat.Text("ask " + mention + " about it"), true},
			{"Markdown that mentions a user", chat.Markdown("ask **" + mention + "** about it"), true},
			{"Markdown with a mention in code", chat.Markdown("ask `" + mention + "` about it"), false},
		} {
			b.says(t, s, "a post of "+c.what, c.post, func(p chattest.Posted) string {
				told := slices.Equal(p.Mentions, []chat.UserID{s.Features.User})
				switch has := s.Features.Formats&Mentions != 0; {
				case !strings.Contains(visible(p), "ask") || !strings.Contains(visible(p), "about it"):
					return "the text around the mention"
				case has && c.mention && !told:
					return "a mention of " + show(s.Features.User)
				case !c.mention && len(p.Mentions) > 0:
					return "code, in which nobody is mentioned"
				case !has && c.mention && strings.Contains(visible(p), "<@"):
					return "the user in the platform's way"
				}
				return ""
			})
		}
	}},
}

// says posts, judges what the platform shows, and deletes it.
func (b *rig) says(t TB, s *Subject, what string, post chat.Postable, judge func(chattest.Posted) string) {
	t.Helper()
	sent := b.post(t, s, s.thread(), post)
	b.judge(t, s, "after "+what, judge)
	b.remove(t, s, sent)
}

// judge has the one message of the thread judged: what it lacks, or nothing.
func (b *rig) judge(t TB, s *Subject, when string, judge func(chattest.Posted) string) {
	t.Helper()
	seen := b.shown(t, s, s.thread())
	if len(seen) != 1 {
		t.Errorf("what the platform shows %s\n    seen: %s\n    want: one message", when, listPosts(seen))
		return
	}
	if seen[0].Content == nil && s.Features.Formats != 0 {
		t.Errorf("Harness.Posts returned a message without Content, but Features.Formats is declared")
		t.FailNow()
	}
	if missing := judge(seen[0]); missing != "" {
		text := seen[0].Text
		if seen[0].Content != nil {
			text = markdown.Print(seen[0].Content)
		}
		t.Errorf("what the platform shows %s\n    seen: %s\n    want: %s", when, show(text), missing)
	}
}

// check returns what judges a message that shows the sample.
func (f formatted) check(s *Subject) func(chattest.Posted) string {
	return func(p chattest.Posted) string {
		rest := visible(p)
		for _, word := range f.words {
			_, after, found := strings.Cut(rest, word)
			if !found {
				return "the words " + show(f.words)
			}
			rest = after
		}
		if s.Features.Formats&f.format != 0 && f.shows != nil && !f.shows(p.Content) {
			return f.what + " on " + show(f.words[0])
		}
		return ""
	}
}

// on returns a function that looks for a node of the type with exactly the words.
func on[T markdown.Node](words string) func(markdown.Node) bool {
	return func(n markdown.Node) bool {
		_, ok := markdown.Find(n, func(n T) bool { return strings.TrimSpace(bare(markdown.PlainText(n))) == words })
		return ok
	}
}

// visible is what people read of a message.
func visible(p chattest.Posted) string {
	text := p.Text
	if p.Content != nil {
		text = markdown.PlainText(p.Content)
	}
	return strings.TrimSpace(bare(text))
}

// bare is a text without the characters that adapters put in to keep markup apart,
// which nobody sees.
func bare(text string) string { return strings.NewReplacer("\u200b", "", "\u2060", "").Replace(text) }

// leads reports whether a message shows the address, or what leads there.
func leads(p chattest.Posted, address string) bool {
	if strings.Contains(visible(p), address) || slices.ContainsFunc(p.Attachments, func(a chat.Attachment) bool { return a.URL == address }) {
		return true
	}
	if p.Content == nil {
		return strings.Contains(p.Text, address)
	}
	refers := func(identifier string) bool {
		_, ok := markdown.Find(p.Content, func(d *markdown.Definition) bool { return d.Identifier == identifier && d.URL == address })
		return ok
	}
	for n := range markdown.All(p.Content) {
		found := false
		switch n := n.(type) {
		case *markdown.Link:
			found = n.URL == address
		case *markdown.Image:
			found = n.URL == address
		case *markdown.LinkReference:
			found = refers(n.Identifier)
		case *markdown.ImageReference:
			found = refers(n.Identifier)
		}
		if found {
			return true
		}
	}
	return false
}

// isFormatted reports whether a tree holds more than lines of text.
func isFormatted(root *markdown.Root) bool {
	for n := range markdown.All(root) {
		switch n.(type) {
		case *markdown.Root, *markdown.Paragraph, *markdown.Text, *markdown.Break:
		default:
			return true
		}
	}
	return false
}
