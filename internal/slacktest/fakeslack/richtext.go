package fakeslack

import (
	"encoding/json"
	"fmt"
)

// richText checks the elements of a rich text.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
func (c *checker) richText(o *object) {
	for i, data := range o.list("elements", true, 1, 1000) {
		e := c.object(fmt.Sprintf("%s.elements[%d]", o.at, i), data)
		switch e.choice("type", true, "rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote") {
		case "rich_text_list":
			e.choice("style", true, "bullet", "ordered")
			e.integer("indent", 0, 8)
			e.integer("offset", 0, 1_000_000)
			e.integer("border", 0, 1)
			for j, item := range e.list("elements", true, 1, 1000) {
				section := c.object(fmt.Sprintf("%s.elements[%d]", e.at, j), item)
				section.choice("type", true, "rich_text_section")
				c.inline(section)
				section.done()
			}
		default:
			e.integer("border", 0, 1)
			e.text("language", false, 1, 100)
			c.inline(e)
		}
		e.done()
	}
}

func (c *checker) inline(o *object) {
	for i, data := range o.list("elements", true, 1, 5000) {
		e := c.object(fmt.Sprintf("%s.elements[%d]", o.at, i), data)
		switch e.choice("type", true, "text", "link", "user", "channel", "emoji") {
		case "text":
			e.text("text", true, 1, 1<<20)
		case "link":
			e.text("url", true, 1, 3000)
			e.text("text", false, 1, 1<<20)
			e.boolean("unsafe")
		case "user":
			e.text("user_id", true, 1, 64)
		case "channel":
			e.text("channel_id", true, 1, 64)
		case "emoji":
			e.text("name", true, 1, 255)
			e.text("unicode", false, 1, 255)
		}
		if v, ok := e.take("style", false); ok {
			s := c.object(e.at+".style", v)
			for _, field := range []string{"bold", "italic", "strike", "code", "underline"} {
				s.boolean(field)
			}
			s.done()
		}
		e.done()
	}
}

// CheckView returns what is wrong with a view.
// https://docs.slack.dev/reference/views
func CheckView(data []byte, surface Surface) []string {
	c := &checker{surface: surface, blockIDs: map[string]bool{}, counts: map[string]int{}}
	o := c.object("view", json.RawMessage(data))
	if !o.ok {
		return c.problems
	}
	blocks := o.list("blocks", true, 1, mostBlocks[surface])
	for i, block := range blocks {
		c.block(fmt.Sprintf("view.blocks[%d]", i), block)
	}
	o.text("private_metadata", false, 0, 3000)
	o.text("callback_id", false, 0, 255)
	o.text("external_id", false, 0, 255)
	if surface == Home {
		o.choice("type", true, "home")
		o.done()
		return c.problems
	}
	o.choice("type", true, "modal")
	if _, ok := o.fields["submit"]; c.inputs > 0 && !ok {
		o.fail("submit", "is missing, and there are input blocks")
	}
	for field, must := range map[string]bool{"title": true, "submit": false, "close": false} {
		o.textObject(field, must, 24, "plain_text")
	}
	o.boolean("clear_on_close")
	o.boolean("notify_on_close")
	o.boolean("submit_disabled")
	o.done()
	return c.problems
}
