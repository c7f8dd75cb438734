package chat

import (
	"io"
	"iter"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Postable is content that can be posted: [Text], [Markdown], [Tree], [Card],
// [Stream], [Chunks] or a *[Post].
type Postable interface{ postable() }

// Text is plain text: no character of it means formatting.
type Text string

// Markdown is GitHub-flavoured Markdown.
type Markdown string

// Stream is Markdown that comes in chunks, such as the output of a language
// model. An error in the sequence ends the message with what has come.
type Stream iter.Seq2[string, error]

// Chunks is Markdown that comes in chunks, with the tasks that the bot works on.
// An error in the sequence ends the message with what has come.
type Chunks iter.Seq2[Chunk, error]

// Card returns a post that shows a card.
func Card(c *card.Card) *Post { return &Post{Card: c} }

// Tree returns Markdown given as a tree.
func Tree(root *markdown.Root) *Post { return &Post{Tree: root} }

// Post is a message on its way to a platform. Exactly one of Text, Markdown, Tree
// and Card is set; files and attachments may come with it or alone.
type Post struct {
	// Text is plain text.
	Text string
	// Markdown is GitHub-flavoured Markdown.
	Markdown string
	// Tree is Markdown as a tree.
	Tree *markdown.Root
	// Card is a card.
	Card *card.Card
	// Fallback is shown instead of Card where no card can be: in notifications,
	// and on platforms without cards. Default: the card's own fallback text.
	Fallback string
	// Files are sent with the message. Default none.
	Files []File
	// Attachments are files that are somewhere already: they have a URL. Default
	// none.
	Attachments []Attachment
}

// File is an upload.
type File struct {
	// Name is the file's name with its extension.
	Name string
	// MIMEType is its media type. Default: derived from the name.
	MIMEType string
	// Content is read once, to its end.
	Content io.Reader
}

func (Text) postable()     {}
func (Markdown) postable() {}
func (Stream) postable()   {}
func (Chunks) postable()   {}
func (*Post) postable()    {}

// AsMarkdown returns the content as Markdown. Plain text is escaped.
func (p *Post) AsMarkdown() string {
	switch {
	case p.Tree != nil:
		return strings.TrimSuffix(markdown.Print(p.Tree), "\n")
	case p.Markdown != "":
		return p.Markdown
	case p.Card != nil:
		return p.fallback()
	case p.Text != "":
		return strings.TrimSuffix(markdown.Print(textTree(p.Text)), "\n")
	}
	return ""
}

// AsTree returns the content as a tree. The caller must not change it.
func (p *Post) AsTree() *markdown.Root {
	switch {
	case p.Tree != nil:
		return p.Tree
	case p.Markdown != "":
		return markdown.Parse(p.Markdown)
	case p.Card != nil:
		return markdown.Parse(p.fallback())
	}
	return textTree(p.Text)
}

// AsText returns the content as plain text.
func (p *Post) AsText() string {
	if p.Text != "" {
		return p.Text
	}
	return markdown.PlainText(p.AsTree())
}

// fallback returns what stands for the card as Markdown.
func (p *Post) fallback() string {
	if p.Fallback != "" {
		return p.Fallback
	}
	return p.Card.FallbackText()
}

// textTree returns plain text as a tree: one paragraph, with its line breaks.
func textTree(text string) *markdown.Root {
	p := markdown.NewParagraph()
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			p.Children = append(p.Children, &markdown.Break{})
		}
		if line != "" {
			p.Children = append(p.Children, markdown.NewText(line))
		}
	}
	return markdown.NewRoot(p)
}
