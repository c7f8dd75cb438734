package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// outgoing is what one message says: Markdown, or text, or blocks with a text for
// notifications and screen readers.
type outgoing struct {
	markdown string
	text     string
	blocks   []slackapi.Block
	form     form
}

func (o outgoing) options(more ...slackapi.MsgOption) []slackapi.MsgOption {
	if o.markdown != "" {
		return append(more, slackapi.MsgOptionMarkdownText(o.markdown))
	}
	more = append(more, slackapi.MsgOptionText(o.text, false))
	if len(o.blocks) > 0 {
		more = append(more, slackapi.MsgOptionBlocks(o.blocks...))
	}
	return more
}

// render returns the content of a post, as the function does, with what its card says
// that Slack does not take as the id or the value of an action kept in the state.
func (a *Adapter) render(ctx context.Context, post *chat.Post, find findUser) ([]outgoing, error) {
	if post != nil && post.Card != nil {
		fitted, err := a.buttons.FitCard(ctx, post.Card, actionLimits)
		if err != nil {
			return nil, err
		}
		copied := *post
		copied.Card = fitted
		post = &copied
	}
	return a.markup.render(post, find)
}

// render returns the content of a post as one or more messages, in which find
// finds whom "@name" mentions. A post of files alone has none. Its errors are
// [chat.ErrInvalidArgument].
func (w markup) render(post *chat.Post, find findUser) ([]outgoing, error) {
	if post == nil {
		return nil, fmt.Errorf("%w: slack: the post is nil", chat.ErrInvalidArgument)
	}
	for i, attachment := range post.Attachments {
		if attachment.URL == "" {
			return nil, fmt.Errorf("%w: slack: Attachments[%d].URL is empty, want an address; content goes into Files", chat.ErrInvalidArgument, i)
		}
	}
	var messages []outgoing
	var err error
	switch {
	case post.Card != nil:
		messages, err = w.renderCard(post)
	case post.Raw != "":
		raw := post.Raw
		if len(post.Attachments) > 0 {
			raw += "\n" + w.mrkdwnOf(attachmentLinks(post.Attachments))
		}
		messages = renderRaw(raw)
	case post.Markdown == "" && post.Tree == nil && len(post.Attachments) == 0:
		messages = w.renderText(find.inText(post.Text))
	default:
		messages = renderMarkdown(w.markdownOf(post, find) + attachmentLinks(post.Attachments))
	}
	if err == nil && len(messages) == 0 && len(post.Files) == 0 {
		err = fmt.Errorf("%w: slack: the post has nothing to show", chat.ErrInvalidArgument)
	}
	return messages, err
}

func renderMarkdown(text string) []outgoing {
	if text = strings.TrimLeft(text, "\n"); strings.TrimSpace(text) == "" {
		return nil
	}
	most := maxMarkdown
	for {
		parts := splitMarkdown(text, most)
		if most <= smallPart || !slices.ContainsFunc(parts, func(part string) bool { return markdownBlocks(part) > maxMarkdownBlocks }) {
			return markdownMessages(parts, asWritten)
		}
		most /= 2
	}
}

func (w markup) renderText(text string) []outgoing {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if marked := w.markedUp(text); length(marked) <= maxText && !isMarkup(text) {
		return []outgoing{{text: marked}}
	}
	var messages []outgoing
	for _, part := range format.SplitText(text, maxMarkdown, format.UTF16) {
		messages = append(messages, outgoing{text: mrkdwnText(w.markedUp(part), maxText).Text, blocks: []slackapi.Block{w.richText(part)}})
	}
	return messages
}

// renderRaw returns mrkdwn as it is, in as many messages as it needs.
// https://docs.slack.dev/messaging/formatting-message-text
func renderRaw(markup string) []outgoing {
	markup = strings.ToValidUTF8(markup, "\uFFFD")
	if strings.TrimSpace(markup) == "" {
		return nil
	}
	var messages []outgoing
	for _, part := range format.SplitText(markup, maxText, format.UTF16) {
		messages = append(messages, outgoing{text: part})
	}
	return messages
}

func (w markup) renderCard(post *chat.Post) ([]outgoing, error) {
	list, err := w.cardBlocks(post.Card, inMessage)
	if err != nil {
		return nil, err
	}
	for i, attachment := range post.Attachments {
		if err := list.attachment(fmt.Sprintf("Attachments[%d].URL", i), &attachment); err != nil {
			return nil, err
		}
	}
	text := w.fallback(post)
	if len(list.blocks) == 0 {
		return []outgoing{{text: text}}, nil
	}
	var messages []outgoing
	for _, lot := range list.messages() {
		messages = append(messages, outgoing{text: text, blocks: lot})
	}
	return messages, nil
}

// attachment adds a picture, or a link to a file.
func (l *blockList) attachment(field string, attachment *chat.Attachment) error {
	address, err := webURL(field, attachment.URL, "https", "http")
	if err != nil {
		return err
	}
	if attachment.Type == "image" {
		alt := or(shorten(attachment.Name, maxAlt), "Image")
		l.add(slackapi.NewImageBlock(address, alt, "", nil), length(alt))
		return nil
	}
	l.section(l.linkOf(address, shorten(attachment.Name, maxOption)))
	return nil
}

// attachmentLinks returns a line of Markdown for each attachment. Brackets in a
// label are round ones: Slack does not say that it knows their escapes.
func attachmentLinks(attachments []chat.Attachment) string {
	if len(attachments) == 0 {
		return ""
	}
	links := strings.TrimSpace(markdown.Print(markdown.NewRoot(format.AttachmentLinks(attachments)...)))
	return "\n\n" + strings.NewReplacer(`\[`, "(", `\]`, ")").Replace(links)
}

// fallback returns what notifications and screen readers say of a card.
func (w markup) fallback(post *chat.Post) string {
	text := ""
	if post.Fallback != "" {
		text = w.mrkdwnOf(head(post.Fallback, 2*maxText)) // what is cut off in the end need not be converted
	} else {
		text = w.cardText(post.Card)
	}
	if strings.TrimSpace(text) != "" {
		return mrkdwnText(text, maxText).Text
	}
	for _, label := range format.Labels(post.Card) {
		if strings.TrimSpace(label) != "" {
			return mrkdwnText(escape(w.plain(label)), maxText).Text
		}
	}
	return "Message"
}

// cardText returns the text of a card, each element by itself, so that none becomes
// part of a table before it.
func (w markup) cardText(c *card.Card) string {
	texts := []string{w.mrkdwnOf(format.CardMarkdown(card.New(c.Title), format.NoActions)), w.mrkdwnOf(c.Subtitle)}
	var add func(children []card.Child)
	add = func(children []card.Child) {
		for _, child := range children {
			switch child := child.(type) {
			case *card.Section:
				add(child.Children)
			case *card.Table, *card.Chart:
				texts = append(texts, w.mrkdwnOf(elementMarkdown(child)))
			default:
				texts = append(texts, w.mrkdwnOf(card.FallbackText(child)))
			}
		}
	}
	add(c.Children)
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return strings.TrimSpace(text) == "" }), "\n")
}
