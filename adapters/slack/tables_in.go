package slack

import (
	"encoding/json"
	"slices"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
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

// chart is what a data visualization shows.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
type chart struct {
	Segments []point `json:"segments"` // of a pie
	Series   []struct {
		Name string  `json:"name"`
		Data []point `json:"data"`
	} `json:"series"`
}

type point struct {
	Label string      `json:"label"`
	Value json.Number `json:"value"`
}

// chart returns the numbers of a chart as a table.
func (r *reader) chart(b *block) []markdown.Node {
	labels := []string{}
	columns := []string{""}
	cells := map[string][]string{}
	add := func(column int, points []point) {
		for _, p := range points {
			if !slices.Contains(labels, p.Label) {
				labels = append(labels, p.Label)
			}
			row := append(cells[p.Label], make([]string, max(0, column-len(cells[p.Label])))...)
			row[column-1] = p.Value.String()
			cells[p.Label] = row
		}
	}
	if len(b.Chart.Segments) > 0 {
		columns = append(columns, "")
		add(1, b.Chart.Segments)
	}
	for _, s := range b.Chart.Series {
		columns = append(columns, s.Name)
		add(len(columns)-1, s.Data)
	}
	out := r.strong(b.Title, "")
	if len(labels) == 0 {
		return out
	}
	row := func(texts []string) *markdown.TableRow {
		row := &markdown.TableRow{}
		for i := range columns {
			text := ""
			if i < len(texts) {
				text = texts[i]
			}
			row.Children = append(row.Children, markdown.NewTableCell(r.plain(text)...))
		}
		return row
	}
	rows := []*markdown.TableRow{row(columns)}
	for _, label := range labels {
		rows = append(rows, row(append([]string{label}, cells[label]...)))
	}
	return append(out, markdown.NewTable(nil, rows...))
}
