package discord

import (
	"context"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Discord's limits for embeds, in characters or elements.
// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
const (
	maxEmbeds      = 10
	maxEmbedTitle  = 256
	maxDescription = 4096
	maxFields      = 25
	maxFieldName   = 256
	maxFieldValue  = 1024
	maxEmbedText   = 6000 // of all embeds of a message together
)

// accent is the colour at the edge of a card, as in the TypeScript SDK: Discord's own.
const accent = 0x5865F2

type embed struct {
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Color       int          `json:"color,omitempty"`
	Fields      []embedField `json:"fields,omitempty"`
	Image       *embedImage  `json:"image,omitempty"`
}

type embedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

type embedImage struct {
	URL string `json:"url"`
}

func size(text string) int { return format.Length(text, format.UTF16) }

// size returns how many characters count towards maxEmbedText.
func (e *embed) size() int {
	n := size(e.Title) + size(e.Description)
	for _, f := range e.Fields {
		n += size(f.Name) + size(f.Value)
	}
	return n
}

func (e *embed) empty() bool { return e.size() == 0 && e.Image == nil }

// cardParts returns the messages of a card: embeds with its texts and pictures, and below
// the last embed rows with its buttons and menus.
func (a *Adapter) cardParts(ctx context.Context, post *chat.Post) ([]part, error) {
	var m mentions
	l := &layout{markup: a.markup(&m), parts: []part{{}}}
	c := post.Card
	switch title := l.markup.Text(c.Title); {
	case size(title) <= maxEmbedTitle:
		l.open.Title = title
	default:
		l.text(format.CardMarkdown(card.New(c.Title), format.NoActions))
	}
	if c.Subtitle != "" {
		l.text(c.Subtitle)
	}
	if c.ImageURL != "" {
		l.image(c.ImageURL, c.Title)
	}
	l.children(c.Children)
	if links := format.AttachmentLinks(post.Attachments); len(links) > 0 {
		l.text(markdown.Print(markdown.NewRoot(links...)))
	}
	l.end()
	rows, err := a.rows(ctx, c)
	if err != nil {
		return nil, err
	}
	for i := 0; len(rows) > 0; i++ {
		n := min(len(rows), maxRows)
		if i > 0 {
			l.parts = append(l.parts, part{})
		}
		l.parts[len(l.parts)-1].components, rows = rows[:n], rows[n:]
	}
	return l.parts, nil
}

// layout divides a card into embeds, and the embeds into messages.
type layout struct {
	markup format.Markup
	parts  []part
	open   embed
}

func (l *layout) children(children []card.Child) {
	for _, child := range children {
		switch child := child.(type) {
		case *card.Section:
			l.children(child.Children)
		case *card.Image:
			l.image(child.URL, child.Alt)
		case *card.Fields:
			l.fields(child)
		case *card.Actions, *card.Unknown:
		case *card.Divider:
			l.text("---")
		default:
			l.text(format.CardMarkdown(&card.Card{Children: []card.Child{child}}, format.NoActions))
		}
	}
}

// text adds Markdown. An embed shows its text above its fields and its picture, so text
// that follows one of these begins another embed.
func (l *layout) text(source string) {
	for _, text := range format.RenderParts(source, maxDescription, format.UTF16, l.markup) {
		joined := text
		if l.open.Description != "" {
			joined = l.open.Description + "\n\n" + text
		}
		if len(l.open.Fields) > 0 || l.open.Image != nil || size(joined) > maxDescription || l.open.size()+size(text)+2 > maxEmbedText {
			l.end()
			joined = text
		}
		l.open.Description = joined
	}
}

// fields adds fields. A field that is too long becomes text.
func (l *layout) fields(fields *card.Fields) {
	for _, f := range fields.Children {
		if f == nil {
			continue
		}
		name, values := l.markup.Text(f.Label), format.RenderParts(f.Value, maxFieldValue, format.UTF16, l.markup)
		if len(values) > 1 || size(name) > maxFieldName {
			l.text(format.CardMarkdown(&card.Card{Children: []card.Child{card.NewFields(f)}}, format.NoActions))
			continue
		}
		made := embedField{Name: orBlank(name), Value: orBlank(strings.Join(values, "")), Inline: true}
		if l.open.Image != nil || len(l.open.Fields) == maxFields || l.open.size()+size(made.Name)+size(made.Value) > maxEmbedText {
			l.end()
		}
		l.open.Fields = append(l.open.Fields, made)
	}
}

// orBlank returns the text, or an invisible character if it is blank: Discord refuses
// blank texts where a text is required.
func orBlank(text string) string {
	if isBlank(text) {
		return "\u200b"
	}
	return text
}

// image adds a picture. If Discord would refuse its address, it becomes a link or its
// description.
func (l *layout) image(url, alt string) {
	to := address(url)
	if to == "" || len(to) > 2048 {
		l.text(format.CardMarkdown(&card.Card{Children: []card.Child{card.NewImage(url, alt)}}, format.NoActions))
		return
	}
	if l.open.Image != nil {
		l.end()
	}
	l.open.Image = &embedImage{to}
}

// end adds the open embed to the last message, or to another one if that is full.
func (l *layout) end() {
	e := l.open
	l.open = embed{}
	if e.empty() {
		return
	}
	e.Color = accent
	last := &l.parts[len(l.parts)-1]
	total := e.size()
	for i := range last.embeds {
		total += last.embeds[i].size()
	}
	if len(last.embeds) == maxEmbeds || total > maxEmbedText {
		l.parts = append(l.parts, part{})
		last = &l.parts[len(l.parts)-1]
	}
	last.embeds = slices.Concat(last.embeds, []embed{e})
}
