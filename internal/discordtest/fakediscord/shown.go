package fakediscord

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// Shown returns what people see of the bot in a thread: with the message that began it.
func (s *Server) Shown(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	return s.look(thread, ""), nil
}

// Whispered returns what one user alone sees.
func (s *Server) Whispered(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
	return s.look(thread, string(user)), nil
}

func (s *Server) look(thread chat.ThreadID, user string) (all []chattest.Posted) {
	parts := strings.Split(string(thread), ":")
	for _, p := range s.All() {
		d := s.detail(p.ID)
		begins := len(parts) == 4 && string(p.ID) == parts[3]
		if p.Deleted || d.system != 0 || d.ephemeral != user || p.Thread != thread && !begins {
			continue
		}
		r := reader{told: d.told}
		var blocks []markdown.Node
		blocks = append(blocks, r.blocks(p.Text)...)
		for _, e := range d.embeds {
			blocks = append(blocks, r.embed(e)...)
		}
		p.Mentions = r.mentions
		p.Content = markdown.NewRoot(blocks...)
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
		all = append(all, p)
	}
	return all
}

// reader reads Discord's markup, by its rules: those of its client, which begin each
// construct where it stands and never look back.
// https://support.discord.com/hc/en-us/articles/210298617
type reader struct {
	told     []string
	mentions []chat.UserID
}

func (r *reader) embed(value any) (blocks []markdown.Node) {
	e, _ := value.(map[string]any)
	if title, ok := e["title"].(string); ok {
		blocks = append(blocks, markdown.NewParagraph(markdown.NewStrong(r.line(title)...)))
	}
	if text, ok := e["description"].(string); ok {
		blocks = append(blocks, r.blocks(text)...)
	}
	fields, _ := e["fields"].([]any)
	for _, f := range fields {
		field, _ := f.(map[string]any)
		name, _ := field["name"].(string)
		value, _ := field["value"].(string)
		blocks = append(blocks, markdown.NewParagraph(markdown.NewStrong(r.line(name)...)))
		blocks = append(blocks, r.blocks(value)...)
	}
	if image, ok := e["image"].(map[string]any); ok {
		to, _ := image["url"].(string)
		blocks = append(blocks, markdown.NewParagraph(markdown.NewImage(to, "")))
	}
	return blocks
}

var (
	fenceOf   = regexp.MustCompile("^```(?:([a-zA-Z0-9_+.#-]+)\n)?\n*((?s:.*?))\n*```")
	headingOf = regexp.MustCompile(`^(#{1,3}) +(.+)$`)
	itemOf    = regexp.MustCompile(`^( *)(?:[-*]|[0-9]+\.) +(.*)$`)
)

// blocks reads what begins with a line.
func (r *reader) blocks(text string) (blocks []markdown.Node) {
	var lines []markdown.Node // that no block has ended
	end := func() {
		blocks = append(blocks, shown.Paragraphs(trim(lines))...)
		lines = nil
	}
	for text != "" {
		if m := fenceOf.FindStringSubmatch(text); m != nil && m[2] != "" {
			end()
			blocks = append(blocks, markdown.NewCode(m[1], m[2]))
			text = text[len(m[0]):]
			continue
		}
		line, rest, _ := strings.Cut(text, "\n")
		switch {
		case strings.HasPrefix(line, "> "):
			var quoted []string
			for strings.HasPrefix(line, "> ") {
				quoted = append(quoted, line[2:])
				text = rest
				line, rest, _ = strings.Cut(text, "\n")
			}
			end()
			blocks = append(blocks, markdown.NewBlockquote(r.blocks(strings.Join(quoted, "\n"))...))
			continue
		case headingOf.MatchString(line):
			m := headingOf.FindStringSubmatch(line)
			end()
			blocks = append(blocks, markdown.NewHeading(len(m[1]), r.line(m[2])...))
		case itemOf.MatchString(line):
			end()
			list := markdown.NewList()
			if last, ok := lastOf(blocks).(*markdown.List); ok && len(lines) == 0 {
				list = last
			} else {
				blocks = append(blocks, list)
			}
			list.Children = append(list.Children, markdown.NewListItem(markdown.NewParagraph(r.line(itemOf.FindStringSubmatch(line)[2])...)))
		default:
			// What is formatted may go on in the next line.
			n := len(line)
			for rest != "" && !begins(rest) {
				more, after, _ := strings.Cut(rest, "\n")
				n, rest = n+1+len(more), after
			}
			lines = append(lines, r.line(text[:min(n, len(text))])...)
			lines = append(lines, &markdown.Break{})
		}
		text = rest
	}
	end()
	return blocks
}

func begins(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	return strings.HasPrefix(line, "> ") || headingOf.MatchString(line) || itemOf.MatchString(line) || fenceOf.MatchString(text)
}

func lastOf(blocks []markdown.Node) markdown.Node {
	if len(blocks) == 0 {
		return nil
	}
	return blocks[len(blocks)-1]
}

// trim drops line ends at the ends.
func trim(nodes []markdown.Node) []markdown.Node {
	isBreak := func(n markdown.Node) bool { _, ok := n.(*markdown.Break); return ok }
	for len(nodes) > 0 && isBreak(nodes[0]) {
		nodes = nodes[1:]
	}
	for len(nodes) > 0 && isBreak(nodes[len(nodes)-1]) {
		nodes = nodes[:len(nodes)-1]
	}
	return nodes
}

var (
	mentionOf = regexp.MustCompile(`^<@!?([0-9]+)>`)
	urlOf     = regexp.MustCompile(`^https?://[^\s<]+[^<.,:;"'\]\s]`)
	angleOf   = regexp.MustCompile(`^<(https?://[^ >]+)>`)
	labelOf   = regexp.MustCompile(`^\[((?:\\.|[^\]\\])*)\]\(<?(https?://[^\s()<>]+)>?\)`)
	codeOf    = []*regexp.Regexp{
		regexp.MustCompile("^```((?s:.+?))```"), regexp.MustCompile("^``((?s:.*?[^`]))``"), regexp.MustCompile("^`([^`]+)`"),
	}
)

// markers open and close a format. The longer ones come first.
var markers = []struct {
	mark string
	make func(children ...markdown.Node) markdown.Node
}{
	{"**", func(c ...markdown.Node) markdown.Node { return markdown.NewStrong(c...) }},
	{"__", func(c ...markdown.Node) markdown.Node { return markdown.NewEmphasis(c...) }}, // underlined
	{"~~", func(c ...markdown.Node) markdown.Node { return markdown.NewDelete(c...) }},
	{"||", func(c ...markdown.Node) markdown.Node { return markdown.NewEmphasis(c...) }}, // a spoiler
	{"*", func(c ...markdown.Node) markdown.Node { return markdown.NewEmphasis(c...) }},
	{"_", func(c ...markdown.Node) markdown.Node { return markdown.NewEmphasis(c...) }},
}

// line reads what stands within lines.
func (r *reader) line(text string) (nodes []markdown.Node) {
	var plain strings.Builder
	add := func(n markdown.Node) {
		nodes = append(nodes, shown.Lines(plain.String())...)
		plain.Reset()
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	for text != "" {
		if node, n := r.inline(text); n > 0 {
			add(node)
			text = text[n:]
			continue
		}
		if text[0] == '\\' && len(text) > 1 && text[1] < 0x80 && !isLetter(text[1]) && text[1] != ' ' && text[1] != '\n' {
			text = text[1:]
		}
		plain.WriteByte(text[0])
		text = text[1:]
	}
	add(nil)
	return nodes
}

func isLetter(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// inline reads what begins a text, and returns how long it is.
func (r *reader) inline(text string) (markdown.Node, int) {
	for _, code := range codeOf {
		if m := code.FindStringSubmatch(text); m != nil {
			return markdown.NewInlineCode(strings.TrimSpace(m[1])), len(m[0])
		}
	}
	if m := mentionOf.FindStringSubmatch(text); m != nil {
		if slices.Contains(r.told, m[1]) {
			r.mentions = append(r.mentions, chat.UserID(m[1]))
		}
		return markdown.NewText("@" + m[1]), len(m[0])
	}
	if m := labelOf.FindStringSubmatch(text); m != nil && !strings.Contains(m[1], "://") {
		return markdown.NewLink(decode(m[2]), r.line(m[1])...), len(m[0])
	}
	if m := angleOf.FindStringSubmatch(text); m != nil {
		return markdown.NewLink(m[1], markdown.NewText(m[1])), len(m[0])
	}
	if m := urlOf.FindString(text); m != "" {
		return markdown.NewLink(m, markdown.NewText(m)), len(m)
	}
	for _, f := range markers {
		if n := closes(text, f.mark); n > 0 {
			return f.make(r.line(text[len(f.mark):n])...), n + len(f.mark)
		}
	}
	return nil, 0
}

// decode is an address as a browser opens it.
func decode(address string) string {
	return strings.NewReplacer("%28", "(", "%29", ")").Replace(address)
}

// closes returns where the format that a text begins with ends, or 0.
func closes(text, mark string) int {
	if !strings.HasPrefix(text, mark) || len(text) <= 2*len(mark) {
		return 0
	}
	one := len(mark) == 1
	if one && (text[1] == ' ' || text[1] == '\n' || text[1] == mark[0]) {
		return 0
	}
	for i := len(mark); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '`':
			for _, code := range codeOf {
				if m := code.FindString(text[i:]); m != "" {
					i += len(m) - 1
					break
				}
			}
		case one && strings.HasPrefix(text[i:], mark+mark):
			i++
		case strings.HasPrefix(text[i:], mark) && i > len(mark)-1:
			after := text[i+len(mark):]
			if one && mark == "_" && after != "" && isLetter(after[0]) || i == len(mark) {
				continue
			}
			if !one && strings.HasPrefix(after, mark[:1]) {
				continue
			}
			return i
		}
	}
	return 0
}
