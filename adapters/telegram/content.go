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

// Telegram's bounds, in UTF-16 units of what is left when the entities are parsed.
const (
	maxText    = 4096 // https://core.telegram.org/bots/api#sendmessage
	maxCaption = 1024 // https://core.telegram.org/bots/api#senddocument
	// leastPart is how small parts are made so that what they become fits.
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

// render returns a post as the messages that it takes.
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
				parts = append(parts, part{text: "\u2063"}) // buttons need a text: a separator that nobody sees
			}
			parts[len(parts)-1].keyboard = k
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: telegram: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// texts returns the texts of a post. A plain one is split as it is: as Markdown its
// line ends would be marks, of which a cut could leave half.
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
		default: // with its links
			parts = append(parts, a.textParts(strings.TrimSpace(markdown.Print(tree)), maxText)...)
		}
	}
	return parts
}

// textParts splits Markdown into messages. What it becomes may be longer than its
// source, as a table is, so such a text is split smaller.
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

// mention is what stands for a user. Telegram shows the text of the entity.
func mention(user chat.UserID) string { return "@" + string(user) }
