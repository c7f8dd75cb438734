package platform

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// acmeLimit is how long a message may be, in UTF-16 units of its Markdown.
const acmeLimit = 1000

// acmeUserLink is the address of a user.
const acmeUserLink = "acme:user/"

// acmeMarkup is a subset of HTML in which a link to a user mentions the user.
func acmeMarkup() format.Markup {
	m := format.HTML()
	m.Mention = func(user chat.UserID) string {
		name := format.EscapeHTML(string(user))
		return `<a href="` + acmeUserLink + name + `">@` + name + `</a>`
	}
	return m
}

// text is a post as one message's markup.
func (a *acme) text(post *chat.Post) string {
	text := format.RenderPost(post, format.LinkActions, a.markup)
	if post.Raw != "" {
		return text
	}
	return a.finish(text)
}

// render is a post as the messages that it takes.
func (a *acme) render(ctx context.Context, post *chat.Post) ([]chattest.Posted, error) {
	var parts []chattest.Posted
	if post.Raw == "" && post.Card == nil && len(post.Attachments) == 0 {
		for _, part := range a.split(post.AsMarkdown()) {
			parts = append(parts, chattest.Posted{Text: a.finish(format.Render(markdown.Parse(part), a.markup))})
		}
	} else {
		parts = append(parts, chattest.Posted{Text: a.text(post)})
	}
	files, err := a.files(post.Files)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		parts = append(parts, chattest.Posted{})
	}
	parts[0].Files = files
	if post.Card != nil {
		parts[len(parts)-1].Card, err = a.keyboard(ctx, post.Card)
	}
	return parts, err
}

func readFiles(files []chat.File) ([]chattest.PostedFile, error) {
	var all []chattest.PostedFile
	for _, f := range files {
		content, err := io.ReadAll(f.Content)
		if err != nil {
			return nil, err
		}
		all = append(all, chattest.PostedFile{Name: f.Name, Content: content, MIMEType: f.MIMEType})
	}
	return all, nil
}

// keyboard is a card's buttons with the data that the platform takes.
func (a *acme) keyboard(ctx context.Context, c *card.Card) (*card.Card, error) {
	board := &card.Card{}
	for _, row := range format.Rows(c, 3) {
		actions := card.NewActions()
		for _, b := range row {
			if b.URL != "" {
				continue
			}
			data, err := a.pack(ctx, b.ID, b.Value)
			if err != nil {
				return nil, err
			}
			actions.Children = append(actions.Children, card.NewButton(data, b.Label))
		}
		board.Children = append(board.Children, actions)
	}
	return board, nil
}

// calls are what changes the messages of a post.
func (a *acme) calls(thread chat.ThreadID, parts []chattest.Posted) adapterkit.PartCalls {
	thread = a.where(thread)
	return adapterkit.PartCalls{
		Send: func(_ context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			part := parts[i]
			part.Thread = thread
			sent, err := a.platform.Post(part)
			return sent.ID, err
		},
		Edit: func(_ context.Context, i int, id chat.MessageID) error {
			return a.platform.Edit(thread, id, func(p *chattest.Posted) { p.Text, p.Card, p.Files = parts[i].Text, parts[i].Card, parts[i].Files })
		},
		Delete: func(_ context.Context, id chat.MessageID) error { return a.platform.Delete(thread, id) },
	}
}

func (a *acme) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(parts), a.calls(thread, parts))
}

func (a *acme) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	parts, err := a.render(ctx, post)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, id, len(parts), a.calls(thread, parts))
}

func (a *acme) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, a.calls(thread, nil))
}

func (a *acme) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
	if err := a.call(ctx, thread); err != nil {
		return "", "", err
	}
	show := context.WithoutCancel(ctx) // what came is shown
	var id chat.MessageID
	text := ""
	for chunk, err := range chunks {
		if err != nil {
			return id, text, err
		}
		if text += chunk.Text; text == "" {
			continue
		}
		post := &chat.Post{Markdown: text}
		if id == "" {
			id, err = a.PostMessage(show, thread, post)
		} else {
			err = a.EditMessage(show, thread, id, post)
		}
		if err != nil {
			return id, text, err
		}
	}
	return id, text, ctx.Err()
}

// shown is what the platform shows: it reads its markup itself.
func (p *acmePlatform) shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	posts, err := p.Posts(ctx, thread)
	for i := range posts {
		q := &posts[i]
		q.Content, q.Mentions = readACME(q.Text)
		q.Text = strings.TrimSuffix(markdown.Print(q.Content), "\n")
	}
	return posts, err
}

// readACME reads the platform's markup: what it does not know is text.
func readACME(markup string) (content *markdown.Root, mentions []chat.UserID) {
	r := &acmeReader{}
	decoder := xml.NewDecoder(strings.NewReader("<p>" + markup + "</p>"))
	root, err := r.read(decoder, nil)
	if err != nil {
		root = []markdown.Node{markdown.NewText(fmt.Sprintf("%s (%v)", markup, err))}
	}
	return markdown.NewRoot(shown.Paragraphs(root)...), r.mentions
}

type acmeReader struct{ mentions []chat.UserID }

var errMarkup = errors.New("the markup is broken")

// read reads to the end of an element.
func (r *acmeReader) read(d *xml.Decoder, end *xml.StartElement) ([]markdown.Node, error) {
	var nodes []markdown.Node
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && end == nil {
			return nodes, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			nodes = append(nodes, shown.Lines(string(token))...)
		case xml.EndElement:
			return nodes, nil
		case xml.StartElement:
			start := token.Copy()
			children, err := r.read(d, &start)
			if err != nil {
				return nil, err
			}
			made, err := r.element(start, children)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, made...)
		}
	}
}

func (r *acmeReader) element(start xml.StartElement, children []markdown.Node) ([]markdown.Node, error) {
	text := markdown.PlainText(markdown.NewParagraph(children...))
	switch start.Name.Local {
	case "p":
		return children, nil
	case "b":
		return []markdown.Node{markdown.NewStrong(children...)}, nil
	case "i":
		return []markdown.Node{markdown.NewEmphasis(children...)}, nil
	case "s":
		return []markdown.Node{markdown.NewDelete(children...)}, nil
	case "code":
		return []markdown.Node{markdown.NewInlineCode(text)}, nil
	case "pre":
		return []markdown.Node{markdown.NewCode("", text)}, nil
	case "blockquote":
		return []markdown.Node{markdown.NewBlockquote(shown.Paragraphs(children)...)}, nil
	case "a":
		if len(start.Attr) == 0 {
			return nil, errMarkup
		}
		address := start.Attr[0].Value
		if user, ok := strings.CutPrefix(address, acmeUserLink); ok {
			r.mentions = append(r.mentions, chat.UserID(user))
			return children, nil
		}
		return []markdown.Node{markdown.NewLink(address, children...)}, nil
	}
	return nil, errMarkup
}
