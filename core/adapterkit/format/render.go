package format

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Render returns a tree in a platform's markup, with its emoji and mentions. Blocks are
// separated by a blank line. References are resolved, tables are code with columns, and raw
// HTML is text. Formatting that is nested in the same formatting is written once.
func Render(root *markdown.Root, m Markup) string {
	return strings.Join(renderBlocks(root, m), "\n\n")
}

// renderBlocks returns the blocks of a tree in the markup, without blank ones.
func renderBlocks(root *markdown.Root, m Markup) []string {
	r := &renderer{markup: &m, definitions: map[string]*markdown.Definition{}}
	for d := range markdown.FindAll[*markdown.Definition](root) {
		if r.definitions[d.Identifier] == nil {
			r.definitions[d.Identifier] = d
		}
	}
	var blocks []string
	for _, child := range root.Children {
		if text := r.block(child); strings.TrimSpace(text) != "" {
			blocks = append(blocks, text)
		}
	}
	return blocks
}

type renderer struct {
	markup      *Markup
	definitions map[string]*markdown.Definition
	quoted      bool // within a quotation that has markers
}

// block returns a block without a line ending at its end.
func (r *renderer) block(n markdown.Node) string {
	switch n := n.(type) {
	case *markdown.Paragraph:
		return r.inline(n.Children, false)
	case *markdown.Heading:
		return r.markup.heading(n.Depth, r.inline(n.Children, r.markup.Heading == nil))
	case *markdown.ThematicBreak:
		return r.markup.or(r.markup.Rule, "———")
	case *markdown.Blockquote:
		return r.quote(n)
	case *markdown.List:
		return r.list(n)
	case *markdown.Code:
		return r.markup.codeBlock(n.Lang, n.Value)
	case *markdown.Table:
		return r.markup.codeBlock("", tableInColumns(n))
	case *markdown.FootnoteDefinition:
		return r.markup.escape("["+n.Label+"] ") + r.blocks(n.Children, "\n")
	case *markdown.Definition, *markdown.Unknown:
		return ""
	}
	return r.inline([]markdown.Node{n}, false)
}

// tableInColumns returns a table as text. Its emoji are Unicode characters, because there is no
// markup in code.
func tableInColumns(table *markdown.Table) string {
	var rows [][]string
	for _, row := range table.Children {
		var cells []string
		for _, cell := range markdown.Children(row) {
			cells = append(cells, emoji.Replace(markdown.PlainText(cell), emoji.Unicode))
		}
		rows = append(rows, cells)
	}
	return markdown.ASCIITable(table.Align, rows)
}

func (r *renderer) blocks(children []markdown.Node, separator string) string {
	var parts []string
	for _, child := range children {
		if text := r.block(child); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, separator)
}

func (r *renderer) quote(n *markdown.Blockquote) string {
	marked := r.markup.Quote != Markers{}
	if marked && !r.quoted {
		r.quoted = true
		text := r.blocks(n.Children, "\n\n")
		r.quoted = false
		return r.markup.Quote.Open + text + r.markup.Quote.Close
	}
	prefix := r.markup.or(r.markup.QuotePrefix, "> ")
	return prefix + strings.ReplaceAll(r.blocks(n.Children, "\n\n"), "\n", "\n"+prefix)
}

func (r *renderer) list(list *markdown.List) string {
	number := 1
	if list.Start != nil {
		number = *list.Start
	}
	var lines []string
	for _, child := range list.Children {
		item, ok := child.(*markdown.ListItem)
		if !ok {
			continue
		}
		marker := r.markup.or(r.markup.Bullet, "• ")
		if list.Ordered {
			marker = r.markup.step(number)
			number++
		}
		if item.Checked != nil {
			marker = r.markup.escape("☐ ")
			if *item.Checked {
				marker = r.markup.escape("☑ ")
			}
		}
		lines = append(lines, marker+strings.ReplaceAll(r.blocks(item.Children, "\n"), "\n", "\n    "))
	}
	return strings.Join(lines, "\n")
}

func (r *renderer) inline(children []markdown.Node, strong bool) string {
	w := &inlineWriter{renderer: r, alone: !strong && isPlain(children)}
	if strong {
		w.push(&r.markup.Strong)
	}
	w.nodes(children)
	w.wanted = w.wanted[:0]
	w.sync()
	return strings.TrimSpace(w.out.String())
}

// isPlain reports whether a paragraph is text without formatting.
func isPlain(children []markdown.Node) bool {
	if len(children) != 1 {
		return false
	}
	_, ok := children[0].(*markdown.Text)
	return ok
}

// inlineWriter writes the content of a paragraph. It opens markers as late as possible. If
// they are bounded, it closes them at line ends, and separates them from letters.
type inlineWriter struct {
	*renderer
	out    strings.Builder
	alone  bool       // whether the paragraph is text without formatting
	wanted []*Markers // the markers around the next text
	open   []*Markers // the markers that are open
	closed bool       // whether a closing marker was written last
	last   rune       // the last character of text, or 0 after a marker
	space  string     // white space that is written before the next text
}

// push adds markers to wanted. It returns false if they are there already.
func (w *inlineWriter) push(m *Markers) bool {
	if *m == (Markers{}) || slices.Contains(w.wanted, m) {
		return false
	}
	w.wanted = append(w.wanted, m)
	return true
}

func (w *inlineWriter) span(m *Markers, children []markdown.Node) {
	pushed := w.push(m)
	w.nodes(children)
	if pushed {
		w.wanted = w.wanted[:len(w.wanted)-1]
	}
}

const zeroWidthSpace = '\u200b'

func (w *inlineWriter) apart() {
	if w.markup.Bounded {
		w.out.WriteRune(zeroWidthSpace)
	}
}

// sync closes and opens markers until the open ones are those wanted.
func (w *inlineWriter) sync() {
	same := 0
	for same < len(w.open) && same < len(w.wanted) && w.open[same] == w.wanted[same] {
		same++
	}
	for len(w.open) > same {
		w.out.WriteString(w.open[len(w.open)-1].Close)
		w.open = w.open[:len(w.open)-1]
		w.closed, w.last = true, 0
	}
	w.flush()
	for _, m := range w.wanted[same:] {
		if isWord(w.last) || w.closed {
			w.apart()
		}
		w.out.WriteString(m.Open)
		w.open = append(w.open, m)
		w.closed, w.last = false, 0
	}
}

// flush writes the pending white space.
func (w *inlineWriter) flush() {
	if w.space != "" {
		w.out.WriteString(w.space)
		w.space, w.closed, w.last = "", false, ' '
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// write writes a line of text that is already in the markup. White space at its ends is written
// outside of the markers, because many do not work next to a space.
func (w *inlineWriter) write(text string) {
	inner := strings.Trim(text, " ")
	if inner == "" {
		w.space += text
		return
	}
	before, after, _ := strings.Cut(text, inner)
	w.space += before
	w.sync()
	first, _ := utf8.DecodeRuneInString(inner)
	if w.closed && isWord(first) {
		w.apart()
	}
	w.out.WriteString(inner)
	w.last, _ = utf8.DecodeLastRuneInString(inner)
	w.closed, w.space = false, after
}

func (w *inlineWriter) newline() {
	if w.markup.Bounded {
		wanted := w.wanted
		w.wanted = nil
		w.sync()
		w.wanted = wanted
	}
	w.flush()
	w.out.WriteByte('\n')
	w.last, w.closed = '\n', false
}

// text writes text that may have several lines.
func (w *inlineWriter) text(text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			w.newline()
		}
		w.write(w.markup.text(line, w.alone))
	}
}

func (w *inlineWriter) nodes(children []markdown.Node) {
	for _, child := range children {
		w.node(child)
	}
}

func (w *inlineWriter) node(n markdown.Node) {
	switch n := n.(type) {
	case *markdown.Text:
		w.text(n.Value)
	case *markdown.Strong:
		w.span(&w.markup.Strong, n.Children)
	case *markdown.Emphasis:
		w.span(&w.markup.Emphasis, n.Children)
	case *markdown.Delete:
		w.span(&w.markup.Delete, n.Children)
	case *markdown.InlineCode:
		w.code(n.Value)
	case *markdown.Break:
		w.newline()
	case *markdown.Link:
		w.link(n.URL, n.Children)
	case *markdown.LinkReference:
		if d := w.definitions[n.Identifier]; d != nil {
			w.link(d.URL, n.Children)
		} else {
			w.nodes(n.Children)
		}
	case *markdown.Image:
		w.link(n.URL, []markdown.Node{markdown.NewText(n.Alt)})
	case *markdown.ImageReference:
		if d := w.definitions[n.Identifier]; d != nil {
			w.link(d.URL, []markdown.Node{markdown.NewText(n.Alt)})
		} else {
			w.text(n.Alt)
		}
	case *markdown.FootnoteReference:
		w.write(w.markup.escape("[" + n.Label + "]"))
	case *markdown.HTML:
		w.text(n.Value)
	default:
		w.nodes(markdown.Children(n))
	}
}

func (w *inlineWriter) code(code string) {
	code = strings.ReplaceAll(code, "\n", " ")
	if strings.TrimSpace(code) == "" {
		return
	}
	w.sync()
	if isWord(w.last) {
		w.apart()
	}
	w.out.WriteString(w.markup.code(code))
	w.closed, w.last = true, 0
}

// link writes a link, or only its label if the address is not valid.
func (w *inlineWriter) link(address string, children []markdown.Node) {
	address = w.markup.address(strings.TrimSpace(address))
	if address == "" || strings.ContainsFunc(address, unicode.IsControl) {
		w.nodes(children)
		return
	}
	label := &inlineWriter{renderer: &renderer{markup: w.markup.label(), definitions: w.definitions}}
	label.nodes(children)
	label.wanted = nil
	label.sync()
	w.write(w.markup.link(strings.TrimSpace(strings.ReplaceAll(label.out.String(), "\n", " ")), address))
}
