package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

const (
	// maxStreamText is how much text a streamed message gets. Slack takes 12,000 in
	// a call and names no bound for the message; blocks are refused from about 13,200
	// characters on. What closes and opens markup again must fit too.
	// https://docs.slack.dev/reference/methods/chat.appendStream
	maxStreamText = 11_000
	// streamSlack is how much more a message gets, so that no word is torn.
	streamSlack = 200
	// maxMarkdownBlocks is how many blocks of Markdown a message gets. Slack makes
	// each heading, paragraph, list, table and code block a block of its own, and
	// takes 50: https://docs.slack.dev/reference/block-kit/blocks/markdown-block and
	// https://github.com/archestra-ai/archestra/pull/4980
	maxMarkdownBlocks = 40
	blockSlack        = 6
)

// markdownBlocks returns about how many blocks Slack makes of Markdown.
func markdownBlocks(text string) int {
	if strings.Count(text, "\n") < maxMarkdownBlocks {
		return 1
	}
	return len(markdown.Parse(text).Children)
}

func fitsStream(text string) bool {
	return length(text) <= maxStreamText && markdownBlocks(text) <= maxMarkdownBlocks
}

func fitsNearly(text string) bool {
	return length(text) <= maxStreamText+streamSlack && markdownBlocks(text) <= maxMarkdownBlocks+blockSlack
}

// streamCut returns at which length to cut a text that does not fit.
func streamCut(text string) int {
	if n := markdownBlocks(text); n > maxMarkdownBlocks {
		return min(maxStreamText, length(text)*maxMarkdownBlocks/n*9/10)
	}
	return maxStreamText
}
