package whatsapp

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// WhatsApp's bounds, in characters. It does not say how it counts them.
const (
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages
	maxText = 4096
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages
	maxCaption = 1024
)

// part is one message of a post: a text, a file, or buttons under a text.
type part struct {
	request request
	file    *chat.File
	media   *mediaContent // that the file becomes
}

// render returns a post as the messages that it takes.
func (a *Adapter) render(ctx context.Context, post *chat.Post) ([]part, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: whatsapp: the post is nil", chat.ErrInvalidArgument)
	}
	var choices []interactive
	actions, most := format.LinkActions, maxText
	if post.Card != nil {
		var err error
		if choices, actions, err = a.choices(ctx, post.Card); err != nil {
			return nil, err
		}
		if len(choices) > 0 {
			most = choices[0].maxBody()
		}
	}
	var parts []part
	for _, text := range a.texts(post, actions, most) {
		parts = append(parts, part{request: request{Type: "text", Text: &textContent{text}}})
	}
	parts, err := withFiles(parts, post.Files)
	if err != nil {
		return nil, err
	}
	parts = withChoices(parts, choices)
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: whatsapp: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return parts, nil
}

// texts returns the texts of a post, each of at most so many characters.
func (a *Adapter) texts(post *chat.Post, actions format.CardActions, most int) []string {
	m := a.markup()
	var texts []string
	switch {
	case post.Raw != "":
		texts = format.SplitText(format.RenderPost(post, actions, m), most, format.UTF16)
	case post.Text != "":
		// As Markdown its line ends would be marks, of which a cut could leave half.
		texts = format.SplitText(format.RenderPost(post, actions, m), most, format.UTF16)
	default:
		source := strings.TrimSpace(markdown.Print(format.PostTree(post, actions)))
		texts = format.RenderParts(source, most, format.UTF16, m)
	}
	shown := texts[:0]
	for _, text := range texts {
		if text = strings.TrimSpace(text); !isBlank(text) {
			shown = append(shown, text)
		}
	}
	return shown
}

// isBlank reports whether a text has nothing that WhatsApp shows, so that it refuses it.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) == ""
}

func (a *Adapter) markup() format.Markup {
	m := format.WhatsApp()
	m.Emoji = a.spell
	return m
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }
