package format

import (
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// CardActions says how [CardTree] shows the buttons and menus of a card.
type CardActions int

const (
	// NoActions leaves out buttons and menus, because the platform shows them by other
	// means: see [Rows].
	NoActions CardActions = iota
	// LinkActions shows buttons that open a page as links, and leaves out all others.
	LinkActions
	// TextActions is for platforms without buttons. It shows buttons that open a page as
	// links, other buttons as "[Label]", and menus with their options.
	TextActions
)

// CardTree returns a card as a tree. The title is bold, fields are "Label: value" with a bold
// label, and charts are tables. [markdown.Print] converts the tree to Markdown, and [Render]
// to a platform's markup. A nil card is an empty tree.
func CardTree(c *card.Card, actions CardActions) *markdown.Root {
	root := &markdown.Root{}
	if c == nil {
		return root
	}
	if c.ImageURL != "" {
		root.Children = append(root.Children, markdown.NewParagraph(markdown.NewImage(c.ImageURL, c.Title)))
	}
	if c.Title != "" {
		root.Children = append(root.Children, markdown.NewParagraph(markdown.NewStrong(markdown.NewText(c.Title))))
	}
	if c.Subtitle != "" {
		root.Children = append(root.Children, paragraphs(c.Subtitle)...)
	}
	root.Children = append(root.Children, cardBlocks(c.Children, actions)...)
	return root
}

// PostTree returns the content of a post as a tree: its text or its card, and its attachments
// as links. Raw becomes text. The caller must not change the tree.
func PostTree(post *chat.Post, actions CardActions) *markdown.Root {
	root := post.AsTree()
	if post.Card != nil && post.Fallback == "" {
		root = CardTree(post.Card, actions)
	}
	if links := AttachmentLinks(post.Attachments); len(links) > 0 {
		root = &markdown.Root{Children: slices.Concat(root.Children, links)}
	}
	return root
}

// RenderPost returns the content of a post in a platform's markup: the [Render] of its
// PostTree. Raw is not changed, and attachments follow it as links.
func RenderPost(post *chat.Post, actions CardActions, m Markup) string {
	if post.Raw == "" {
		return Render(PostTree(post, actions), m)
	}
	links := Render(&markdown.Root{Children: AttachmentLinks(post.Attachments)}, m)
	if links == "" {
		return post.Raw
	}
	return post.Raw + "\n\n" + links
}

// CardMarkdown returns a card as Markdown.
func CardMarkdown(c *card.Card, actions CardActions) string {
	return strings.TrimSuffix(markdown.Print(CardTree(c, actions)), "\n")
}

// CardText returns a card as plain text. Links have their addresses, and tables are in
// columns.
func CardText(c *card.Card, actions CardActions) string {
	return Render(CardTree(c, actions), Markup{})
}

func cardBlocks(children []card.Child, actions CardActions) []markdown.Node {
	var blocks []markdown.Node
	for _, child := range children {
		switch child := child.(type) {
		case *card.Text:
			blocks = append(blocks, cardText(child)...)
		case *card.Image:
			blocks = append(blocks, markdown.NewParagraph(markdown.NewImage(child.URL, child.Alt)))
		case *card.Link:
			blocks = append(blocks, markdown.NewParagraph(markdown.NewLink(child.URL, markdown.NewText(child.Label))))
		case *card.Divider:
			blocks = append(blocks, &markdown.ThematicBreak{})
		case *card.Section:
			blocks = append(blocks, cardBlocks(child.Children, actions)...)
		case *card.Fields:
			blocks = append(blocks, cardFields(child)...)
		case *card.Table:
			if child.Caption != "" {
				blocks = append(blocks, markdown.NewParagraph(markdown.NewText(child.Caption)))
			}
			blocks = append(blocks, cardTable(child))
		case *card.Chart:
			blocks = append(blocks, markdown.NewParagraph(markdown.NewStrong(markdown.NewText(child.Title))), tableOf(nil, child.Chart.Rows()))
		case *card.Actions:
			if line := cardActions(child, actions); len(line) > 0 {
				blocks = append(blocks, markdown.NewParagraph(line...))
			}
		}
	}
	return blocks
}

func cardText(text *card.Text) []markdown.Node {
	blocks := paragraphs(text.Content)
	if text.Style != card.Bold {
		return blocks
	}
	for _, block := range blocks {
		if p, ok := block.(*markdown.Paragraph); ok {
			p.Children = []markdown.Node{markdown.NewStrong(p.Children...)}
		}
	}
	return blocks
}

func paragraphs(source string) []markdown.Node { return markdown.Parse(source).Children }

// inlineOf returns the content of Markdown that is one paragraph, and any other Markdown as
// text.
func inlineOf(source string) []markdown.Node {
	blocks := paragraphs(source)
	if len(blocks) == 1 {
		if p, ok := blocks[0].(*markdown.Paragraph); ok {
			return p.Children
		}
	}
	return []markdown.Node{markdown.NewText(source)}
}

// cardFields returns the fields as the lines of one paragraph.
func cardFields(fields *card.Fields) []markdown.Node {
	var content []markdown.Node
	for _, f := range fields.Children {
		if f == nil {
			continue
		}
		if len(content) > 0 {
			content = append(content, &markdown.Break{})
		}
		content = append(content, markdown.NewStrong(markdown.NewText(f.Label+":")), markdown.NewText(" "))
		content = append(content, inlineOf(f.Value)...)
	}
	if len(content) == 0 {
		return nil
	}
	return []markdown.Node{markdown.NewParagraph(content...)}
}

func cardTable(table *card.Table) markdown.Node {
	align := make([]markdown.Align, 0, len(table.Align))
	for _, a := range table.Align {
		align = append(align, markdown.Align(a))
	}
	return tableOf(align, append([][]string{table.Headers}, table.Rows...))
}

func tableOf(align []markdown.Align, texts [][]string) markdown.Node {
	rows := make([]*markdown.TableRow, len(texts))
	for i, row := range texts {
		rows[i] = markdown.NewTableRow(row...)
	}
	return markdown.NewTable(align, rows...)
}

// cardActions returns a row of actions as the content of a line.
func cardActions(row *card.Actions, how CardActions) []markdown.Node {
	var content []markdown.Node
	add := func(nodes ...markdown.Node) {
		if len(content) > 0 {
			content = append(content, markdown.NewText(" · "))
		}
		content = append(content, nodes...)
	}
	for _, action := range row.Children {
		if link, ok := action.(*card.LinkButton); ok && how != NoActions {
			add(markdown.NewLink(link.URL, markdown.NewText(link.Label)))
			continue
		}
		if how != TextActions {
			continue
		}
		switch action := action.(type) {
		case *card.Button:
			add(markdown.NewText("[" + action.Label + "]"))
		case *card.Select:
			add(markdown.NewText(action.Label + ": " + optionLabels(action.Options)))
		case *card.RadioSelect:
			add(markdown.NewText(action.Label + ": " + optionLabels(action.Options)))
		}
	}
	return content
}

func optionLabels(options []*card.Option) string {
	labels := make([]string, 0, len(options))
	for _, o := range options {
		if o != nil {
			labels = append(labels, o.Label)
		}
	}
	return strings.Join(labels, ", ")
}

// AttachmentLinks returns a paragraph with a link for each attachment that has an address. It is
// for platforms that do not fetch files from addresses. Names and addresses need not be
// escaped.
func AttachmentLinks(attachments []chat.Attachment) []markdown.Node {
	var blocks []markdown.Node
	for i := range attachments {
		a := &attachments[i]
		if a.URL == "" {
			continue
		}
		label := strings.Join(strings.Fields(a.Name), " ")
		if label == "" {
			label = a.URL
		}
		blocks = append(blocks, markdown.NewParagraph(markdown.NewLink(a.URL, markdown.NewText(label))))
	}
	return blocks
}
