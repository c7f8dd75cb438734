package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
)

// On which surfaces a block may stand, by
// https://docs.slack.dev/reference/block-kit/blocks.
var surfaces = map[string][]Surface{
	"section": {InMessage, Modal, Home}, "header": {InMessage, Modal, Home}, "context": {InMessage, Modal, Home},
	"divider": {InMessage, Modal, Home}, "image": {InMessage, Modal, Home}, "actions": {InMessage, Modal, Home},
	"rich_text": {InMessage, Modal, Home}, "input": {InMessage, Modal, Home}, "markdown": {InMessage}, "table": {InMessage},
	"data_table": {InMessage}, "data_visualization": {InMessage}, "plan": {InMessage}, "task_card": {InMessage},
	"context_actions": {InMessage},
}

// block checks one block. Each case names its page below
// https://docs.slack.dev/reference/block-kit/blocks.
func (c *checker) block(at string, data json.RawMessage) {
	o := c.object(at, data)
	if !o.ok {
		return
	}
	kind := ""
	o.into("type", true, &kind, "a string")
	if where, ok := surfaces[kind]; !ok {
		o.fail("type", "is %q, which is no block", kind)
		return
	} else if !slices.Contains(where, c.surface) {
		o.fail("type", "is %q, which cannot stand in a %s", kind, c.surface)
	}
	c.counts[kind]++
	if id := o.text("block_id", false, 1, 255); id != "" {
		if c.blockIDs[id] {
			o.fail("block_id", "is %q a second time", id)
		}
		c.blockIDs[id] = true
	}
	switch kind {
	case "section": // section-block
		c.section(o)
	case "header": // header-block
		o.textObject("text", true, 150, "plain_text")
	case "context": // context-block
		for i, e := range o.list("elements", true, 1, 10) {
			c.contextElement(fmt.Sprintf("%s.elements[%d]", at, i), e)
		}
	case "divider":
	case "image": // image-block
		o.url("image_url", true, "http", "https")
		o.text("alt_text", true, 1, 2000)
		o.textObject("title", false, 2000, "plain_text")
	case "actions": // actions-block
		c.elements(at+".elements", o.list("elements", true, 1, 25), actionElements)
	case "context_actions": // context-actions-block
		c.elements(at+".elements", o.list("elements", true, 1, 5), []string{"feedback_buttons", "icon_button"})
	case "rich_text": // rich-text-block
		c.richText(o)
	case "input": // input-block
		c.input(o)
	case "markdown": // markdown-block
		o.text("text", true, 1, 12_000)
	case "table": // table-block
		c.table(o)
	case "data_table": // data-table-block
		c.dataTable(o)
	case "data_visualization": // data-visualization-block
		c.chart(o)
	case "plan": // plan-block
		o.text("title", true, 1, 256)
		for i, task := range o.list("tasks", false, 0, 50) {
			c.taskCard(c.object(fmt.Sprintf("%s.tasks[%d]", at, i), task))
		}
	case "task_card": // task-card-block
		c.taskCard(o)
	}
	o.done()
}

func (c *checker) section(o *object) {
	_, text := o.fields["text"]
	_, fields := o.fields["fields"]
	if !text && !fields {
		o.fail("text", "is missing, and so is fields")
	}
	o.textObject("text", false, 3000, "mrkdwn", "plain_text")
	for i, f := range o.list("fields", false, 1, 10) {
		c.textObject(fmt.Sprintf("%s.fields[%d]", o.at, i), f, 2000, "mrkdwn", "plain_text")
	}
	o.boolean("expand")
	if v, ok := o.take("accessory", false); ok {
		c.elements(o.at+".accessory", []json.RawMessage{v}, sectionElements)
	}
}

func (c *checker) contextElement(at string, data json.RawMessage) {
	var kind struct{ Type string }
	_ = json.Unmarshal(data, &kind)
	if kind.Type != "image" {
		c.textObject(at, data, 3000, "mrkdwn", "plain_text")
		return
	}
	o := c.object(at, data)
	o.choice("type", true, "image")
	o.url("image_url", true, "http", "https")
	o.text("alt_text", true, 1, 2000)
	o.done()
}

func (c *checker) input(o *object) {
	c.inputs++
	o.textObject("label", true, 2000, "plain_text")
	o.textObject("hint", false, 2000, "plain_text")
	o.boolean("optional")
	o.boolean("dispatch_action")
	if v, ok := o.take("element", true); ok {
		c.elements(o.at+".element", []json.RawMessage{v}, inputElements)
	}
}

// maxTableText is how much the cells of a table may hold together.
// https://docs.slack.dev/reference/block-kit/blocks/data-table-block
const maxTableText = 10_000

func (c *checker) table(o *object) {
	c.rows(o, o.list("rows", true, 1, 100), true)
	for i, setting := range o.list("column_settings", false, 1, 20) {
		if string(setting) == "null" {
			continue
		}
		s := c.object(fmt.Sprintf("%s.column_settings[%d]", o.at, i), setting)
		s.choice("align", false, "left", "center", "right")
		s.boolean("is_wrapped")
		s.done()
	}
}

func (c *checker) dataTable(o *object) {
	c.rows(o, o.list("rows", true, 2, 101), false)
	o.text("caption", true, 1, 3000)
	o.integer("page_size", 1, 100)
	o.integer("row_header_column_index", 0, 19)
}

func (c *checker) rows(o *object, rows []json.RawMessage, richHeader bool) {
	columns, total := -1, 0
	for i, data := range rows {
		at := fmt.Sprintf("%s.rows[%d]", o.at, i)
		var cells []json.RawMessage
		if json.Unmarshal(data, &cells) != nil {
			c.fail(at, "is no array")
			continue
		}
		c.count(at, len(cells), 1, 20)
		if columns < 0 {
			columns = len(cells)
		}
		if len(cells) != columns {
			c.fail(at, "has %d cells, the first row has %d", len(cells), columns)
		}
		for j, cell := range cells {
			e := c.object(fmt.Sprintf("%s[%d]", at, j), cell)
			switch kind := e.choice("type", true, "raw_text", "raw_number", "rich_text"); kind {
			case "raw_text":
				total += length(e.text("text", true, 1, maxTableText))
			case "raw_number":
				var n float64
				e.into("value", true, &n, "a number")
				e.text("text", false, 1, maxTableText)
			case "rich_text":
				if i == 0 && !richHeader {
					e.fail("type", "is rich_text in the header")
				}
				total += TextLength(cell)
				c.richText(e)
			}
			e.done()
		}
	}
	if total > maxTableText {
		c.fail(o.at+".rows", "have %d characters, the bound is %d", total, maxTableText)
	}
}

func (c *checker) chart(o *object) {
	o.text("title", true, 1, 50)
	v, ok := o.take("chart", true)
	if !ok {
		return
	}
	d := c.object(o.at+".chart", v)
	if d.choice("type", true, "pie", "bar", "area", "line") == "pie" {
		for i, segment := range d.list("segments", true, 1, 6) {
			s := c.object(fmt.Sprintf("%s.segments[%d]", d.at, i), segment)
			s.text("label", true, 1, 20)
			var n float64
			if s.into("value", true, &n, "a number") && n <= 0 {
				s.fail("value", "is %v, want more than 0", n)
			}
			s.done()
		}
		d.done()
		return
	}
	axes, _ := d.take("axis_config", true)
	a := c.object(d.at+".axis_config", axes)
	var categories []string
	a.into("categories", true, &categories, "an array of strings")
	c.count(a.at+".categories", len(categories), 1, 20)
	for i, category := range categories {
		if n := length(category); n < 1 || n > 20 || slices.Contains(categories[:i], category) {
			a.fail("categories", "[%d] is %q, want 1 to 20 characters, and each once", i, category)
		}
	}
	a.text("x_label", false, 1, 50)
	a.text("y_label", false, 1, 50)
	a.done()
	names := map[string]bool{}
	for i, series := range d.list("series", true, 1, 6) {
		s := c.object(fmt.Sprintf("%s.series[%d]", d.at, i), series)
		name := s.text("name", true, 1, 20)
		if names[name] {
			s.fail("name", "is %q a second time", name)
		}
		names[name] = true
		var seen []string
		for j, point := range s.list("data", true, 1, 20) {
			p := c.object(fmt.Sprintf("%s.data[%d]", s.at, j), point)
			label := p.text("label", true, 1, 20)
			var n float64
			p.into("value", true, &n, "a number")
			p.done()
			if slices.Contains(seen, label) || !slices.Contains(categories, label) {
				p.fail("label", "is %q, want each category once", label)
			}
			seen = append(seen, label)
		}
		if len(seen) != len(categories) {
			s.fail("data", "has %d points for %d categories", len(seen), len(categories))
		}
		s.done()
	}
	d.done()
}

func (c *checker) taskCard(o *object) {
	if _, ok := o.fields["type"]; ok {
		o.choice("type", true, "task_card")
	}
	o.text("task_id", true, 1, 255)
	o.text("title", true, 1, 256)
	o.choice("status", false, "pending", "in_progress", "complete", "error")
	for _, field := range []string{"details", "output"} {
		if v, ok := o.take(field, false); ok {
			r := c.object(o.at+"."+field, v)
			r.choice("type", true, "rich_text")
			c.richText(r)
			r.done()
		}
	}
	o.boolean("hide_title")
	o.list("sources", false, 0, 50)
	o.done()
}
