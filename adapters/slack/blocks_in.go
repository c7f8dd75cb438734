package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// block is a block of Block Kit, as far as it holds something to read.
// https://docs.slack.dev/reference/block-kit/blocks
type block struct {
	Type     string              `json:"type"`
	Text     json.RawMessage     `json:"text"`  // an object, or a string in a markdown block
	Title    json.RawMessage     `json:"title"` // an object, or a string in a plan, a task or a chart
	Fields   []textObject        `json:"fields"`
	Elements []json.RawMessage   `json:"elements"`
	Rows     [][]json.RawMessage `json:"rows"`
	ImageURL string              `json:"image_url"`
	AltText  string              `json:"alt_text"`

	Accessory   json.RawMessage   `json:"accessory"`       // of a section
	Caption     string            `json:"caption"`         // of a data table
	RichTitle   json.RawMessage   `json:"rich_text_title"` // of a container
	Children    []json.RawMessage `json:"child_blocks"`
	Subtitle    textObject        `json:"subtitle"` // of a card, a container
	Body        textObject        `json:"body"`
	Subtext     textObject        `json:"subtext"`
	HeroImage   json.RawMessage   `json:"hero_image"`
	Tasks       []json.RawMessage `json:"tasks"` // of a plan
	Details     json.RawMessage   `json:"details"`
	Output      json.RawMessage   `json:"output"`
	Sources     []element         `json:"sources"`
	Description textObject        `json:"description"` // of a video
	TitleURL    string            `json:"title_url"`
	VideoURL    string            `json:"video_url"`
	Chart       card.Definition   `json:"chart"`
}

// textObject is text with its kind.
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
type textObject struct {
	Type string `json:"type"` // plain_text or mrkdwn
	Text string `json:"text"`
}

// maxBlockDepth bounds blocks in blocks.
const maxBlockDepth = 16

// blocks returns what the blocks say, and whether all of them could be read.
// Buttons and inputs say nothing.
func (r *reader) blocks(list []json.RawMessage) (out []markdown.Node, all bool) {
	return r.blocksAt(list, 0)
}

func (r *reader) blocksAt(list []json.RawMessage, depth int) (out []markdown.Node, all bool) {
	all = depth < maxBlockDepth
	if !all {
		return nil, len(list) == 0
	}
	for _, raw := range list {
		var b block
		read := readers[""]
		if json.Unmarshal(raw, &b) == nil {
			read = readers[b.Type]
		}
		if read == nil { // of the future, or of another shape
			found := r.anyText(raw, depth)
			out, all = append(out, found...), all && len(found) > 0
			continue
		}
		content, ok := read(r, &b, depth)
		out, all = append(out, content...), all && ok
	}
	return out, all
}

// readers read the blocks that are known, by their type.
var readers map[string]func(r *reader, b *block, depth int) (out []markdown.Node, all bool)

func init() {
	whole := func(f func(*reader, *block) []markdown.Node) func(*reader, *block, int) ([]markdown.Node, bool) {
		return func(r *reader, b *block, _ int) ([]markdown.Node, bool) { return f(r, b), true }
	}
	nothing := whole(func(*reader, *block) []markdown.Node { return nil })
	readers = map[string]func(*reader, *block, int) ([]markdown.Node, bool){
		"actions": nothing, "context_actions": nothing, "input": nothing, "file": nothing, // a file comes in the message's files
		"rich_text":          whole(func(r *reader, b *block) []markdown.Node { return r.richText(b.Elements) }),
		"section":            whole((*reader).section),
		"header":             whole((*reader).header),
		"markdown":           whole((*reader).markdownBlock),
		"context":            whole((*reader).contextBlock),
		"image":              whole(func(r *reader, b *block) []markdown.Node { return append(r.strong(b.Title, ""), imageOf(b)...) }),
		"divider":            whole(func(*reader, *block) []markdown.Node { return []markdown.Node{&markdown.ThematicBreak{}} }),
		"table":              whole(func(r *reader, b *block) []markdown.Node { return r.table(b.Rows) }),
		"data_table":         whole(func(r *reader, b *block) []markdown.Node { return append(r.strongText(b.Caption), r.table(b.Rows)...) }),
		"data_visualization": whole((*reader).chart),
		"alert":              whole(func(r *reader, b *block) []markdown.Node { return r.textObject(decodeText(b.Text)) }),
		"card":               whole((*reader).card),
		"video":              whole((*reader).video),
		"task_card":          (*reader).taskCard,
		"carousel":           func(r *reader, b *block, depth int) ([]markdown.Node, bool) { return r.blocksAt(b.Elements, depth+1) },
		"container":          (*reader).container,
		"plan": func(r *reader, b *block, depth int) ([]markdown.Node, bool) {
			tasks, all := r.blocksAt(b.Tasks, depth+1)
			return append(r.strong(b.Title, ""), tasks...), all
		},
	}
}

// https://docs.slack.dev/reference/block-kit/blocks/section-block
func (r *reader) section(b *block) []markdown.Node {
	out := r.textObject(decodeText(b.Text))
	for _, field := range b.Fields {
		out = append(out, r.textObject(field)...)
	}
	return append(out, imageIn(b.Accessory)...)
}

func (r *reader) header(b *block) []markdown.Node {
	text := decodeText(b.Text).Text
	if text == "" {
		return nil
	}
	return []markdown.Node{markdown.NewHeading(2, r.plain(text)...)}
}

func (r *reader) markdownBlock(b *block) []markdown.Node {
	var text string
	if json.Unmarshal(b.Text, &text) != nil {
		return nil
	}
	return markdown.Parse(text).Children
}

// https://docs.slack.dev/reference/block-kit/blocks/context-block
func (r *reader) contextBlock(b *block) []markdown.Node {
	var out []markdown.Node
	for _, raw := range b.Elements {
		if image := imageIn(raw); image != nil {
			out = append(out, image...)
			continue
		}
		out = append(out, r.textObject(decodeText(raw))...)
	}
	return out
}

// https://docs.slack.dev/reference/block-kit/blocks/card-block
func (r *reader) card(b *block) []markdown.Node {
	out := r.strong(b.Title, "")
	for _, text := range []textObject{b.Subtitle, b.Body, b.Subtext} {
		out = append(out, r.textObject(text)...)
	}
	return append(out, imageIn(b.HeroImage)...)
}

// https://docs.slack.dev/reference/block-kit/blocks/container-block
func (r *reader) container(b *block, depth int) ([]markdown.Node, bool) {
	out := r.strong(b.Title, "")
	if title := richBlock(b.RichTitle); title != nil {
		out = append(out, r.richText(title)...)
	}
	out = append(out, r.textObject(b.Subtitle)...)
	children, all := r.blocksAt(b.Children, depth+1)
	return append(out, children...), all
}

// https://docs.slack.dev/reference/block-kit/blocks/task-card-block
func (r *reader) taskCard(b *block, _ int) ([]markdown.Node, bool) {
	out := r.strong(b.Title, "")
	out = append(out, r.richText(richBlock(b.Details))...)
	out = append(out, r.richText(richBlock(b.Output))...)
	for _, source := range b.Sources {
		if source.URL != "" {
			out = append(out, markdown.NewParagraph(markdown.NewLink(source.URL, markdown.NewText(firstOf(source.Text, source.URL)))))
		}
	}
	return out, true
}

// https://docs.slack.dev/reference/block-kit/blocks/video-block
func (r *reader) video(b *block) []markdown.Node {
	return append(r.strong(b.Title, firstOf(b.TitleURL, b.VideoURL)), r.textObject(b.Description)...)
}

// strong returns a title, which leads to an address if there is one.
func (r *reader) strong(title json.RawMessage, address string) []markdown.Node {
	text := decodeText(title)
	var content []markdown.Node
	if text.Type == "mrkdwn" {
		content = r.markup().Line(strings.ReplaceAll(text.Text, "\n", " "), "*")
	} else {
		content = r.plain(text.Text)
	}
	if len(content) == 0 {
		return nil
	}
	if address != "" {
		content = []markdown.Node{markdown.NewLink(address, content...)}
	}
	return []markdown.Node{markdown.NewParagraph(markdown.NewStrong(content...))}
}

func (r *reader) strongText(text string) []markdown.Node {
	if text == "" {
		return nil
	}
	return []markdown.Node{markdown.NewParagraph(markdown.NewStrong(r.plain(text)...))}
}

// imageIn returns the picture that an element is, if it is one.
func imageIn(raw json.RawMessage) []markdown.Node {
	var b block
	if json.Unmarshal(raw, &b) != nil || b.Type != "image" {
		return nil
	}
	return imageOf(&b)
}

func imageOf(b *block) []markdown.Node {
	return []markdown.Node{markdown.NewParagraph(markdown.NewImage(b.ImageURL, b.AltText))}
}

// richBlock returns the elements of a rich text block that stands in another.
func richBlock(raw json.RawMessage) []json.RawMessage {
	var b block
	if json.Unmarshal(raw, &b) != nil {
		return nil
	}
	return b.Elements
}

// anyText returns the texts in a block that is not known, in their order: text
// objects, rich texts, and what stands in fields that are names of texts.
func (r *reader) anyText(raw json.RawMessage, depth int) []markdown.Node {
	var list []json.RawMessage
	if depth >= maxBlockDepth {
		return nil
	}
	if json.Unmarshal(raw, &list) == nil {
		var out []markdown.Node
		for _, item := range list {
			out = append(out, r.anyText(item, depth+1)...)
		}
		return out
	}
	var head struct {
		Type string          `json:"type"`
		Text json.RawMessage `json:"text"`
	}
	if json.Unmarshal(raw, &head) != nil {
		return nil
	}
	switch head.Type {
	case "plain_text", "mrkdwn":
		return r.textObject(decodeText(raw))
	case "rich_text":
		return r.richText(richBlock(raw))
	case "button", "overflow", "workflow_button", "feedback_buttons", "icon_button":
		return nil
	}
	var out []markdown.Node
	fields := json.NewDecoder(bytes.NewReader(raw))
	_, _ = fields.Token() // the brace: it is an object
	for fields.More() {
		name, err := fields.Token()
		var value json.RawMessage
		if err != nil || fields.Decode(&value) != nil {
			return out
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			out = append(out, r.anyText(value, depth+1)...)
			continue
		}
		switch fmt.Sprint(name) {
		case "text", "title", "subtitle", "caption", "description", "body", "label", "alt_text":
			out = append(out, format.Paragraphs(r.plain(text))...)
		}
	}
	return out
}

// decodeText returns a text object, or a string as one; what is neither says
// nothing.
func decodeText(raw json.RawMessage) textObject {
	var t textObject
	if json.Unmarshal(raw, &t) != nil {
		t = textObject{Type: "plain_text"}
		_ = json.Unmarshal(raw, &t.Text)
	}
	return t
}

func (r *reader) textObject(t textObject) []markdown.Node {
	if t.Type == "mrkdwn" {
		return r.mrkdwn(t.Text)
	}
	return format.Paragraphs(r.plain(t.Text))
}

// plain returns plain text, in which only emoji have a spelling of their own.
func (r *reader) plain(text string) []markdown.Node {
	if text == "" {
		return nil
	}
	return []markdown.Node{markdown.NewText(replaceEmoji(text))}
}
