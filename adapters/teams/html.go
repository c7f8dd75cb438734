package teams

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxHTML is the size of HTML that is read, in bytes. A message has about 100 KB.
	maxHTML = 512 << 10
	// maxDepth is how deep elements may be nested.
	maxDepth = 100
	// mentionType is the itemtype of a mention.
	mentionType = "http://schema.skype.com/Mention"
)

// readHTML parses the HTML of a message. It returns false if it is too long or nested too
// deep.
func readHTML(source string) (*markdown.Root, bool) {
	if len(source) > maxHTML {
		return nil, false
	}
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil, false
	}
	r := &htmlReader{}
	blocks := r.blocks(nodes, 0)
	return markdown.NewRoot(blocks...), !r.tooDeep
}

type htmlReader struct{ tooDeep bool }

func children(n *html.Node) (all []*html.Node) {
	for c := range n.ChildNodes() {
		all = append(all, c)
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// blocks returns nodes as blocks. Inline nodes between blocks become paragraphs.
func (r *htmlReader) blocks(nodes []*html.Node, depth int) []markdown.Node {
	if depth > maxDepth {
		r.tooDeep = true
		return nil
	}
	var out, line []markdown.Node
	end := func() {
		out = append(out, format.Paragraphs(line)...)
		line = nil
	}
	for _, n := range nodes {
		if block, ok := r.block(n, depth); ok {
			end()
			out = append(out, block...)
			continue
		}
		line = append(line, r.inline(n, depth)...)
	}
	end()
	return out
}

// block returns an element as blocks. It is false for an inline node.
func (r *htmlReader) block(n *html.Node, depth int) ([]markdown.Node, bool) {
	if n.Type != html.ElementNode {
		return nil, false
	}
	one := func(node markdown.Node) ([]markdown.Node, bool) { return []markdown.Node{node}, true }
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Section, atom.Article:
		return r.blocks(children(n), depth+1), true
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		level, _ := strconv.Atoi(n.Data[1:])
		return one(markdown.NewHeading(level, format.JoinTexts(r.inlines(children(n), depth+1))...))
	case atom.Blockquote:
		return one(markdown.NewBlockquote(r.blocks(children(n), depth+1)...))
	case atom.Pre:
		return one(markdown.NewCode("", strings.Trim(text(n), "\n")))
	case atom.Hr:
		return one(&markdown.ThematicBreak{})
	case atom.Ul, atom.Ol:
		var items []*markdown.ListItem
		for _, c := range children(n) {
			if c.Type == html.ElementNode {
				items = append(items, markdown.NewListItem(r.blocks(children(c), depth+1)...))
			}
		}
		if n.DataAtom == atom.Ol {
			start, err := strconv.Atoi(attribute(n, "start"))
			if err != nil || start < 0 || start > 999_999_999 {
				start = 1
			}
			return one(markdown.NewOrderedList(start, items...))
		}
		return one(markdown.NewList(items...))
	case atom.Table:
		var rows []*markdown.TableRow
		for _, row := range rowsOf(n) {
			out := markdown.NewTableRow()
			for _, c := range children(row) {
				if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
					out.Children = append(out.Children, markdown.NewTableCell(markdown.NewText(strings.Join(strings.Fields(text(c)), " "))))
				}
			}
			rows = append(rows, out)
		}
		return one(markdown.NewTable(nil, rows...))
	}
	if n.Data == "codeblock" {
		return one(markdown.NewCode("", strings.Trim(text(n), "\n")))
	}
	return nil, false
}

// rowsOf returns the rows of a table. A table in a cell is text of the cell.
func rowsOf(n *html.Node) (rows []*html.Node) {
	for _, c := range children(n) {
		switch c.DataAtom {
		case atom.Tr:
			rows = append(rows, c)
		case atom.Thead, atom.Tbody, atom.Tfoot:
			rows = append(rows, rowsOf(c)...)
		}
	}
	return rows
}

func (r *htmlReader) inlines(nodes []*html.Node, depth int) (all []markdown.Node) {
	for _, n := range nodes {
		all = append(all, r.inline(n, depth)...)
	}
	return all
}

// inline returns an inline node.
func (r *htmlReader) inline(n *html.Node, depth int) []markdown.Node {
	if depth > maxDepth {
		r.tooDeep = true
		return nil
	}
	if n.Type == html.TextNode {
		if words := spaces(n.Data); words != "" {
			return []markdown.Node{markdown.NewText(words)}
		}
		return nil
	}
	if n.Type != html.ElementNode {
		return nil
	}
	one := func(node markdown.Node) []markdown.Node { return []markdown.Node{node} }
	inner := func() []markdown.Node { return r.inlines(children(n), depth+1) }
	switch n.DataAtom {
	case atom.Br:
		return one(&markdown.Break{})
	case atom.Strong, atom.B:
		return one(markdown.NewStrong(inner()...))
	case atom.Em, atom.I:
		return one(markdown.NewEmphasis(inner()...))
	case atom.S, atom.Strike, atom.Del:
		return one(markdown.NewDelete(inner()...))
	case atom.Code:
		return one(markdown.NewInlineCode(text(n)))
	case atom.A:
		if address := attribute(n, "href"); address != "" {
			return one(markdown.NewLink(address, inner()...))
		}
	case atom.Img:
		return one(markdown.NewText(attribute(n, "alt"))) // the picture is an attachment
	case atom.Span:
		if attribute(n, "itemtype") == mentionType {
			return one(markdown.NewText("@" + spaces(text(n))))
		}
	case atom.Script, atom.Style:
		return nil
	}
	switch n.Data {
	case "at":
		return one(markdown.NewText("@" + spaces(text(n))))
	case "emoji":
		return one(markdown.NewText(attribute(n, "alt")))
	}
	return inner()
}

// spaces replaces each run of white space by one space, as a browser does. A non-breaking
// space becomes a space.
func spaces(text string) string {
	var b strings.Builder
	blank := false
	for _, c := range text {
		switch c {
		case ' ', '\t', '\n', '\r', '\f':
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		case '\u00a0':
			c = ' '
		}
		blank = false
		b.WriteRune(c)
	}
	return b.String()
}

// text returns all text of a node, with its line endings.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.DataAtom == atom.Br:
			b.WriteByte('\n')
		}
	}
	return strings.ReplaceAll(b.String(), "\u00a0", " ")
}
