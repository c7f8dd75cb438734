package slack

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// names knows the names of users and channels, or "".
type names interface {
	user(id string) string
	channel(id string) string
}

// reader turns what Slack sends into a tree. It notes whom the text mentions
// outside of code.
type reader struct {
	names    names
	mentions map[string]bool
}

func (r *reader) userMention(id, label string) markdown.Node {
	if r.mentions == nil {
		r.mentions = map[string]bool{}
	}
	r.mentions[id] = true
	if label == "" {
		label = r.names.user(id)
	}
	if label == "" {
		label = id
	}
	return markdown.NewText("@" + strings.TrimPrefix(label, "@"))
}

func (r *reader) channelMention(id, label string) markdown.Node {
	if label == "" {
		label = r.names.channel(id)
	}
	if label == "" {
		label = id
	}
	return markdown.NewText("#" + strings.TrimPrefix(label, "#"))
}

// block is a block of Block Kit, as far as it holds something to read.
// https://docs.slack.dev/reference/block-kit/blocks
type block struct {
	Type     string              `json:"type"`
	Text     json.RawMessage     `json:"text"` // an object, or a string in a markdown block
	Fields   []textObject        `json:"fields"`
	Elements []json.RawMessage   `json:"elements"`
	Rows     [][]json.RawMessage `json:"rows"`
	Title    textObject          `json:"title"`
	ImageURL string              `json:"image_url"`
	AltText  string              `json:"alt_text"`
}

// textObject is text with its kind.
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
type textObject struct {
	Type string `json:"type"` // plain_text or mrkdwn
	Text string `json:"text"`
}

// blocks returns what the blocks say. Buttons and inputs say nothing.
func (r *reader) blocks(list []json.RawMessage) []markdown.Node {
	var out []markdown.Node
	for _, b := range decodeAll[block](list) {
		switch b.Type {
		case "rich_text":
			out = append(out, r.richText(b.Elements)...)
		case "section":
			out = append(out, r.textObject(decodeText(b.Text))...)
			for _, field := range b.Fields {
				out = append(out, r.textObject(field)...)
			}
		case "header":
			if text := decodeText(b.Text).Text; text != "" {
				out = append(out, markdown.NewHeading(2, r.plain(text)...))
			}
		case "markdown":
			var text string
			if json.Unmarshal(b.Text, &text) == nil {
				out = append(out, markdown.Parse(text).Children...)
			}
		case "context":
			for _, raw := range b.Elements {
				var e block
				if json.Unmarshal(raw, &e) != nil {
					continue
				}
				if e.Type == "image" {
					out = append(out, markdown.NewParagraph(markdown.NewImage(e.ImageURL, e.AltText)))
					continue
				}
				var text string
				if json.Unmarshal(e.Text, &text) == nil {
					out = append(out, r.textObject(textObject{e.Type, text})...)
				}
			}
		case "image":
			out = append(out, markdown.NewParagraph(markdown.NewImage(b.ImageURL, b.AltText)))
		case "divider":
			out = append(out, &markdown.ThematicBreak{})
		case "table":
			out = append(out, r.table(b.Rows)...)
		}
	}
	return out
}

func decodeText(raw json.RawMessage) textObject {
	var t textObject
	_ = json.Unmarshal(raw, &t) // what is no text object says nothing
	return t
}

func (r *reader) textObject(t textObject) []markdown.Node {
	if t.Type == "mrkdwn" {
		return r.mrkdwn(t.Text)
	}
	return paragraphs(r.plain(t.Text))
}

// plain returns plain text, in which only emoji have a spelling of their own.
func (r *reader) plain(text string) []markdown.Node {
	if text == "" {
		return nil
	}
	return []markdown.Node{markdown.NewText(replaceEmoji(text))}
}

// table returns a table, its first row as the header.
// https://docs.slack.dev/reference/block-kit/blocks/table-block
func (r *reader) table(rows [][]json.RawMessage) []markdown.Node {
	var out []*markdown.TableRow
	for _, row := range rows {
		cells := &markdown.TableRow{}
		for _, raw := range row {
			var cell struct {
				Type     string            `json:"type"`
				Text     string            `json:"text"`
				Elements []json.RawMessage `json:"elements"`
			}
			_ = json.Unmarshal(raw, &cell) // an unreadable cell is an empty one
			content := r.plain(cell.Text)
			if cell.Type == "rich_text" {
				content = nil
				for _, section := range decodeAll[element](cell.Elements) {
					content = append(content, r.inlines(section.Elements)...)
				}
			}
			cells.Children = append(cells.Children, markdown.NewTableCell(content...))
		}
		if len(cells.Children) > 0 {
			out = append(out, cells)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []markdown.Node{markdown.NewTable(nil, out...)}
}

// element is a part of a rich text.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
type element struct {
	Type     string          `json:"type"`
	Elements []element       `json:"elements"`
	Style    json.RawMessage `json:"style"` // a list's kind, or a text's styles
	Indent   int             `json:"indent"`
	Offset   int             `json:"offset"`
	Border   int             `json:"border"`
	Language string          `json:"language"`

	Text        string `json:"text"`
	URL         string `json:"url"`
	UserID      string `json:"user_id"`
	UserGroupID string `json:"usergroup_id"`
	ChannelID   string `json:"channel_id"`
	TeamID      string `json:"team_id"`
	Name        string `json:"name"`
	Unicode     string `json:"unicode"`
	Range       string `json:"range"`
	Timestamp   int64  `json:"timestamp"`
	Fallback    string `json:"fallback"`
	Value       string `json:"value"`
}

type style struct {
	Bold   bool `json:"bold"`
	Italic bool `json:"italic"`
	Strike bool `json:"strike"`
	Code   bool `json:"code"`
}

func (e *element) style() style {
	var s style
	_ = json.Unmarshal(e.Style, &s) // a list's is a string
	return s
}

// richText returns the blocks of a rich text.
func (r *reader) richText(raw []json.RawMessage) []markdown.Node {
	var out []markdown.Node
	var open []*markdown.List // lists that a deeper one can go into
	for _, e := range decodeAll[element](raw) {
		if e.Type != "rich_text_list" {
			open = nil
		}
		switch e.Type {
		case "rich_text_section":
			out = append(out, paragraphs(r.inlines(e.Elements))...)
		case "rich_text_quote":
			if inner := paragraphs(r.inlines(e.Elements)); len(inner) > 0 {
				out = append(out, markdown.NewBlockquote(inner...))
			}
		case "rich_text_preformatted":
			out = append(out, markdown.NewCode(e.Language, strings.TrimSuffix(codeText(e.Elements), "\n")))
		case "rich_text_list":
			list := r.list(e)
			if len(list.Children) == 0 {
				continue
			}
			depth := min(max(e.Indent, 0), len(open))
			if depth == 0 {
				out = append(out, list)
			} else {
				items := open[depth-1].Children
				last := items[len(items)-1].(*markdown.ListItem)
				last.Children = append(last.Children, list)
			}
			open = append(open[:depth], list)
		}
	}
	return out
}

func (r *reader) list(e element) *markdown.List {
	items := make([]*markdown.ListItem, 0, len(e.Elements))
	for _, item := range e.Elements {
		items = append(items, markdown.NewListItem(paragraphs(r.inlines(item.Elements))...))
	}
	var kind string
	_ = json.Unmarshal(e.Style, &kind) // anything else is a bullet list
	if kind == "ordered" {
		return markdown.NewOrderedList(max(e.Offset, 0)+1, items...)
	}
	return markdown.NewList(items...)
}

// inlines returns the content of a section.
func (r *reader) inlines(list []element) []markdown.Node {
	var out []markdown.Node
	for i := range list {
		e := &list[i]
		s := e.style()
		if s.Code {
			if text := codeText(list[i : i+1]); text != "" {
				out = append(out, s.around(markdown.NewInlineCode(text))...)
			}
			continue
		}
		switch node := r.inline(e); n := node.(type) {
		case nil:
		case *markdown.Text:
			out = append(out, s.aroundText(n.Value)...)
		default:
			out = append(out, s.around(n)...)
		}
	}
	return out
}

// inline returns one element without its styles, nil if it shows nothing.
func (r *reader) inline(e *element) markdown.Node {
	switch e.Type {
	case "text":
		return markdown.NewText(e.Text)
	case "link":
		label := e.Text
		if label == "" {
			label = e.URL
		}
		return markdown.NewLink(e.URL, markdown.NewText(label))
	case "user":
		return r.userMention(e.UserID, "")
	case "channel":
		return r.channelMention(e.ChannelID, "")
	case "usergroup":
		return markdown.NewText("@" + e.UserGroupID)
	case "team":
		return markdown.NewText("@" + e.TeamID)
	case "broadcast":
		return markdown.NewText("@" + e.Range)
	case "emoji":
		return markdown.NewText(emojiText(e.Name, e.Unicode))
	case "date":
		if e.Fallback != "" {
			return markdown.NewText(e.Fallback)
		}
		return markdown.NewText(time.Unix(e.Timestamp, 0).UTC().Format(time.RFC1123))
	case "color":
		return markdown.NewText(e.Value)
	}
	return nil
}

// codeText returns the literal text of elements, with mentions as their ids.
func codeText(list []element) string {
	var b strings.Builder
	for _, e := range list {
		switch e.Type {
		case "user":
			b.WriteString("<@" + e.UserID + ">")
		case "channel":
			b.WriteString("<#" + e.ChannelID + ">")
		case "emoji":
			b.WriteString(":" + e.Name + ":")
		case "link":
			if e.Text == "" {
				b.WriteString(e.URL)
				continue
			}
			fallthrough
		default:
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// aroundText styles text, but not the space at its ends, which Markdown cannot.
func (s style) aroundText(text string) []markdown.Node {
	core := strings.TrimSpace(text)
	if s == (style{}) || core == "" {
		return []markdown.Node{markdown.NewText(text)}
	}
	before, after, _ := strings.Cut(text, core)
	out := s.around(markdown.NewText(core))
	if before != "" {
		out = append([]markdown.Node{markdown.NewText(before)}, out...)
	}
	if after != "" {
		out = append(out, markdown.NewText(after))
	}
	return out
}

func (s style) around(n markdown.Node) []markdown.Node {
	if s.Strike {
		n = markdown.NewDelete(n)
	}
	if s.Italic {
		n = markdown.NewEmphasis(n)
	}
	if s.Bold {
		n = markdown.NewStrong(n)
	}
	return []markdown.Node{n}
}

// paragraphs splits content at blank lines, joins adjacent texts and trims the
// ends of lines off the paragraphs.
func paragraphs(inlines []markdown.Node) []markdown.Node {
	var out []markdown.Node
	var current []markdown.Node
	flush := func() {
		if current = trimBlock(current); len(current) > 0 {
			out = append(out, markdown.NewParagraph(current...))
		}
		current = nil
	}
	for _, n := range joinTexts(inlines) {
		text, ok := n.(*markdown.Text)
		if !ok {
			current = append(current, n)
			continue
		}
		for i, part := range strings.Split(text.Value, "\n\n") {
			if i > 0 {
				flush()
			}
			if part != "" {
				current = append(current, markdown.NewText(part))
			}
		}
	}
	flush()
	return out
}

func joinTexts(list []markdown.Node) []markdown.Node {
	var out []markdown.Node
	var run []string
	flush := func() {
		if len(run) > 0 {
			out = append(out, markdown.NewText(strings.Join(run, "")))
			run = nil
		}
	}
	for _, n := range list {
		if t, ok := n.(*markdown.Text); ok {
			run = append(run, t.Value)
			continue
		}
		flush()
		out = append(out, n)
	}
	flush()
	return out
}

// trimBlock removes line ends and space from the ends of a paragraph.
func trimBlock(list []markdown.Node) []markdown.Node {
	if len(list) > 0 {
		if t, ok := list[0].(*markdown.Text); ok {
			if t.Value = strings.TrimLeft(t.Value, " \t\n"); t.Value == "" {
				list = list[1:]
			}
		}
	}
	if len(list) > 0 {
		if t, ok := list[len(list)-1].(*markdown.Text); ok {
			if t.Value = strings.TrimRight(t.Value, " \t\n"); t.Value == "" {
				list = list[:len(list)-1]
			}
		}
	}
	return list
}

// emojiText returns the characters of an emoji: those that Slack names in
// hexadecimal, those that are known by the name, or ":name:".
func emojiText(name, unicode string) string {
	if unicode != "" {
		var b strings.Builder
		for code := range strings.SplitSeq(unicode, "-") {
			n, err := strconv.ParseUint(code, 16, 21)
			if err != nil {
				return ":" + name + ":"
			}
			b.WriteRune(rune(n))
		}
		return b.String()
	}
	return knownEmoji(name)
}

func knownEmoji(name string) string {
	short, tone, _ := strings.Cut(name, "::")
	spelled := emoji.Spell(emoji.FromSlack(short), emoji.Unicode)
	if spelled == "" || isASCII(spelled) {
		return ":" + name + ":" // an emoji of the workspace's own
	}
	if n, ok := strings.CutPrefix(tone, "skin-tone-"); ok && len(n) == 1 && n[0] >= '2' && n[0] <= '6' {
		return spelled + string(rune(0x1f3fb+int(n[0]-'2')))
	}
	return spelled
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
