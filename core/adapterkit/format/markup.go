package format

import (
	"html"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Markers stand before and after a formatted text.
type Markers struct{ Open, Close string }

// Markup describes how a platform marks text up, for [Render]. The zero value is
// plain text.
type Markup struct {
	// Escape makes text of which no character means formatting. It sees no line
	// endings. Default: text stays as it is.
	Escape func(text string) string
	// Strong, Emphasis and Delete are the markers of bold, italic and struck-out text.
	// Default none.
	Strong, Emphasis, Delete Markers
	// Code writes code within a line. Default: the code as Escape makes it.
	Code func(code string) string
	// CodeBlock writes a code block; the language may be empty. Tables are code
	// blocks, too. Default: the code as Escape makes it.
	CodeBlock func(language, code string) string
	// Link writes a link or a picture with its label, which is marked up already and
	// may be empty or the address itself. Default: "label (address)".
	Link func(label, address string) string
	// Address makes an address one that the platform takes, and is empty for one that
	// it does not: the label stands alone then. Default: addresses stay as they are.
	Address func(address string) string
	// PlainLabels says that no formatting can stand in a label. Default: it can.
	PlainLabels bool
	// Quote marks a quotation. One in another one, and each where there are no markers,
	// has QuotePrefix before each of its lines instead. Default none.
	Quote Markers
	// QuotePrefix is marked up already. Default: "> " as Escape makes it.
	QuotePrefix string
	// Heading writes a heading, of depth 1 to 6. Default: it is Strong.
	Heading func(depth int, text string) string
	// Bullet begins the item of a list. Default: "• ".
	Bullet string
	// Rule is a thematic break. Default: "———" as Escape makes it.
	Rule string
	// Mention writes the mention of a user. Default: "@" and the id, as Escape makes it.
	Mention func(user chat.UserID) string
	// Emoji writes an emoji. Default: Unicode's characters.
	Emoji func(e emoji.Emoji) string
	// Bounded says that markers work only within a line and between characters that
	// are no letters. A zero-width space keeps them off letters then, as Slack,
	// WhatsApp and Google Chat need it. Default: they work anywhere.
	Bounded bool
}

// EscapeHTML writes "<", ">", "&" and quotes as entities.
func EscapeHTML(text string) string { return html.EscapeString(text) }

// HTML is the subset of HTML that Telegram takes.
// https://core.telegram.org/bots/api#html-style
func HTML() Markup {
	return Markup{
		Escape:   EscapeHTML,
		Strong:   Markers{"<b>", "</b>"},
		Emphasis: Markers{"<i>", "</i>"},
		Delete:   Markers{"<s>", "</s>"},
		Quote:    Markers{"<blockquote>", "</blockquote>"},
		Code:     func(code string) string { return "<code>" + EscapeHTML(code) + "</code>" },
		CodeBlock: func(language, code string) string {
			if language == "" {
				return "<pre>" + EscapeHTML(code) + "</pre>"
			}
			return `<pre><code class="language-` + EscapeHTML(language) + `">` + EscapeHTML(code) + "</code></pre>"
		},
		Link: func(label, address string) string {
			if strings.TrimSpace(label) == "" {
				label = EscapeHTML(address)
			}
			return `<a href="` + EscapeHTML(address) + `">` + label + "</a>"
		},
	}
}

func (m *Markup) escape(text string) string {
	if m.Escape == nil {
		return text
	}
	return m.Escape(text)
}

func (m *Markup) or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return m.escape(otherwise)
}

func (m *Markup) code(code string) string {
	if m.Code == nil {
		return m.escape(code)
	}
	return m.Code(code)
}

func (m *Markup) codeBlock(language, code string) string {
	if m.CodeBlock != nil {
		return m.CodeBlock(language, code)
	}
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = m.escape(line)
	}
	return strings.Join(lines, "\n")
}

func (m *Markup) link(label, address string) string {
	switch shown := m.escape(address); {
	case m.Link != nil:
		return m.Link(label, address)
	case strings.TrimSpace(label) == "", label == shown:
		return shown
	default:
		return label + m.escape(" (") + shown + m.escape(")")
	}
}

func (m *Markup) heading(depth int, text string) string {
	if m.Heading == nil {
		return text
	}
	return m.Heading(depth, text)
}

func (m *Markup) address(address string) string {
	if m.Address == nil {
		return address
	}
	return m.Address(address)
}

// text writes a line of text with its emoji and mentions.
func (m *Markup) text(line string) string {
	mention := m.Mention
	if mention == nil {
		mention = func(user chat.UserID) string { return m.escape("@" + string(user)) }
	}
	return ReplaceText(line, m.escape, m.Emoji, mention)
}
