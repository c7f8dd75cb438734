package slack

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/markdown"
)

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
	Label       string `json:"label"`
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
			out = append(out, format.Paragraphs(r.inlines(e.Elements))...)
		case "rich_text_quote":
			if inner := format.Paragraphs(r.inlines(e.Elements)); len(inner) > 0 {
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
		items = append(items, markdown.NewListItem(format.Paragraphs(r.inlines(item.Elements))...))
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
		shown := markdown.NewText(firstOf(e.Fallback, time.Unix(e.Timestamp, 0).UTC().Format(time.RFC1123)))
		if e.URL != "" {
			return markdown.NewLink(e.URL, shown)
		}
		return shown
	case "color":
		return markdown.NewText(e.Value)
	case "canvas_user_mention":
		return r.userMention(e.UserID, "")
	}
	// A canvas, a citation, a file, a tag, and what is yet to come.
	switch text := firstOf(e.Text, e.Label, e.Name, e.Fallback, e.Value, e.URL); {
	case text == "":
		return nil
	case e.URL != "":
		return markdown.NewLink(e.URL, markdown.NewText(text))
	default:
		return markdown.NewText(text)
	}
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
