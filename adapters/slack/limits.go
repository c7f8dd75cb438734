package slack

import (
	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
)

// Slack's bounds, in characters unless they say otherwise. What is longer is
// split or shortened, or refused before Slack is asked.
const (
	// https://docs.slack.dev/reference/methods/chat.postMessage
	maxMarkdown = 12_000 // markdown_text
	// https://docs.slack.dev/reference/methods/chat.update: msg_too_long
	maxText = 4_000

	// https://docs.slack.dev/reference/block-kit/blocks
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	// The blocks of a message are refused together as msg_blocks_too_long from
	// about 13,200 characters on, and each block counts for about 125:
	// https://github.com/slackapi/bolt-js/issues/2509
	maxMessageText = 13_000
	blockCost      = 125

	// https://docs.slack.dev/reference/block-kit/blocks/section-block, header-block,
	// actions-block, image-block and input-block.
	maxSection    = 3_000
	maxFields     = 10 // fields
	maxField      = 2_000
	maxHeader     = 150
	maxActions    = 25 // elements
	maxAlt        = 2_000
	maxInputLabel = 2_000

	// https://docs.slack.dev/reference/block-kit/block-elements/button-element,
	// select-menu-element, radio-button-group-element and plain-text-input-element.
	maxButton      = 75
	maxButtonValue = 2_000
	maxActionID    = 255
	maxURL         = 3_000
	maxRadio       = 10 // options
	maxPlaceholder = 150
	maxInputText   = 3_000

	// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
	maxOption      = 75
	maxOptionValue = 150

	// https://docs.slack.dev/reference/block-kit/blocks/table-block, data-table-block
	maxTableRows    = 100 // rows, with the header
	maxTableColumns = 20  // columns
	maxTableText    = 10_000
	maxTablePage    = 100 // rows
	maxTables       = 1   // in a message

	// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
	maxChartTitle  = 50
	maxChartLabel  = 20
	maxChartSeries = 6  // series, or segments
	maxCategories  = 20 // categories
	maxCharts      = 2  // in a message; not documented, as @chat-adapter/slack has it

	// https://docs.slack.dev/reference/views
	maxViewTitle  = 24
	maxCallbackID = 255
	maxMetadata   = 3_000

	// https://docs.slack.dev/reference/methods/chat.appendStream: the texts of a
	// task. Plan blocks get the same.
	maxTask  = 256
	maxTasks = 50 // tasks; Slack names no bound
)

// Slack does not say how it counts; no count of characters gives more than
// JavaScript's.

// length returns how many characters a text has for Slack.
func length(text string) int { return format.Length(text, format.UTF16) }

// head returns the beginning of a text: at most so many characters.
func head(text string, most int) string { return format.Head(text, most, format.UTF16) }

// shorten cuts a text that is too long, and marks it with "…".
func shorten(text string, most int) string { return format.Shorten(text, most, format.UTF16) }

// splitMarkdown splits Markdown into parts of at most so many characters.
func splitMarkdown(text string, most int) []string {
	return format.SplitMarkdown(text, most, format.UTF16)
}

// actionLimits are the same bounds for actions, whose ids and values may be longer.
var actionLimits = adapterkit.ActionLimits{ID: maxActionID, Value: maxButtonValue, Option: maxOptionValue}
