package messaging

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Bounds of templates and quick replies:
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/template/button
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/template/generic
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies
const (
	maxButtons      = 3   // of a template
	maxQuickReplies = 13  // of a message
	maxLabel        = 20  // characters, of both
	maxTemplateText = 640 // characters, of a button template
	maxTitle        = 80  // characters, of a generic template; also of its subtitle
	// maxPayload is in characters, and counted in bytes to be safe.
	maxPayload = 1000
)

// cardParts returns a card as messages. Up to three buttons are below it as those of a
// template. More are quick replies, and links stand in the text; what is too much for
// those, too, are several templates.
func (a *Adapter) cardParts(ctx context.Context, post *chat.Post) ([]part, error) {
	buttons := usable(post.Card)
	clicks := slices.DeleteFunc(slices.Clone(buttons), func(b format.Button) bool { return b.URL != "" })
	switch {
	case len(buttons) <= maxButtons || len(clicks) > maxQuickReplies:
		return a.templates(ctx, post, buttons)
	case len(clicks) == 0:
		return a.texts(post, format.LinkActions), nil
	}
	var replies []any
	for _, b := range clicks {
		payload, err := a.buttons.Pack(ctx, b.ID, b.Value)
		if err != nil {
			return nil, err
		}
		replies = append(replies, map[string]any{"content_type": "text", "title": labelOf(b.Label), "payload": payload})
	}
	parts := a.texts(post, format.LinkActions)
	if len(parts) == 0 {
		parts = append(parts, textPart(wordsOf(post.Card)))
	}
	parts[len(parts)-1].message["quick_replies"] = replies
	return parts, nil
}

// usable are the buttons and options of a card that can be clicked.
func usable(c *card.Card) []format.Button {
	var all []format.Button
	for _, row := range format.Rows(c, maxButtons) {
		for _, b := range row {
			if !b.Disabled && strings.TrimSpace(b.Label) != "" && (b.URL == "" || isLink(b.URL)) {
				all = append(all, b)
			}
		}
	}
	return all
}

// templates returns a card as texts of which the last one has buttons. Further buttons
// have a message for every three of them.
func (a *Adapter) templates(ctx context.Context, post *chat.Post, buttons []format.Button) ([]part, error) {
	var groups [][]any
	for group := range slices.Chunk(buttons, maxButtons) {
		var made []any
		for _, b := range group {
			button := map[string]any{"type": "web_url", "title": labelOf(b.Label), "url": b.URL}
			if b.URL == "" {
				payload, err := a.buttons.Pack(ctx, b.ID, b.Value)
				if err != nil {
					return nil, err
				}
				button = map[string]any{"type": "postback", "title": labelOf(b.Label), "payload": payload}
			}
			made = append(made, button)
		}
		groups = append(groups, made)
	}
	var first []any
	if len(groups) > 0 {
		first = groups[0]
	}
	parts := a.buttonTemplate(post, first)
	if picture, ok := genericTemplate(post, first); ok {
		picture.simpler = parts
		parts = []part{picture}
	}
	for _, group := range groups[min(1, len(groups)):] {
		parts = append(parts, buttonsBelow(moreButtons, group))
	}
	return parts, nil
}

// buttonTemplate returns the words of a card, of which the end has the buttons, if there
// are any.
func (a *Adapter) buttonTemplate(post *chat.Post, buttons []any) []part {
	pieces := a.pieces(post, format.NoActions)
	if len(buttons) == 0 {
		return a.texts(post, format.NoActions)
	}
	if len(pieces) == 0 {
		pieces = []string{wordsOf(post.Card)}
	}
	last := pieces[len(pieces)-1]
	ends := format.SplitText(last, maxTemplateText, format.UTF16)
	end := ends[len(ends)-1]
	var parts []part
	for _, piece := range append(pieces[:len(pieces)-1], strings.TrimSuffix(last, end)) {
		if piece = strings.TrimSpace(piece); piece != "" {
			parts = append(parts, textPart(piece))
		}
	}
	return append(parts, buttonsBelow(end, buttons))
}

func buttonsBelow(text string, buttons []any) part {
	return part{message: attachmentOf("template", map[string]any{"template_type": "button", "text": text, "buttons": buttons})}
}

// genericTemplate returns a card as one picture with its words below it, if they are few
// enough.
func genericTemplate(post *chat.Post, buttons []any) (part, bool) {
	c := post.Card
	title := strings.TrimSpace(format.Markup{}.Text(c.Title))
	rest := *c
	rest.Title, rest.ImageURL = "", ""
	subtitle := strings.TrimSpace(format.RenderPost(&chat.Post{Card: &rest, Attachments: post.Attachments}, format.NoActions, format.Markup{}))
	if title == "" || !isLink(c.ImageURL) || format.Length(title, format.UTF16) > maxTitle || format.Length(subtitle, format.UTF16) > maxTitle {
		return part{}, false
	}
	element := map[string]any{"title": title, "image_url": c.ImageURL}
	if subtitle != "" {
		element["subtitle"] = subtitle
	}
	if len(buttons) > 0 {
		element["buttons"] = buttons
	}
	return part{message: attachmentOf("template", map[string]any{"template_type": "generic", "elements": []any{element}})}, true
}

// labelOf is what is written on a button. A longer label would be cut by the platform.
func labelOf(label string) string {
	return strings.TrimSpace(format.Shorten(strings.TrimSpace(format.Markup{}.Text(label)), maxLabel, format.UTF16))
}

// wordsOf is what stands above the buttons of a card without any words: their labels, or
// those of the menus that they are in, or else moreButtons.
func wordsOf(c *card.Card) string {
	labels := slices.DeleteFunc(format.Labels(c), func(label string) bool { return strings.TrimSpace(label) == "" })
	words := strings.TrimSpace(format.Markup{}.Text(strings.Join(labels, ", ")))
	return cmp.Or(format.Shorten(words, maxTemplateText, format.Bytes), moreButtons)
}

// moreButtons stands above buttons that have no words of their own.
const moreButtons = "…"
