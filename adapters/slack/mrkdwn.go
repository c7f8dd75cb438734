package slack

import (
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// markup writes what the bot says as Slack shows it, with the bot's emoji.
type markup struct {
	emoji *emoji.Set
	// mrkdwn is Slack's own markup, for the texts of blocks and for notifications.
	// https://docs.slack.dev/messaging/formatting-message-text
	mrkdwn format.Markup
}

// standard is for texts whose emoji are Slack's already.
var standard = newMarkup(emoji.Standard())

func newMarkup(set *emoji.Set) markup {
	w := markup{emoji: set}
	m := format.Mrkdwn(escape)
	m.Link, m.Address, m.PlainLabels = mrkdwnLink, linkTarget, true
	m.Rule = "---"
	m.Angle = angledMention
	m.Emoji = w.spellEmoji
	w.mrkdwn = m
	return w
}

// escape escapes text for mrkdwn and for the text of a message.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

func (w markup) spellEmoji(e emoji.Emoji) string { return w.emoji.Spell(e, emoji.Slack) }

// markedUp returns plain text as mrkdwn, for a text that isMarkup says is none, or
// that is only read out.
func (w markup) markedUp(text string) string {
	m := w.mrkdwn
	m.Lookalikes = nil
	return m.Text(text)
}

// mrkdwnOf returns Markdown as mrkdwn.
func (w markup) mrkdwnOf(source string) string { return format.Render(format.Parse(source), w.mrkdwn) }

// mrkdwnParts returns Markdown as mrkdwn in parts of at most so many characters.
func (w markup) mrkdwnParts(source string, most int) []string {
	return format.RenderParts(source, most, format.UTF16, w.mrkdwn)
}

// inBold returns Markdown with all its paragraphs in bold.
func inBold(source string) string {
	root := format.Parse(source)
	for p := range markdown.FindAll[*markdown.Paragraph](root) {
		p.Children = []markdown.Node{markdown.NewStrong(p.Children...)}
	}
	return markdown.Print(root)
}

// mrkdwnLink writes a link with an address that linkTarget has made.
func mrkdwnLink(label, target string) string {
	if label == "" || label == target {
		return "<" + target + ">"
	}
	return "<" + target + "|" + strings.ReplaceAll(label, "|", "¦") + ">"
}

// linkOf returns a link in mrkdwn, or its label if the address is none to Slack.
func (w markup) linkOf(address, label string) string {
	return format.Render(markdown.NewRoot(markdown.NewParagraph(markdown.NewLink(address, markdown.NewText(label)))), w.mrkdwn)
}

// linkTarget returns an address for "<…|…>", or "" if Slack would not take it for
// one or no link should open it.
func linkTarget(address string) string {
	target := strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "", "\r", "", "\t", "").Replace(address)
	scheme, rest, _ := strings.Cut(strings.ToLower(target), ":")
	switch {
	case scheme == "", rest == "", strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "":
		return ""
	case scheme == "javascript", scheme == "vbscript", scheme == "data", scheme == "blob", scheme == "file": // programs, or documents of their own
		return ""
	}
	return target
}
