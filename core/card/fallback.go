package card

import (
	"encoding/json"
	"strings"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// FallbackText returns the card as text, for notifications and for platforms
// without cards: the title in bold Markdown, fields as "label: value", tables
// and charts as text in columns. Images and actions are left out.
func (c *Card) FallbackText() string {
	var parts []string
	if c.Title != "" {
		parts = append(parts, "**"+c.Title+"**")
	}
	if c.Subtitle != "" {
		parts = append(parts, c.Subtitle)
	}
	return join(append(parts, texts(c.Children)...))
}

// FallbackText returns one element as text, empty if it has none, as
// [Card.FallbackText] does for a whole card.
func FallbackText(child Child) string {
	switch child := child.(type) {
	case *Text:
		return child.Content
	case *Link:
		return child.Label + " (" + child.URL + ")"
	case *Fields:
		var lines []string
		for _, field := range child.Children {
			if field != nil {
				lines = append(lines, field.Label+": "+field.Value)
			}
		}
		return strings.Join(lines, "\n")
	case *Table:
		return markdown.ASCIITable(nil, append([][]string{child.Headers}, child.Rows...))
	case *Chart:
		return child.Title + "\n" + markdown.ASCIITable(nil, child.Chart.Rows())
	case *Section:
		return join(texts(child.Children))
	}
	return ""
}

func texts(children []Child) []string {
	out := make([]string, len(children))
	for i, child := range children {
		out[i] = FallbackText(child)
	}
	return out
}

// join puts the parts that are not empty on lines of their own.
func join(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(part)
	}
	return b.String()
}

// Rows returns a chart as a table, whose first row is the header: a pie's segments
// with their values, or the categories with the values of each series.
func (d *Definition) Rows() [][]string {
	if d.Type == Pie {
		rows := [][]string{{"Label", "Value"}}
		for _, segment := range d.Segments {
			rows = append(rows, []string{segment.Label, number(segment.Value)})
		}
		return rows
	}
	header := []string{d.XLabel}
	values := make([]map[string]string, len(d.Series))
	for i, series := range d.Series {
		header = append(header, series.Name)
		values[i] = make(map[string]string, len(series.Data))
		for _, point := range series.Data {
			if _, ok := values[i][point.Label]; !ok {
				values[i][point.Label] = number(point.Value)
			}
		}
	}
	rows := [][]string{header}
	for _, category := range d.Categories {
		row := []string{category}
		for i := range d.Series {
			row = append(row, values[i][category])
		}
		rows = append(rows, row)
	}
	return rows
}

// number writes a number as JavaScript does.
func number(v float64) string {
	data, err := json.Marshal(v)
	if err != nil { // it is infinite, or no number
		return "?"
	}
	return string(data)
}
