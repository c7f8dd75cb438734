package slack

import (
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// mrkdwn is Slack's own markup, for the texts of blocks and for notifications.
// https://docs.slack.dev/messaging/formatting-message-text

// mrkdwnOf returns Markdown as mrkdwn.
func mrkdwnOf(source string) string {
	if !strings.ContainsAny(source, "\\`*_{}[]()<>#+-.!|~&:@\n\r") && strings.TrimSpace(source) == source {
		return source
	}
	return mrkdwn(format.Parse(source))
}

// mrkdwn returns a tree as mrkdwn.
func mrkdwn(root *markdown.Root) string {
	return strings.Join(mrkdwnBlocks(root, false), "\n\n")
}

// mrkdwnBlocks returns the blocks of a document that have any text.
func mrkdwnBlocks(root *markdown.Root, bold bool) []string {
	w := newMrkdwnWriter(root)
	var blocks []string
	for _, child := range root.Children {
		if text := w.block(child, bold); strings.TrimSpace(text) != "" {
			blocks = append(blocks, text)
		}
	}
	return blocks
}

type mrkdwnWriter struct {
	definitions map[string]*markdown.Definition
}

func newMrkdwnWriter(root *markdown.Root) *mrkdwnWriter {
	w := &mrkdwnWriter{definitions: map[string]*markdown.Definition{}}
	for d := range markdown.FindAll[*markdown.Definition](root) {
		if w.definitions[d.Identifier] == nil {
			w.definitions[d.Identifier] = d
		}
	}
	return w
}

// What begins the lines of a quote, and the further lines of a list item.
const (
	quotePrefix = "&gt; "
	itemIndent  = "    "
)

// block returns a block without a line ending at its end.
func (w *mrkdwnWriter) block(n markdown.Node, bold bool) string {
	switch n := n.(type) {
	case *markdown.Paragraph:
		return w.inline(n.Children, bold)
	case *markdown.Heading:
		return w.inline(n.Children, true)
	case *markdown.ThematicBreak:
		return "---"
	case *markdown.Blockquote:
		return quotePrefix + strings.ReplaceAll(w.blocks(n.Children, "\n\n", bold), "\n", "\n"+quotePrefix)
	case *markdown.List:
		return w.list(n, bold)
	case *markdown.Code:
		return codeBlock(n.Value)
	case *markdown.HTML:
		return markedUp(n.Value)
	case *markdown.Table:
		return codeBlock(n.ASCII())
	case *markdown.FootnoteDefinition:
		return "[" + markedUp(n.Label) + "] " + w.blocks(n.Children, "\n", bold)
	case *markdown.Definition, *markdown.Unknown:
		return ""
	}
	return w.inline([]markdown.Node{n}, bold)
}

func (w *mrkdwnWriter) blocks(children []markdown.Node, separator string, bold bool) string {
	var parts []string
	for _, child := range children {
		if text := w.block(child, bold); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, separator)
}

func (w *mrkdwnWriter) list(list *markdown.List, bold bool) string {
	var lines []string
	for marker, item := range listItems(list) {
		lines = append(lines, marker+strings.ReplaceAll(w.blocks(item.Children, "\n", bold), "\n", "\n"+itemIndent))
	}
	return strings.Join(lines, "\n")
}

// listItems yields the items with their markers.
func listItems(list *markdown.List) iter.Seq2[string, *markdown.ListItem] {
	return func(yield func(string, *markdown.ListItem) bool) {
		number := 1
		if list.Start != nil {
			number = *list.Start
		}
		for _, child := range list.Children {
			item, ok := child.(*markdown.ListItem)
			if !ok {
				continue
			}
			marker := "• "
			if list.Ordered {
				marker = strconv.Itoa(number) + ". "
				number++
			}
			if item.Checked != nil {
				marker = "☐ "
				if *item.Checked {
					marker = "☑ "
				}
			}
			if !yield(marker, item) {
				return
			}
		}
	}
}

// codeBlock returns text as a code block. mrkdwn cannot escape its fence.
func codeBlock(text string) string {
	return "```\n" + strings.ReplaceAll(escape(text), "```", "`\u200b``") + "\n```"
}

func (w *mrkdwnWriter) inline(children []markdown.Node, bold bool) string {
	s := &spanWriter{definitions: w.definitions}
	if bold {
		s.push('*')
	}
	s.nodes(children)
	s.wanted = s.wanted[:0]
	s.sync()
	return strings.TrimSpace(s.out.String())
}

// spanWriter writes the content of a paragraph. mrkdwn formats only between
// characters that are no letters, and within a line: markers are opened as late
// as possible, closed at line ends, and kept off letters by a zero-width space.
type spanWriter struct {
	definitions map[string]*markdown.Definition
	out         strings.Builder
	wanted      []byte // the markers that the next text should stand in
	open        []byte // those that it stands in
	closed      bool   // the last thing written is a marker that closes
	last        rune
}

// push adds a marker, and reports whether it was not there already.
func (s *spanWriter) push(marker byte) bool {
	if strings.IndexByte(string(s.wanted), marker) >= 0 {
		return false
	}
	s.wanted = append(s.wanted, marker)
	return true
}

func (s *spanWriter) span(marker byte, children []markdown.Node) {
	pushed := s.push(marker)
	s.nodes(children)
	if pushed {
		s.wanted = s.wanted[:len(s.wanted)-1]
	}
}

// sync closes and opens markers until the open ones are those wanted.
func (s *spanWriter) sync() {
	same := 0
	for same < len(s.open) && same < len(s.wanted) && s.open[same] == s.wanted[same] {
		same++
	}
	for len(s.open) > same {
		s.out.WriteByte(s.open[len(s.open)-1])
		s.open = s.open[:len(s.open)-1]
		s.closed, s.last = true, 0
	}
	for _, marker := range s.wanted[same:] {
		if isWord(s.last) || s.closed {
			s.out.WriteRune('\u200b')
		}
		s.out.WriteByte(marker)
		s.open = append(s.open, marker)
		s.closed, s.last = false, 0
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// write writes one line of text that is marked up already.
func (s *spanWriter) write(text string) {
	if text == "" {
		return
	}
	if strings.Trim(text, " ") == "" { // a marker does not stand beside a space
		wanted := s.wanted
		if len(s.open) < len(wanted) {
			s.wanted = s.open
		}
		s.sync()
		s.wanted = wanted
	} else {
		s.sync()
	}
	first, _ := utf8.DecodeRuneInString(text)
	if s.closed && isWord(first) {
		s.out.WriteRune('\u200b')
	}
	s.out.WriteString(text)
	s.last, _ = utf8.DecodeLastRuneInString(text)
	s.closed = false
}

func (s *spanWriter) newline() {
	wanted := s.wanted
	s.wanted = nil
	s.sync()
	s.wanted = wanted
	s.out.WriteByte('\n')
	s.last, s.closed = '\n', false
}

// text writes text that may have several lines.
func (s *spanWriter) text(text string, mark func(string) string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			s.newline()
		}
		s.write(mark(line))
	}
}

func (s *spanWriter) nodes(children []markdown.Node) {
	for _, child := range children {
		s.node(child)
	}
}

func (s *spanWriter) node(n markdown.Node) {
	switch n := n.(type) {
	case *markdown.Text:
		s.text(n.Value, func(line string) string { return markedUp(withoutMarkers(line)) })
	case *markdown.Strong:
		s.span('*', n.Children)
	case *markdown.Emphasis:
		s.span('_', n.Children)
	case *markdown.Delete:
		s.span('~', n.Children)
	case *markdown.InlineCode:
		code := strings.ReplaceAll(strings.ReplaceAll(escape(n.Value), "`", "ˋ"), "\n", " ")
		if strings.TrimSpace(code) != "" {
			s.sync()
			if isWord(s.last) {
				s.out.WriteRune('\u200b')
			}
			s.out.WriteString("`" + code + "`")
			s.closed, s.last = true, 0
		}
	case *markdown.Break:
		s.newline()
	case *markdown.Link:
		s.link(n.URL, markdown.PlainText(&markdown.Paragraph{Children: n.Children}), n.Children)
	case *markdown.LinkReference:
		if d := s.definitions[n.Identifier]; d != nil {
			s.link(d.URL, markdown.PlainText(&markdown.Paragraph{Children: n.Children}), n.Children)
		} else {
			s.nodes(n.Children)
		}
	case *markdown.Image:
		s.link(n.URL, n.Alt, nil)
	case *markdown.ImageReference:
		if d := s.definitions[n.Identifier]; d != nil {
			s.link(d.URL, n.Alt, nil)
		}
	case *markdown.FootnoteReference:
		s.write("[" + markedUp(n.Label) + "]")
	case *markdown.HTML:
		s.text(n.Value, markedUp)
	default:
		s.nodes(markdown.Children(n))
	}
}

// lookalikes stand for characters that would be markup: mrkdwn has no escape for
// them.
var lookalikes = map[byte]string{'*': "∗", '_': "＿", '~': "∼", '`': "ˋ"}

// withoutMarkers returns a line of text in which nothing is mrkdwn's markup. A
// character stays as it is where it opens and closes nothing, as in "5 * 3",
// "2*3*4" and "snake_case".
func withoutMarkers(line string) string {
	if !strings.ContainsAny(line, "*_~`") {
		return line
	}
	var first, last [utf8.RuneSelf]int // where a marker first opens, and last closes, plus one
	for i := range len(line) {
		if marker := line[i]; lookalikes[marker] != "" {
			if first[marker] == 0 && opensMarkup(line, i) {
				first[marker] = i + 1
			}
			if closesMarkup(line, i) {
				last[marker] = i + 1
			}
		}
	}
	var b strings.Builder
	for i := range len(line) {
		marker := line[i]
		lookalike := lookalikes[marker]
		if lookalike != "" && first[marker] > 0 && (opensMarkup(line, i) && last[marker] > i+2 || closesMarkup(line, i) && first[marker] < i) {
			b.WriteString(lookalike)
		} else {
			b.WriteByte(marker)
		}
	}
	return b.String()
}

// before returns the character that ends at a place, and after the one that
// begins there. The ends of a text count as spaces.
func before(text string, at int) rune {
	if at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return r
}

func after(text string, at int) rune {
	if at == len(text) {
		return ' '
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	return r
}

func opensMarkup(line string, at int) bool {
	return line[at] == '`' || !isWord(before(line, at)) && !unicode.IsSpace(after(line, at+1))
}

func closesMarkup(line string, at int) bool {
	return line[at] == '`' || !isWord(after(line, at+1)) && !unicode.IsSpace(before(line, at))
}

// link writes a link. An address that Slack would not take for one is left out.
func (s *spanWriter) link(address, label string, children []markdown.Node) {
	target := linkTarget(address)
	label = strings.TrimSpace(strings.ReplaceAll(label, "\n", " "))
	if scheme, rest, ok := strings.Cut(target, ":"); !ok || rest == "" || !isScheme(scheme) || runs(scheme) {
		if children != nil {
			s.nodes(children)
		} else {
			s.text(label, markedUp)
		}
		return
	}
	if label == "" || label == address {
		s.write("<" + target + ">")
		return
	}
	s.write("<" + target + "|" + strings.ReplaceAll(escape(plain(label)), "|", "¦") + ">")
}

// runs reports whether addresses of the scheme are programs or documents of their
// own, which no link should open.
func runs(scheme string) bool {
	switch strings.ToLower(scheme) {
	case "javascript", "vbscript", "data", "blob", "file":
		return true
	}
	return false
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}
