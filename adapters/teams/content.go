package teams

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxText is the length of the text of a message, in UTF-16 units. Teams limits a message
	// with everything in it to about 100 KB, counted as UTF-16, of which 80 KB are safe.
	// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
	maxText = 20_000
	// maxSummary is the length of a card's text in a notification, in UTF-16 units.
	maxSummary = 200
)

// part is one message of a post.
type part struct {
	text        string
	mentions    []mention
	attachments []params
	summary     string
	suggested   []string
}

// body returns the activity of a part.
func (p *part) body() params {
	body := params{"type": "message"}
	if p.text != "" {
		body["text"], body["textFormat"] = p.text, "markdown"
	}
	if len(p.mentions) > 0 {
		body["entities"] = p.mentions
	}
	if len(p.attachments) > 0 {
		body["attachments"] = p.attachments
	}
	if p.summary != "" {
		body["summary"] = p.summary
	}
	if len(p.suggested) > 0 {
		body["suggestedActions"] = suggestedActions(p.suggested)
	}
	return body
}

// render returns the messages that a post is sent as, at least one.
func (a *Adapter) render(ctx context.Context, at place, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: teams: the post is nil", chat.ErrInvalidArgument)
	}
	var parts []part
	switch {
	case post.Raw != "":
		for _, text := range format.SplitText(post.Raw, maxText, format.UTF16) {
			parts = append(parts, part{text: text})
		}
		parts = append(parts, a.linkParts(ctx, at, post)...)
	case post.Card != nil:
		var err error
		if parts, err = a.cardParts(ctx, at, post); err != nil {
			return nil, err
		}
	default:
		parts = a.textParts(ctx, at, post)
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return isBlank(p.text) && len(p.attachments) == 0 })
	parts, err := a.withFiles(ctx, at, parts, post.Files)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: teams: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// isBlank reports whether a text has no visible character.
func isBlank(text string) bool {
	text = strings.ReplaceAll(text, "&nbsp;", " ")
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' }) == ""
}

// textParts returns the messages with the text of a post. Plain text is split before it is
// converted: as Markdown its line ends would be escaped, and a cut could divide an escape.
func (a *Adapter) textParts(ctx context.Context, at place, post *chat.Post) []part {
	m := &mentions{name: a.namer(ctx, at)}
	markup := a.markup(m)
	var texts []string
	if post.Text != "" {
		texts = plainTexts(post.Text, maxText, markup)
	} else {
		texts = format.RenderParts(markdown.Print(format.PostTree(post, format.NoActions)), maxText*3/4, format.UTF16, markup)
	}
	parts := make([]part, len(texts))
	for i, text := range texts {
		parts[i] = part{text: withBreaks(text), mentions: m.in(text)}
	}
	if post.Text != "" {
		parts = append(parts, a.linkParts(ctx, at, post)...)
	}
	return parts
}

// linkParts returns messages with links to the attachments of a post.
func (a *Adapter) linkParts(ctx context.Context, at place, post *chat.Post) (parts []part) {
	links := format.AttachmentLinks(post.Attachments)
	if len(links) == 0 {
		return nil
	}
	for _, text := range format.RenderParts(markdown.Print(markdown.NewRoot(links...)), maxText, format.UTF16, a.markup(&mentions{name: a.namer(ctx, at)})) {
		parts = append(parts, part{text: withBreaks(text)})
	}
	return parts
}

// plainTexts splits a text into parts that are short enough after escaping, and escapes
// them.
func plainTexts(text string, most int, markup format.Markup) (all []string) {
	for _, piece := range format.SplitText(text, most, format.UTF16) {
		lines := strings.Split(piece, "\n")
		for i, line := range lines {
			lines[i] = withSpaces(markup.Text(line))
		}
		shown := strings.Join(lines, "\n")
		if format.Length(shown, format.UTF16) <= maxText || most < 2 {
			all = append(all, shown)
			continue
		}
		all = append(all, plainTexts(piece, most*3/4, markup)...)
	}
	return all
}

// withSpaces keeps the spaces of a line. Teams would show several as one, and those at the
// beginning would make the line code.
func withSpaces(line string) string {
	bare := strings.TrimLeft(line, " \t")
	before := strings.NewReplacer(" ", "&nbsp;", "\t", "&nbsp;&nbsp;&nbsp;&nbsp;").Replace(line[:len(line)-len(bare)])
	return before + strings.ReplaceAll(bare, "  ", " &nbsp;")
}

// namer returns a function for the name of a user in a mention: the name as a member of the
// conversation, or the id if that cannot be looked up.
func (a *Adapter) namer(ctx context.Context, at place) func(chat.UserID) string {
	return func(id chat.UserID) string {
		if name := a.nameOf(ctx, at, string(id)); name != "" {
			return name
		}
		return string(id)
	}
}
