package format

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Markers are the texts before and after a formatted text.
type Markers struct{ Open, Close string }

// Markup describes the markup of a platform, for [Render]. The zero value is plain text.
type Markup struct {
	// Escape escapes a line of text so that none of its characters is markup. Default:
	// text is not changed.
	Escape func(text string) string
	// Strong, Emphasis and Delete are the markers of bold, italic and struck-out text.
	// Default none.
	Strong, Emphasis, Delete Markers
	// Code returns code within a line. Default: the escaped code.
	Code func(code string) string
	// CodeBlock returns a code block; the language may be empty. Tables are code blocks,
	// too. Default: the escaped code.
	CodeBlock func(language, code string) string
	// Link returns a link or a picture with its label. The label is already in the
	// markup, and may be empty or the address itself. Default: "label (address)".
	Link func(label, address string) string
	// Address returns an address in the form of the platform, or "" if the platform
	// would refuse it; then only the label is shown. Default: addresses are not changed.
	Address func(address string) string
	// PlainLabels says that the labels of links cannot be formatted. They never have
	// mentions. Default false.
	PlainLabels bool
	// Quote are the markers of a quotation. A quotation within a quotation has
	// QuotePrefix before each of its lines, and so has each quotation if there are no
	// markers. Default none.
	Quote Markers
	// QuotePrefix is the beginning of quoted lines, already in the markup. Default: the
	// escaped "> ".
	QuotePrefix string
	// Heading returns a heading, of depth 1 to 6. Default: its text is Strong.
	Heading func(depth int, text string) string
	// Bullet is the beginning of an item of a list. Default: the escaped "• ".
	Bullet string
	// Step returns the beginning of an item of a numbered list. Default: the number and
	// ". ", escaped.
	Step func(number int) string
	// Rule is a thematic break. Default: the escaped "———".
	Rule string
	// Mention returns the mention of a user. Default: "@" and the id, escaped.
	Mention func(user chat.UserID) string
	// Angle gets the rest of a text from a "<" on. It returns the text to write for the
	// construct at the beginning, and the length of the construct in bytes, or 0 for
	// text. It replaces Mention. Default: Mention.
	Angle func(text string) (out string, size int)
	// Emoji returns an emoji. Default: its Unicode characters.
	Emoji func(e emoji.Emoji) string
	// Bounded says that markers work only within a line and not next to letters. Then
	// Render separates them from letters by a zero-width space, which Slack, WhatsApp
	// and Google Chat need. Default false.
	Bounded bool
	// Lookalikes replace ASCII characters that would be markers, in a markup without
	// escapes, such as "∗" for "*". A character that cannot open or close formatting is
	// not replaced, as in "5 * 3" and "snake_case", and neither is one in code. Default
	// none.
	Lookalikes map[byte]string
}

// EscapeHTML escapes "<", ">", "&" and quotes as HTML entities.
func EscapeHTML(text string) string { return html.EscapeString(text) }

// HTML returns the subset of HTML that Telegram accepts.
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

// Mrkdwn is the markup that Slack, WhatsApp and Google Chat have in common: *bold*,
// _italic_, ~struck out~ and `code`, without an escape for these markers. escape
// writes the platform's other special characters; nil leaves them.
//
//   - https://docs.slack.dev/messaging/formatting-message-text
//   - https://faq.whatsapp.com/539178204879377
//   - https://developers.google.com/workspace/chat/format-messages
func Mrkdwn(escape func(text string) string) Markup {
	m := Markup{
		Escape:     escape,
		Strong:     Markers{"*", "*"},
		Emphasis:   Markers{"_", "_"},
		Delete:     Markers{"~", "~"},
		Bounded:    true,
		Lookalikes: map[byte]string{'*': "∗", '_': "＿", '~': "∼", '`': "ˋ"},
	}
	m.Code = func(code string) string {
		return "`" + strings.ReplaceAll(m.escape(code), "`", m.Lookalikes['`']) + "`"
	}
	m.CodeBlock = func(_, code string) string {
		return "```\n" + strings.ReplaceAll(m.escapeLines(code), "```", "`\u200b``") + "\n```"
	}
	return m
}

// lineMarker finds the beginning of a quote or of an item of a list on WhatsApp.
// https://faq.whatsapp.com/539178204879377
var lineMarker = regexp.MustCompile(`^(\s*(?:[-*>]|[0-9]+\.)) `)

// WhatsApp returns [Mrkdwn] for WhatsApp. The markup has no escapes: a no-break space prevents
// that text begins a quote or a list.
func WhatsApp() Markup {
	m := Mrkdwn(nil)
	m.Escape = func(text string) string { return lineMarker.ReplaceAllString(text, "$1\u00a0") }
	m.QuotePrefix = "> "
	return m
}

func (m *Markup) escape(text string) string {
	if m.Escape == nil {
		return text
	}
	return m.Escape(text)
}

func (m *Markup) escapeLines(text string) string { return eachLine(text, m.escape) }

func eachLine(text string, write func(line string) string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = write(line)
	}
	return strings.Join(lines, "\n")
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
	return m.escapeLines(code)
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

func (m *Markup) step(number int) string {
	if m.Step == nil {
		return m.escape(strconv.Itoa(number) + ". ")
	}
	return m.Step(number)
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

// Text returns plain text in the markup, with its emoji and mentions. It is for posts of plain
// text, and for labels.
func (m Markup) Text(source string) string { return m.text(source, true) }

// text returns plain text in the markup. alone says that there is no formatting around it.
func (m Markup) text(source string, alone bool) string {
	angle := Rewrites{Angle: m.Angle, Mention: m.Mention}
	if m.Mention == nil {
		angle.Mention = func(user chat.UserID) string { return m.escape("@" + string(user)) }
	}
	return eachLine(source, func(line string) string {
		return replaceText(withLookalikes(line, m.Lookalikes, alone), m.escape, m.Emoji, angle.angle)
	})
}

// label returns the markup for the labels of links, which cannot contain links or mentions.
func (m Markup) label() *Markup {
	m.Mention, m.Angle = nil, nil
	m.Address = func(string) string { return "" }
	if m.PlainLabels {
		m = Markup{Escape: m.Escape, Emoji: m.Emoji, Address: m.Address}
	}
	return &m
}
