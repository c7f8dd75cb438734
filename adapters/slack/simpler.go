package slack

import (
	"slices"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
)

// Slack makes blocks of Markdown, by rules that it does not tell, and refuses a
// message of which it dislikes one. It also fetches the pictures of a card. What
// it has refused it would refuse again: the message is sent in a simpler form.

// form says how a message was simplified.
type form int

const (
	asWritten     form = iota
	inSmallParts       // Markdown, split
	withoutTables      // Markdown with tables as code, or blocks with pictures as links
	asText             // text without blocks
)

// smallPart is the least length of parts into which Markdown is split because
// Slack has refused it, in characters.
const smallPart = 1_500

// simpler returns the message in the next simpler form, or nothing if there is
// none in which it has all that it has.
func (o outgoing) simpler() []outgoing {
	switch {
	case o.form == asText || o.markdown == "" && len(o.blocks) == 0:
		return nil
	case o.markdown == "":
		return o.simplerBlocks()
	}
	if o.form < inSmallParts {
		if parts := splitMarkdown(o.markdown, max(length(o.markdown)/4, smallPart)); len(parts) > 1 {
			return markdownMessages(parts, inSmallParts)
		}
	}
	if o.form < withoutTables {
		if text := format.TablesAsCode(o.markdown); text != o.markdown {
			return markdownMessages(splitMarkdown(text, maxMarkdown), withoutTables)
		}
	}
	var messages []outgoing
	for _, part := range standard.mrkdwnParts(o.markdown, maxText) {
		messages = append(messages, outgoing{text: part, form: asText})
	}
	return messages
}

func markdownMessages(parts []string, form form) []outgoing {
	messages := make([]outgoing, len(parts))
	for i, part := range parts {
		messages[i] = outgoing{markdown: part, form: form}
	}
	return messages
}

// simplerBlocks has links instead of pictures, which Slack may fail to fetch, and
// then text only, unless there is something to click.
func (o outgoing) simplerBlocks() []outgoing {
	blocks, changed := slices.Clone(o.blocks), false
	for i, block := range blocks {
		if image, ok := block.(*slackapi.ImageBlock); ok && o.form < withoutTables {
			link := mrkdwnText(standard.linkOf(image.ImageURL, image.AltText), maxSection)
			blocks[i], changed = slackapi.NewSectionBlock(link, nil, nil), true
		}
	}
	switch {
	case changed:
		return []outgoing{{text: o.text, blocks: blocks, form: withoutTables}}
	case slices.ContainsFunc(o.blocks, isInteractive):
		return nil
	}
	return []outgoing{{text: o.text, form: asText}}
}

func isInteractive(block slackapi.Block) bool {
	switch block := block.(type) {
	case *slackapi.ActionBlock, *slackapi.InputBlock:
		return true
	case *slackapi.SectionBlock:
		return block.Accessory != nil
	}
	return false
}
