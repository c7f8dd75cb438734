package teams

import (
	"html"
	"net/url"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// special are the characters that are markup in Teams' Markdown, except those of HTML.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
const special = "\\*_~`|#-+.[](){}!"

// mentions collects the users whom a message mentions.
type mentions struct {
	name  func(chat.UserID) string // returns the name of a user
	order []mention
}

// mention is an entity of a message. The message contains its text.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations#add-mentions-to-your-messages
type mention struct {
	Type      string        `json:"type"`
	Text      string        `json:"text"`
	Mentioned mentionedUser `json:"mentioned"`
}

type mentionedUser struct {
	ID   chat.UserID `json:"id"`
	Name string      `json:"name"`
}

// add returns the mention of a user. An id that cannot be a user's becomes text.
func (m *mentions) add(id chat.UserID) string {
	if !isMentionable(string(id)) {
		return escape("@" + string(id))
	}
	name := m.name(id)
	text := "<at>" + html.EscapeString(name) + "</at>"
	for _, before := range m.order {
		if before.Text == text && before.Mentioned.ID != id { // another user has the same name
			text = "<at>" + html.EscapeString(name+" ("+strconv.Itoa(len(m.order)+1)+")") + "</at>"
			break
		}
	}
	m.order = append(m.order, mention{Type: "mention", Text: text, Mentioned: mentionedUser{id, name}})
	return text
}

// in returns the mentions in a text, each once.
func (m *mentions) in(text string) (all []mention) {
	seen := map[string]bool{}
	for _, one := range m.order {
		if !seen[one.Text] && strings.Contains(text, one.Text) {
			seen[one.Text] = true
			all = append(all, one)
		}
	}
	return all
}

func isMentionable(id string) bool {
	return (strings.HasPrefix(id, "29:") || strings.HasPrefix(id, "28:")) && isPrintable(id, 256) || guidForm.MatchString(id)
}

// markup returns Teams' markup: Markdown without headings, tables, pictures and rules, which
// its clients do not show.
func (a *Adapter) markup(m *mentions) format.Markup {
	return format.Markup{
		Escape:      escape,
		Strong:      format.Markers{Open: "**", Close: "**"},
		Emphasis:    format.Markers{Open: "*", Close: "*"},
		Delete:      format.Markers{Open: "~~", Close: "~~"},
		Code:        code,
		CodeBlock:   codeBlock,
		Link:        link,
		Address:     address,
		QuotePrefix: "> ",
		Bullet:      "- ",
		Step:        func(number int) string { return strconv.Itoa(number) + ". " },
		Mention:     m.add,
		Emoji:       a.spell,
	}
}

func (a *Adapter) spell(e emoji.Emoji) string { return a.host.Emoji().Spell(e, adapterName) }

// escape escapes a text so that none of its characters is markup.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '>':
			b.WriteString("&gt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case strings.ContainsRune(special, r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// code returns code within a line, between more backticks than it contains in a row.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

func codeBlock(language, text string) string {
	if strings.Trim(strings.ToLower(language), "abcdefghijklmnopqrstuvwxyz0123456789+-._") != "" {
		language = ""
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence
}

func link(label, address string) string {
	if strings.TrimSpace(label) == "" {
		label = escape(address)
	}
	return "[" + label + "](" + address + ")"
}

// address returns an address with characters escaped that would end a link, or "" if it
// cannot be a link.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" && u.Scheme != "tel" || u.Host == "" && u.Opaque == "" {
		return ""
	}
	text = strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", "\n", "", "\\", "%5C").Replace(text)
	if depth := 0; strings.ContainsFunc(text, func(r rune) bool { return unpaired(r, &depth) }) || depth > 0 {
		text = strings.NewReplacer("(", "%28", ")", "%29").Replace(text)
	}
	return text
}

// unpaired counts parentheses. It reports a closing one without an opening one.
func unpaired(r rune, depth *int) bool {
	switch r {
	case '(':
		*depth++
	case ')':
		*depth--
	}
	return *depth < 0
}

// withBreaks keeps the line endings of a paragraph: in Markdown a single one would be shown
// as a space.
func withBreaks(text string) string {
	lines := strings.Split(text, "\n")
	fence := ""
	for i, line := range lines {
		bare := strings.TrimLeft(line, "> ")
		ticks := bare[:len(bare)-len(strings.TrimLeft(bare, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && strings.TrimSpace(bare) == fence:
			fence = ""
		case fence == "" && i+1 < len(lines) && strings.TrimSpace(line) != "" && strings.TrimSpace(lines[i+1]) != "":
			lines[i] = line + "  "
		}
	}
	return strings.Join(lines, "\n")
}
