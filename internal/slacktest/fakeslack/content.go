package fakeslack

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// Content is what people see of a message, and the users that it mentions, by
// Slack's own rules.
func (m *Message) Content() (content *markdown.Root, mentions []string) {
	r := &reader{}
	var blocks []markdown.Node
	switch {
	case m.Markdown != "":
		// https://docs.slack.dev/reference/block-kit/blocks/markdown-block
		blocks = r.markdown(m.Markdown)
	case len(m.Blocks) > 0:
		var list []json.RawMessage
		_ = json.Unmarshal(m.Blocks, &list) // the server has checked it
		for _, block := range list {
			blocks = append(blocks, r.block(block)...)
		}
	default:
		blocks = r.mrkdwn(m.Text)
	}
	return markdown.NewRoot(blocks...), r.mentions
}

type reader struct{ mentions []string }

func (r *reader) markdown(text string) []markdown.Node {
	root := markdown.Parse(text)
	for t := range markdown.FindAll[*markdown.Text](root) {
		for _, mention := range userMention.FindAllStringSubmatch(t.Value, -1) {
			r.mentions = append(r.mentions, mention[1])
		}
	}
	return root.Children
}

// block reads one block. Of those that are not text it is what they say.
func (r *reader) block(data json.RawMessage) []markdown.Node {
	var b struct {
		Type     string
		Text     json.RawMessage
		Fields   []json.RawMessage
		Elements []json.RawMessage
		ImageURL string `json:"image_url"`
		AltText  string `json:"alt_text"`
	}
	if json.Unmarshal(data, &b) != nil {
		return nil
	}
	var nodes []markdown.Node
	switch b.Type {
	case "markdown":
		var text string
		_ = json.Unmarshal(b.Text, &text)
		return r.markdown(text)
	case "header":
		return []markdown.Node{markdown.NewHeading(1, r.object(b.Text)...)}
	case "section", "context":
		for _, text := range append(append([]json.RawMessage{b.Text}, b.Fields...), b.Elements...) {
			nodes = append(nodes, r.object(text)...)
		}
	case "image":
		nodes = append(nodes, markdown.NewParagraph(markdown.NewImage(b.ImageURL, b.AltText)))
	case "rich_text":
		for _, element := range b.Elements {
			nodes = append(nodes, r.richText(element)...)
		}
	}
	return nodes
}

// object reads a text object.
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
func (r *reader) object(data json.RawMessage) []markdown.Node {
	var o struct{ Type, Text string }
	if json.Unmarshal(data, &o) != nil || o.Text == "" {
		return nil
	}
	if o.Type == "mrkdwn" {
		return r.mrkdwn(o.Text)
	}
	return []markdown.Node{markdown.NewParagraph(shown.Lines(o.Text)...)}
}

type richElement struct {
	Type, Text, URL string
	UserID          string `json:"user_id"`
	Unicode         string
	Style           struct{ Bold, Italic, Strike, Code bool }
	Elements        []json.RawMessage
}

// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
func (r *reader) richText(data json.RawMessage) []markdown.Node {
	var e richElement
	if json.Unmarshal(data, &e) != nil {
		return nil
	}
	if e.Type == "rich_text_list" {
		list := &markdown.List{}
		for _, item := range e.Elements {
			list.Children = append(list.Children, &markdown.ListItem{Children: r.richText(item)})
		}
		return []markdown.Node{list}
	}
	line := markdown.NewParagraph()
	for _, element := range e.Elements {
		line.Children = append(line.Children, r.richInline(element)...)
	}
	switch e.Type {
	case "rich_text_preformatted":
		return []markdown.Node{markdown.NewCode("", markdown.PlainText(line))}
	case "rich_text_quote":
		return []markdown.Node{markdown.NewBlockquote(line)}
	}
	return []markdown.Node{line}
}

func (r *reader) richInline(data json.RawMessage) []markdown.Node {
	var e richElement
	if json.Unmarshal(data, &e) != nil {
		return nil
	}
	switch e.Type {
	case "user":
		r.mentions = append(r.mentions, e.UserID)
		return []markdown.Node{markdown.NewText("@" + e.UserID)}
	case "link":
		if e.Text == "" {
			e.Text = e.URL
		}
		return []markdown.Node{markdown.NewLink(e.URL, markdown.NewText(e.Text))}
	case "emoji":
		return []markdown.Node{markdown.NewText(":" + e.Text + ":")}
	}
	nodes := shown.Lines(e.Text)
	if e.Style.Code {
		nodes = []markdown.Node{markdown.NewInlineCode(e.Text)}
	}
	if e.Style.Bold {
		nodes = []markdown.Node{markdown.NewStrong(nodes...)}
	}
	if e.Style.Italic {
		nodes = []markdown.Node{markdown.NewEmphasis(nodes...)}
	}
	if e.Style.Strike {
		nodes = []markdown.Node{markdown.NewDelete(nodes...)}
	}
	return nodes
}

var (
	userMention = regexp.MustCompile(`<@([A-Z0-9]+)(?:\|[^>]*)?>`)
	quoted      = regexp.MustCompile(`(?m)^(>|&gt;) ?`)
)

// mrkdwn reads Slack's own markup: blocks of code, quotes, and lines.
// https://docs.slack.dev/messaging/formatting-message-text
func (r *reader) mrkdwn(text string) []markdown.Node {
	var nodes []markdown.Node
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			nodes = append(nodes, markdown.NewCode("", html.UnescapeString(part)))
			continue
		}
		if i > 0 {
			part = strings.TrimPrefix(part, "\n")
		}
		if part = strings.TrimSuffix(part, "\n"); part == "" {
			continue
		}
		if quoted.MatchString(part) && quoted.FindStringIndex(part)[0] == 0 {
			nodes = append(nodes, markdown.NewBlockquote(markdown.NewParagraph(r.inline(quoted.ReplaceAllString(part, ""))...)))
			continue
		}
		nodes = append(nodes, markdown.NewParagraph(r.inline(part)...))
	}
	return nodes
}

// inline reads what stands in lines of mrkdwn.
func (r *reader) inline(text string) []markdown.Node {
	var nodes []markdown.Node
	plain := 0
	flush := func(to int) { nodes = append(nodes, shown.Lines(html.UnescapeString(text[plain:to]))...) }
	for i := 0; i < len(text); i++ {
		size, made := 0, []markdown.Node(nil)
		switch c := text[i]; c {
		case '<':
			size, made = r.angle(text[i:])
		case '*', '_', '~', '`':
			size, made = r.marked(text, i)
		}
		if size > 0 {
			flush(i)
			nodes = append(nodes, made...)
			i += size - 1
			plain = i + 1
		}
	}
	flush(len(text))
	return nodes
}

// angle reads a link, a mention or a command.
func (r *reader) angle(text string) (int, []markdown.Node) {
	end := strings.IndexByte(text, '>')
	if end < 0 {
		return 0, nil
	}
	if mention := userMention.FindStringSubmatch(text[:end+1]); mention != nil {
		r.mentions = append(r.mentions, mention[1])
		return end + 1, []markdown.Node{markdown.NewText("@" + mention[1])}
	}
	target, label, labelled := strings.Cut(text[1:end], "|")
	if strings.HasPrefix(target, "!") || strings.HasPrefix(target, "#") {
		return end + 1, []markdown.Node{markdown.NewText(target)}
	}
	if !strings.Contains(target, ":") {
		return 0, nil
	}
	target = html.UnescapeString(target)
	if !labelled {
		label = target
	}
	return end + 1, []markdown.Node{markdown.NewLink(target, markdown.NewText(html.UnescapeString(label)))}
}

// marked reads text between two markers, which stand at the ends of words.
func (r *reader) marked(text string, at int) (int, []markdown.Node) {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	line, _, _ := strings.Cut(text[at+1:], "\n")
	if at > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return 0, nil
	}
	for end := strings.IndexByte(line, text[at]); end > 0; {
		after, _ := utf8.DecodeRuneInString(line[end+1:])
		inner := line[:end]
		if strings.TrimSpace(inner) == inner && !unicode.IsLetter(after) && !unicode.IsDigit(after) {
			return end + 2, r.mark(text[at], inner)
		}
		next := strings.IndexByte(line[end+1:], text[at])
		if next < 0 {
			break
		}
		end += 1 + next
	}
	return 0, nil
}

func (r *reader) mark(marker byte, inner string) []markdown.Node {
	switch marker {
	case '*':
		return []markdown.Node{markdown.NewStrong(r.inline(inner)...)}
	case '_':
		return []markdown.Node{markdown.NewEmphasis(r.inline(inner)...)}
	case '~':
		return []markdown.Node{markdown.NewDelete(r.inline(inner)...)}
	}
	return []markdown.Node{markdown.NewInlineCode(html.UnescapeString(inner))}
}
