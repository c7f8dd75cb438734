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

// Discord's markup is a kind of Markdown, in which a backslash escapes.
// https://support.discord.com/hc/en-us/articles/210298617
const special = "\\*_~`|>#-+.[]()<@:!"

// addresses are what Discord makes links of, in which nothing is escaped, with the
// punctuation after them: a backslash there would be the address's.
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

// markup is how Discord formats text.
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
			if depth > 3 { // there are three
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

// escape makes text of which no character means formatting.
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
		// Something follows at once, so brackets must say where it ends.
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

// code is code within a line, between more backticks than there are in it.
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

// link is a link with a label. Discord shows none whose label looks like an address:
// both are text then, and the address leads there.
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

// address is an address that Discord takes, without the brackets that end one.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E", "\n", "").Replace(text)
}
