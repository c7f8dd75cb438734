package format

import (
	"html"
	"regexp"
	"strconv"
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
	// PlainLabels says that no formatting can stand in a label. Mentions never do.
	// Default: it can.
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
	// Step begins the item of a numbered list. Default: the number and ". " as Escape
	// makes it.
	Step func(number int) string
	// Rule is a thematic break. Default: "———" as Escape makes it.
	Rule string
	// Mention writes the mention of a user. Default: "@" and the id, as Escape makes it.
	Mention func(user chat.UserID) string
	// Angle gets a text that begins with "<". It returns what to write for the
	// construct at the beginning, and the length of that construct; 0 if it does not
	// know it. It replaces Mention. Default: Mention.
	Angle func(text string) (out string, size int)
	// Emoji writes an emoji. Default: Unicode's characters.
	Emoji func(e emoji.Emoji) string
	// Bounded says that markers work only within a line and between characters that
	// are no letters. A zero-width space keeps them off letters then, as Slack,
	// WhatsApp and Google Chat need it. Default: they work anywhere.
	Bounded bool
	// Lookalikes stand for characters of ASCII that would be markers, where the markup
	// has no escape for them, such as "∗" for "*". Those that can open and close nothing
	// stay, as in "5 * 3" and "snake_case". Code has none. Default none.
	Lookalikes map[byte]string
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

// lineMarker is what WhatsApp takes for the beginning of a quote or of an item of a
// list. https://faq.whatsapp.com/539178204879377
var lineMarker = regexp.MustCompile(`^(\s*(?:[-*>]|[0-9]+\.)) `)

// WhatsApp is [Mrkdwn] as WhatsApp takes it, for each way to get there. There is no
// escape: a no-break space keeps a marker from beginning a quote or a list.
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

// Text returns plain text in the markup, with its emoji and mentions. It is for
// posts that are no Markdown, and for labels.
func (m Markup) Text(source string) string { return m.text(source, true) }

// text returns plain text in the markup. Alone, no formatting is around it.
func (m Markup) text(source string, alone bool) string {
	angle := Rewrites{Angle: m.Angle, Mention: m.Mention}
	if m.Mention == nil {
		angle.Mention = func(user chat.UserID) string { return m.escape("@" + string(user)) }
	}
	return eachLine(source, func(line string) string {
		return replaceText(withLookalikes(line, m.Lookalikes, alone), m.escape, m.Emoji, angle.angle)
	})
}

// label returns the markup of the labels of links, in which no link and no mention
// can stand.
func (m Markup) label() *Markup {
	m.Mention, m.Angle = nil, nil
	m.Address = func(string) string { return "" }
	if m.PlainLabels {
		m = Markup{Escape: m.Escape, Emoji: m.Emoji, Address: m.Address}
	}
	return &m
}
