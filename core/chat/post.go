package chat

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Postable is content that can be posted: a *[Post], which [Text], [Markdown],
// [Tree], [Card] and [Raw] return, a [Stream], [Chunks] or a *[Plan].
type Postable interface{ postable() }

// Text returns a post of plain text: no character of it means formatting.
func Text(text string) *Post { return &Post{Text: text} }

// Markdown returns a post of GitHub-flavoured Markdown.
func Markdown(text string) *Post { return &Post{Markdown: text} }

// Tree returns a post of Markdown given as a tree.
func Tree(root *markdown.Root) *Post { return &Post{Tree: root} }

// Card returns a post that shows a card.
func Card(c *card.Card) *Post { return &Post{Card: c} }

// Raw returns a post in the platform's own markup, which is sent as it is: on
// Slack "<!here>" notifies the channel, which Text and Markdown would escape. What
// it says on another platform is another thing, so it is for a bot that knows
// where it posts. Never put there what a user wrote.
func Raw(markup string) *Post { return &Post{Raw: markup} }

// Post is a message on its way to a platform. Exactly one of Text, Markdown, Tree,
// Card and Raw is set; files and attachments may come with it or alone. Its texts
// may hold emoji placeholders of package emoji, such as "{{emoji:wave}}", and
// mentions of users, "<@id>": the adapter writes both as its platform does.
type Post struct {
	// Text is plain text.
	Text string
	// Markdown is GitHub-flavoured Markdown.
	Markdown string
	// Tree is Markdown as a tree.
	Tree *markdown.Root
	// Card is a card.
	Card *card.Card
	// Raw is text in the platform's own markup, in which nothing is escaped or
	// replaced.
	Raw string
	// Fallback is shown instead of Card where no card can be: in notifications,
	// and on platforms without cards. Default: the card's own fallback text.
	Fallback string
	// Files are sent with the message, each with its name and all its bytes. Default
	// none.
	Files []File
	// Attachments are files that are somewhere already: the platform shows them, or
	// their URLs. Default none.
	Attachments []Attachment

	own bool // of the bot itself: its buttons have reserved ids
}

// File is an upload.
type File struct {
	// Name is the file's name with its extension.
	Name string
	// MIMEType is its media type. Default: derived from the name.
	MIMEType string
	// Content is read once, to its end. If it is an io.Seeker, it can be read again
	// for a call that the platform's rate limit had refused; otherwise such a call
	// is not repeated.
	Content io.Reader
}

func (*Post) postable() {}

// AsMarkdown returns the content as Markdown. Plain text is escaped; Raw is
// returned as it is.
func (p *Post) AsMarkdown() string {
	switch {
	case p.Tree != nil:
		return strings.TrimSuffix(markdown.Print(p.Tree), "\n")
	case p.Markdown != "":
		return p.Markdown
	case p.Card != nil:
		return p.fallback()
	case p.Raw != "":
		return p.Raw
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
	case p.Raw != "":
		return textTree(p.Raw)
	}
	return textTree(p.Text)
}

// AsText returns the content as plain text.
func (p *Post) AsText() string {
	if text := cmp.Or(p.Text, p.Raw); text != "" {
		return text
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

// outgoing returns the content as it goes to the platform.
func outgoing(content Postable) (*Post, error) {
	p, ok := content.(*Post)
	if !ok {
		return nil, fmt.Errorf("%w: the post is %T, want a *Post here, for instance of Text, Markdown or Card", ErrInvalidArgument, content)
	}
	if p == nil {
		return nil, fmt.Errorf("%w: the post is nil", ErrInvalidArgument)
	}
	return p, p.validate()
}

func (p *Post) validate() error {
	n := 0
	if p.Text != "" {
		n++
	}
	if p.Markdown != "" {
		n++
	}
	if p.Raw != "" {
		n++
	}
	if p.Tree != nil {
		n++
	}
	if p.Card != nil {
		n++
		if err := p.Card.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
		}
		if err := checkIDs(p.Card.Children); err != nil && !p.own {
			return err
		}
	}
	if n > 1 {
		return fmt.Errorf("%w: a post has more than one of Text, Markdown, Tree, Card and Raw", ErrInvalidArgument)
	}
	if n == 0 && len(p.Files) == 0 && len(p.Attachments) == 0 {
		return fmt.Errorf("%w: a post has none of Text, Markdown, Tree, Card, Raw, Files and Attachments", ErrInvalidArgument)
	}
	for i, f := range p.Files {
		if f.Name == "" || f.Content == nil {
			return fmt.Errorf("%w: Files[%d] needs a Name and a Content", ErrInvalidArgument, i)
		}
	}
	for i, a := range p.Attachments {
		if a.URL == "" {
			return fmt.Errorf("%w: Attachments[%d] needs a URL", ErrInvalidArgument, i)
		}
	}
	return nil
}

// rewinder returns a function that makes the files readable once more, and
// reports whether that was possible.
func (p *Post) rewinder() func() bool {
	if len(p.Files) == 0 {
		return nil
	}
	starts := make([]int64, len(p.Files))
	for i, f := range p.Files {
		seeker, ok := f.Content.(io.Seeker)
		if !ok {
			return never
		}
		at, err := seeker.Seek(0, io.SeekCurrent)
		if err != nil {
			return never
		}
		starts[i] = at
	}
	return func() bool {
		for i, f := range p.Files {
			if _, err := f.Content.(io.Seeker).Seek(starts[i], io.SeekStart); err != nil {
				return false
			}
		}
		return true
	}
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
