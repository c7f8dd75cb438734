package discord

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// special are the characters that are escaped with a backslash in Discord's markup.
// https://support.discord.com/hc/en-us/articles/210298617
const special = "\\*_~`|>#-+.[]()<@:!"

// addresses finds what Discord turns into links, with the punctuation after it. Nothing is
// escaped there, because a backslash would become part of the address.
var addresses = regexp.MustCompile(`(?i)(https?://[^\s<]+[^<.,:;"'\]\s])([.,:;"'\]]*)`)

// mentions collects the users whom a post mentions.
type mentions struct{ users []string }

func (m *mentions) add(id chat.UserID) string {
	if !isSnowflake(string(id)) {
		return escape("@" + string(id))
	}
	m.users = append(m.users, string(id))
	return "<@" + string(id) + ">"
}

// markup returns Discord's markup, for package format.
func (a *Adapter) markup(m *mentions) format.Markup {
	return format.Markup{
		Escape:    escape,
		Strong:    format.Markers{Open: "**", Close: "**"},
		Emphasis:  format.Markers{Open: "*", Close: "*"},
		Delete:    format.Markers{Open: "~~", Close: "~~"},
		Code:      code,
		CodeBlock: codeBlock,
		Link:      link,
		Address:   address,
		Heading: func(depth int, text string) string {
			if depth > 3 { // Discord has three depths
				return text
			}
			return strings.Repeat("#", depth) + " " + text
		},
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
	for text != "" {
		at := addresses.FindStringSubmatchIndex(text)
		if at == nil {
			escapeMarks(&b, text)
			break
		}
		escapeMarks(&b, text[:at[0]])
		if next := text[at[1]:]; next == "" || unicode.IsSpace(rune(next[0])) {
			b.WriteString(text[at[0]:at[1]])
			text = next
			continue
		}
		// Other text follows directly, so angle brackets mark the end of the address.
		b.WriteString("<" + strings.ReplaceAll(text[at[2]:at[3]], ">", "%3E") + ">")
		text = text[at[3]:]
	}
	return b.String()
}

func escapeMarks(b *strings.Builder, text string) {
	for _, r := range text {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
}

// code returns code within a line, between more backticks than it contains in a row.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + text + fence
}

func codeBlock(language, text string) string {
	if strings.Trim(strings.ToLower(language), "abcdefghijklmnopqrstuvwxyz0123456789+-._") != "" {
		language = ""
	}
	return "```" + language + "\n" + strings.ReplaceAll(text, "```", "`\u200b``") + "\n```"
}

// link returns a link with a label. If the label looks like an address, Discord shows no
// link; then the label is followed by the address.
func link(label, address string) string {
	plain := strings.TrimSpace(strings.ReplaceAll(label, "\\", ""))
	switch {
	case plain == "" || plain == address:
		return address
	case strings.Contains(plain, "://"):
		return label + " " + address
	}
	return "[" + label + "](" + address + ")"
}

// address returns an address with characters escaped that would end it, or "" if Discord
// would refuse it.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E", "\n", "").Replace(text)
}
