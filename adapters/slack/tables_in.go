package slack

import (
	"encoding/json"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// table returns a table, its first row as the header.
// https://docs.slack.dev/reference/block-kit/blocks/table-block
func (r *reader) table(rows [][]json.RawMessage) []markdown.Node {
	var out []*markdown.TableRow
	for _, row := range rows {
		cells := &markdown.TableRow{}
		for _, raw := range row {
			cells.Children = append(cells.Children, markdown.NewTableCell(r.cell(raw)...))
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

// cell returns what a cell says: text, a number or rich text; for a button, what
// stands there where buttons cannot be.
// https://docs.slack.dev/reference/block-kit/blocks/data-table-block
func (r *reader) cell(raw json.RawMessage) []markdown.Node {
	var cell struct {
		Type     string            `json:"type"`
		Text     string            `json:"text"`
		Value    json.Number       `json:"value"`
		Elements []json.RawMessage `json:"elements"`
		Fallback json.RawMessage   `json:"fallback"`
	}
	_ = json.Unmarshal(raw, &cell) // an unreadable cell is an empty one
	switch {
	case cell.Type == "action" && len(cell.Fallback) < len(raw):
		return r.cell(cell.Fallback)
	case cell.Type != "rich_text":
		return r.plain(firstOf(cell.Text, cell.Value.String()))
	}
	var content []markdown.Node
	for i, part := range decodeAll[element](cell.Elements) {
		if i > 0 {
			content = append(content, markdown.NewText(" "))
		}
		content = append(content, r.flat(part)...)
	}
	return format.JoinTexts(content)
}

// flat returns a part of a rich text in one line.
func (r *reader) flat(part element) []markdown.Node {
	if part.Type != "rich_text_list" {
		return r.inlines(part.Elements)
	}
	var out []markdown.Node
	for i, item := range part.Elements {
		if i > 0 {
			out = append(out, markdown.NewText(", "))
		}
		out = append(out, r.inlines(item.Elements)...)
	}
	return out
}

// chart returns the numbers of a chart as a table, with a row for each label in the
// order in which they come.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
func (r *reader) chart(b *block) []markdown.Node {
	out, d := r.strong(b.Title, ""), b.Chart
	if len(d.Segments) > 0 {
		d = card.Definition{Series: []card.Series{{Data: points(d.Segments)}}}
	}
	for _, s := range d.Series {
		for _, p := range s.Data {
			if !slices.Contains(d.Categories, p.Label) {
				d.Categories = append(d.Categories, p.Label)
			}
		}
	}
	if len(d.Categories) == 0 {
		return out
	}
	var rows []*markdown.TableRow
	for _, row := range d.Rows() {
		cells := &markdown.TableRow{}
		for _, text := range row {
			cells.Children = append(cells.Children, markdown.NewTableCell(r.plain(text)...))
		}
		rows = append(rows, cells)
	}
	return append(out, markdown.NewTable(nil, rows...))
}

func points(segments []card.Segment) []card.Point {
	all := make([]card.Point, len(segments))
	for i, s := range segments {
		all[i] = card.Point(s)
	}
	return all
}
