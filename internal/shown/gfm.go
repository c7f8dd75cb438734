package shown

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/chat-adapter/chat-go/core/markdown"
)

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// GFM is what people see of GitHub-flavoured Markdown, read by another parser than
// ours. In comments each line ending is one that is seen:
// https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#paragraphs
// HTML is left out.
func GFM(source string) *markdown.Root {
	r := gfmReader{[]byte(source)}
	return markdown.NewRoot(r.children(gfm.Parse(text.NewReader(r.source)))...)
}

type gfmReader struct{ source []byte }

func (r gfmReader) children(n ast.Node) []markdown.Node {
	var nodes []markdown.Node
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		nodes = append(nodes, r.node(c)...)
	}
	return nodes
}

func (r gfmReader) node(n ast.Node) []markdown.Node {
	one := func(n markdown.Node) []markdown.Node { return []markdown.Node{n} }
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		return one(markdown.NewParagraph(r.children(n)...))
	case *ast.Heading:
		return one(markdown.NewHeading(n.Level, r.children(n)...))
	case *ast.Blockquote:
		return one(markdown.NewBlockquote(r.children(n)...))
	case *ast.ThematicBreak:
		return one(&markdown.ThematicBreak{})
	case *ast.FencedCodeBlock:
		return one(markdown.NewCode(string(n.Language(r.source)), r.lines(n)))
	case *ast.CodeBlock:
		return one(markdown.NewCode("", r.lines(n)))
	case *ast.List:
		return one(r.list(n))
	case *ast.Text:
		nodes := one(markdown.NewText(unescape(n.Segment.Value(r.source), n.IsRaw())))
		if n.SoftLineBreak() || n.HardLineBreak() {
			nodes = append(nodes, &markdown.Break{})
		}
		return nodes
	case *ast.String:
		return one(markdown.NewText(string(n.Value)))
	case *ast.CodeSpan:
		var code strings.Builder
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				code.Write(t.Segment.Value(r.source))
			}
		}
		return one(markdown.NewInlineCode(code.String()))
	case *ast.Emphasis:
		if n.Level == 2 {
			return one(markdown.NewStrong(r.children(n)...))
		}
		return one(markdown.NewEmphasis(r.children(n)...))
	case *extast.Strikethrough:
		return one(markdown.NewDelete(r.children(n)...))
	case *ast.Link:
		return one(markdown.NewLink(string(n.Destination), r.children(n)...))
	case *ast.AutoLink:
		return one(markdown.NewLink(string(n.URL(r.source)), markdown.NewText(string(n.Label(r.source)))))
	case *ast.Image:
		return one(markdown.NewImage(string(n.Destination), markdown.PlainText(markdown.NewParagraph(r.children(n)...))))
	case *extast.Table:
		return one(r.table(n))
	}
	return nil
}

func (r gfmReader) list(n *ast.List) markdown.Node {
	var items []*markdown.ListItem
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		items = append(items, markdown.NewListItem(r.children(c)...))
	}
	if n.IsOrdered() {
		return markdown.NewOrderedList(n.Start, items...)
	}
	return markdown.NewList(items...)
}

func (r gfmReader) table(n *extast.Table) markdown.Node {
	var rows []*markdown.TableRow
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		out := markdown.NewTableRow()
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			out.Children = append(out.Children, markdown.NewTableCell(r.children(cell)...))
		}
		rows = append(rows, out)
	}
	return markdown.NewTable(nil, rows...)
}

func (r gfmReader) lines(n ast.Node) string {
	var code strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(r.source))
	}
	return strings.TrimSuffix(code.String(), "\n")
}

var escaped = regexp.MustCompile(`\\[!-/:-@\[-` + "`" + `{-~]|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]*);`)

// unescape is text without its backslashes and with its entities as characters.
func unescape(segment []byte, raw bool) string {
	if raw {
		return string(segment)
	}
	return escaped.ReplaceAllStringFunc(string(segment), func(found string) string {
		if found[0] == '\\' {
			return found[1:]
		}
		return html.UnescapeString(found)
	})
}
