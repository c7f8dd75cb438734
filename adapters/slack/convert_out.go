package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Markdown goes to Slack as it is, as markdown_text: Slack itself renders
// headings, lists, tables and code, on all its clients, and shows an answer that
// was streamed the same. mrkdwn has no headings, tables or numbered lists, and
// rich text no headings and tables.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

// slackMarkdown says what becomes of Markdown outside of code: emoji become
// Slack's, mentions pass, and any other "<" that begins no link is escaped, so that
// nothing in a text becomes a broadcast or is lost as HTML. find finds the users of
// "@name"; nil leaves such names as they are.
func (w markup) slackMarkdown(find findUser) format.Rewrites {
	how := format.Rewrites{
		Emoji: w.spellEmoji,
		Angle: angledMention,
		Less:  "&lt;",
	}
	if find != nil {
		how.Name = find.mention
	}
	return how
}

// markdownText returns Markdown for markdown_text.
func (w markup) markdownText(source string, find findUser) string {
	return format.RewriteMarkdown(source, w.slackMarkdown(find))
}

// markdownOf returns the Markdown of a post, for Slack.
func (w markup) markdownOf(post *chat.Post, find findUser) string {
	return strings.TrimRight(w.markdownText(post.AsMarkdown(), find), "\n")
}
