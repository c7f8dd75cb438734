package whatsapp

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// WhatsApp's limits, in characters. WhatsApp does not document what it counts as one;
// the adapter counts UTF-16 units.
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

// render returns the messages that a post becomes.
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

// texts returns the texts of a post. Each has at most the given number of characters.
func (a *Adapter) texts(post *chat.Post, actions format.CardActions, most int) []string {
	return format.PostTexts(post, actions, most, format.UTF16, a.markup())
}

func (a *Adapter) markup() format.Markup {
	m := format.WhatsApp()
	m.Emoji = a.spell
	return m
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }
