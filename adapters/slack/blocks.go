package slack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// surface is where blocks are shown. Tables and charts can stand in messages
// only.
type surface int

const (
	inMessage surface = iota
	inView
)

// blockList gathers the blocks of a card or a modal, within Slack's bounds.
type blockList struct {
	markup
	surface surface
	blocks  []slackapi.Block
	// costs has what each block counts against maxMessageText.
	costs []int
}

func (l *blockList) add(block slackapi.Block, cost int) {
	l.blocks = append(l.blocks, block)
	l.costs = append(l.costs, cost+blockCost)
}

// messages returns the blocks in lots that one message can take each, with one
// table and two charts at most.
func (l *blockList) messages() [][]slackapi.Block {
	var lots [][]slackapi.Block
	start, cost := 0, 0
	for i := range l.blocks {
		if i > start && (i-start == maxMessageBlocks || cost+l.costs[i] > maxMessageText) {
			lots = append(lots, l.blocks[start:i])
			start, cost = i, 0
		}
		cost += l.costs[i]
	}
	return append(lots, l.blocks[start:])
}

// section adds text in mrkdwn.
func (l *blockList) section(text string) {
	l.add(slackapi.NewSectionBlock(mrkdwnText(text, maxSection), nil, nil), length(text))
}

// context adds text in mrkdwn that is small and grey.
func (l *blockList) context(text string) {
	l.add(slackapi.NewContextBlock("", mrkdwnText(text, maxSection)), length(text))
}

// text adds Markdown.
func (l *blockList) text(source string, style card.TextStyle) {
	if style == card.Bold {
		source = inBold(source)
	}
	for _, part := range l.mrkdwnParts(source, maxSection) {
		if style == card.Muted {
			l.context(part)
		} else {
			l.section(part)
		}
	}
}

// element adds an element of a card as text, a table in columns.
func (l *blockList) element(child card.Child) {
	l.text(elementMarkdown(child), "")
}

// elementMarkdown returns an element of a card as Markdown. The columns of a table
// are all on the left then, as the TypeScript SDK has them.
func elementMarkdown(child card.Child) string {
	if t, ok := child.(*card.Table); ok {
		child = &card.Table{Headers: t.Headers, Rows: t.Rows}
	}
	return format.CardMarkdown(card.New("", child), format.NoActions)
}

// fields adds a grid of labelled values. What is too long for a cell of it has
// sections of its own.
func (l *blockList) fields(fields []*card.Field) {
	var texts []*slackapi.TextBlockObject
	cost := 0
	flush := func() {
		if len(texts) > 0 {
			l.add(slackapi.NewSectionBlock(nil, texts, nil), cost)
		}
		texts, cost = nil, 0
	}
	for _, f := range fields {
		if f == nil {
			continue
		}
		label := l.mrkdwnOf(inBold(f.Label))
		content := strings.TrimSpace(label + "\n" + l.mrkdwnOf(f.Value))
		if length(content) > maxField {
			flush()
			l.text(f.Label, card.Bold)
			l.text(f.Value, "")
			continue
		}
		text := mrkdwnText(content, maxField)
		n := length(text.Text)
		if len(texts) == maxFields || cost+n > maxMessageText-blockCost {
			flush()
		}
		texts, cost = append(texts, text), cost+n
	}
	flush()
}

// mrkdwnText returns a text object. Slack takes none that is empty.
func mrkdwnText(text string, most int) *slackapi.TextBlockObject {
	if length(text) > most {
		text = format.ShortenMarkdown(text, most, format.UTF16)
	}
	if strings.TrimSpace(text) == "" {
		text = " "
	}
	return &slackapi.TextBlockObject{Type: slackapi.MarkdownType, Text: text}
}

// plainText returns a text object without markup.
func (w markup) plainText(text string, most int) *slackapi.TextBlockObject {
	text = shorten(w.plain(text), most)
	if strings.TrimSpace(text) == "" {
		text = " "
	}
	return &slackapi.TextBlockObject{Type: slackapi.PlainTextType, Text: text, Emoji: new(true)}
}

// webURL returns an address that a browser opens or Slack fetches, or why it can
// not be one.
func webURL(field, address string, schemes ...string) (string, error) {
	address = strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", `"`, "%22").Replace(address)
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Opaque == "" && u.Path == "" || strings.ContainsFunc(address, isControl) {
		return "", fmt.Errorf("%w: slack: %s is %q, want an address that begins with %s:", chat.ErrInvalidArgument, field, head(address, 100), strings.Join(schemes, ": or "))
	}
	if n := length(address); n > maxURL {
		return "", fmt.Errorf("%w: slack: %s has %d characters, want at most %d", chat.ErrInvalidArgument, field, n, maxURL)
	}
	return address, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// within checks a text that comes back to the bot, and so cannot be shortened.
func within(field, text string, least, most int) error {
	if n := length(text); n < least || n > most {
		return fmt.Errorf("%w: slack: %s has %d characters, want %d to %d", chat.ErrInvalidArgument, field, n, least, most)
	}
	return nil
}
