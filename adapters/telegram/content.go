package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Limits in UTF-16 units, counted after Telegram has parsed the entities.
const (
	maxText    = 4096 // https://core.telegram.org/bots/api#sendmessage
	maxCaption = 1024 // https://core.telegram.org/bots/api#senddocument
	// leastPart is the size below which Markdown is not split further. What then still
	// is too long is posted without entities.
	leastPart = 256
)

// part is one message of a post: a text, or a file with or without a caption.
type part struct {
	text     string
	entities []outEntity
	media    *media
	keyboard *keyboard
}

func userNumber(id chat.UserID) (int64, bool) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return n, err == nil && n > 0
}

// render returns the messages that a post is sent as.
func (a *Adapter) render(ctx context.Context, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: telegram: the post is nil", chat.ErrInvalidArgument)
	}
	post, known := withoutKnownFiles(post)
	var parts []part
	if post.Raw != "" {
		for _, text := range format.SplitText(format.RenderPost(post, format.NoActions, format.Markup{}), maxText, format.UTF16) {
			parts = append(parts, part{text: text})
		}
	} else {
		parts = a.texts(post)
	}
	parts, err := withMedia(parts, known, post.Files)
	if err != nil {
		return nil, err
	}
	if post.Card != nil {
		keyboards, err := a.keyboards(ctx, post.Card)
		if err != nil {
			return nil, err
		}
		for i, k := range keyboards {
			if i > 0 || len(parts) == 0 {
				parts = append(parts, part{text: "\u2063"}) // a message with buttons needs a text: this is an invisible separator
			}
			parts[len(parts)-1].keyboard = k
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: telegram: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// texts returns the messages with the text of a post. Plain text is split before it is
// converted: as Markdown its line ends would be escaped, and a cut could divide an
// escape.
func (a *Adapter) texts(post *chat.Post) []part {
	if post.Text == "" {
		return a.textParts(strings.TrimSpace(markdown.Print(format.PostTree(post, format.NoActions))), maxText)
	}
	pieces := format.SplitText(strings.TrimSpace(post.Text), maxText, format.UTF16)
	if len(pieces) == 0 {
		return a.texts(&chat.Post{Attachments: post.Attachments})
	}
	var parts []part
	for i, piece := range pieces {
		plain := &chat.Post{Text: strings.TrimSpace(piece)}
		if i == len(pieces)-1 {
			plain.Attachments = post.Attachments
		}
		tree := format.PostTree(plain, format.NoActions)
		text, entities := format.ToEntities(tree, format.UTF16, a.spell, mention)
		switch {
		case format.IsBlank(text):
		case format.Length(text, format.UTF16) <= maxText:
			parts = append(parts, part{text: text, entities: telegramEntities(entities)})
		default: // the links of the attachments made it too long
			parts = append(parts, a.textParts(strings.TrimSpace(markdown.Print(tree)), maxText)...)
		}
	}
	return parts
}

// textParts splits Markdown into messages. The rendered text may be longer than its
// source, as for a table. Such a text is split into smaller parts.
func (a *Adapter) textParts(source string, most int) []part {
	var parts []part
	for _, piece := range format.SplitMarkdown(source, most, format.UTF16) {
		text, entities := format.ToEntities(format.Parse(piece), format.UTF16, a.spell, mention)
		switch {
		case format.IsBlank(text):
		case format.Length(text, format.UTF16) <= maxText:
			parts = append(parts, part{text: text, entities: telegramEntities(entities)})
		case most > leastPart:
			parts = append(parts, a.textParts(piece, most/2)...)
		default:
			for _, plain := range format.SplitText(text, maxText, format.UTF16) {
				parts = append(parts, part{text: plain})
			}
		}
	}
	return parts
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }

// mention returns the text of a mention, which Telegram shows.
func mention(user chat.UserID) string { return "@" + string(user) }
