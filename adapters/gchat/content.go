package gchat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// The limits of Chat. A message has at most 32,000 bytes in all. The bounds here leave
// some of them for names and addresses.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
const (
	maxText    = 30_000 // bytes of text
	maxCard    = 28_000 // bytes of JSON
	maxWidgets = 100    // https://developers.google.com/workspace/chat/api/reference/rest/v1/cards#section
)

// The markup syntaxes of texts. A message names its syntax, since the default is a
// setting of the app. https://developers.google.com/workspace/chat/format-messages
const (
	markdownSyntax = "MARKUP_SYNTAX_MARKDOWN"
	chatSyntax     = "MARKUP_SYNTAX_CHAT"
)

// part is one message of a post.
type part struct {
	text   string
	syntax string
	card   *outCard
	note   string // what notifications say of the card
	file   *chat.File
}

// body returns the fields of the message for Chat.
func (p *part) body() params {
	body := params{}
	if p.text != "" {
		body["text"], body["markupSyntax"] = p.text, p.syntax
	}
	if p.card != nil {
		body["cardsV2"] = []params{{"cardId": "card", "card": p.card}}
	}
	return body
}

// render returns the messages that a post becomes.
func (a *Adapter) render(post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: gchat: the post is nil", chat.ErrInvalidArgument)
	}
	var parts []part
	switch {
	case post.Card != nil:
		cards, err := a.cards(post)
		if err != nil {
			return nil, err
		}
		parts = append(parts, cards...)
		parts = append(parts, a.texts(&chat.Post{Attachments: post.Attachments})...)
	case post.Raw != "":
		for _, text := range format.SplitText(format.RenderPost(post, format.NoActions, format.Markup{}), maxText, format.Bytes) {
			parts = append(parts, part{text: text, syntax: chatSyntax})
		}
	default:
		parts = a.texts(post)
	}
	for i := range post.Files {
		parts = append(parts, part{file: &post.Files[i]})
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: gchat: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// texts returns the texts of a post.
func (a *Adapter) texts(post *chat.Post) []part {
	var parts []part
	source := a.markdown(format.PostTree(post, format.NoActions), mention)
	for _, text := range format.SplitMarkdown(source, maxText, format.Bytes) {
		if !isBlank(text) {
			parts = append(parts, part{text: text, syntax: markdownSyntax})
		}
	}
	return parts
}

// markdown returns a tree in Chat's Markdown. That has neither headings nor tables: a
// heading becomes bold text, and a table code in columns.
func (a *Adapter) markdown(root *markdown.Root, mention func(chat.UserID) string) string {
	shown := &markdown.Root{}
	for _, n := range root.Children {
		if h, ok := n.(*markdown.Heading); ok {
			n = markdown.NewParagraph(markdown.NewStrong(h.Children...))
		}
		shown.Children = append(shown.Children, n)
	}
	source := format.RewriteMarkdown(format.TablesAsCode(markdown.Print(shown)), format.Rewrites{Emoji: a.spell, Mention: mention, Less: `\<`})
	return strings.TrimSpace(strings.ToValidUTF8(source, "\uFFFD"))
}

// mention returns the text that Chat shows as a mention of the user.
// https://developers.google.com/workspace/chat/format-messages#messages-@mention
func mention(user chat.UserID) string {
	if !isUserID(user) {
		return "@" + string(user)
	}
	return "<" + string(user) + ">"
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }

// isBlank reports whether a text has nothing to show. Chat refuses such a text.
func isBlank(text string) bool {
	return strings.Trim(text, " \t\r\n\x00\u200b\u2060\ufeff") == ""
}

// tree returns the message's text with its formatting. It is nil if Chat sends none.
func (m *message) tree() *markdown.Root {
	if m.FormattedText == "" || m.FormattedText == m.Text && !strings.ContainsAny(m.Text, "*_~`<>") {
		return nil
	}
	names := map[string]string{}
	for _, n := range m.Annotations {
		if n.Type == "USER_MENTION" && n.UserMention != nil && n.UserMention.User != nil {
			names[n.UserMention.User.Name] = cut(m.Text, n.Start, n.Length)
		}
	}
	reader := format.MrkdwnReader{Angle: func(content string) markdown.Node {
		if name, ok := names[content]; ok && name != "" {
			return markdown.NewText(name)
		}
		address, label, labelled := strings.Cut(content, "|")
		switch {
		case isUserID(chat.UserID(content)):
			return markdown.NewText("@" + content)
		case !strings.Contains(address, ":"):
			return nil
		case !labelled || label == "":
			label = address
		}
		return markdown.NewLink(address, markdown.NewText(label))
	}}
	return markdown.NewRoot(reader.Read(m.FormattedText)...)
}

// links are the links in a message.
func (m *message) links() []chat.Link {
	root := m.tree()
	if root == nil {
		return nil
	}
	var links []chat.Link
	for l := range markdown.FindAll[*markdown.Link](root) {
		links = append(links, chat.Link{URL: l.URL})
	}
	return links
}

// size returns the length of a value as JSON in bytes. Only what must be escaped is.
func size(v any) int {
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return maxCard
	}
	return data.Len()
}
