package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Where an element may stand, of those that the checker knows.
var (
	actionElements  = []string{"button", "static_select", "external_select", "radio_buttons", "datepicker", "overflow", "checkboxes"}
	sectionElements = []string{"button", "static_select", "external_select", "radio_buttons", "datepicker", "overflow", "checkboxes", "image"}
	inputElements   = []string{"plain_text_input", "static_select", "external_select", "radio_buttons", "datepicker", "number_input", "checkboxes"}
)

// elements checks the elements of one block. Their action ids differ: the page
// of each element says so.
func (c *checker) elements(at string, list []json.RawMessage, allowed []string) {
	ids := map[string]bool{}
	for i, data := range list {
		o := c.object(fmt.Sprintf("%s[%d]", at, i), data)
		if !o.ok {
			continue
		}
		kind := ""
		o.into("type", true, &kind, "a string")
		if !slices.Contains(allowed, kind) {
			o.fail("type", "is %q, which cannot stand there", kind)
			continue
		}
		if id := o.text("action_id", false, 1, 255); id != "" {
			if ids[id] {
				o.fail("action_id", "is %q a second time in the block", id)
			}
			ids[id] = true
		}
		c.element(o, kind)
		o.done()
	}
}

// element checks one element. Each case names its page below
// https://docs.slack.dev/reference/block-kit/block-elements.
func (c *checker) element(o *object, kind string) {
	switch kind {
	case "button": // button-element
		o.textObject("text", true, 75, "plain_text")
		o.url("url", false, "http", "https", "mailto", "tel", "slack")
		o.text("value", false, 1, 2000)
		o.choice("style", false, "primary", "danger")
		o.text("accessibility_label", false, 1, 75)
	case "feedback_buttons": // feedback-buttons-element
		for _, name := range []string{"positive_button", "negative_button"} {
			v, _ := o.take(name, true)
			b := c.object(o.at+"."+name, v)
			if b.ok {
				b.textObject("text", true, 75, "plain_text")
				b.text("value", true, 1, 2000)
				b.text("accessibility_label", false, 1, 75)
				b.done()
			}
		}
	case "static_select": // select-menu-element
		o.textObject("placeholder", false, 150, "plain_text")
		c.options(o, 100, "plain_text")
		o.boolean("focus_on_load")
	case "external_select":
		o.textObject("placeholder", false, 150, "plain_text")
		o.integer("min_query_length", 0, 1000)
		if v, ok := o.take("initial_option", false); ok {
			c.option(o.at+".initial_option", v, "plain_text")
		}
		o.boolean("focus_on_load")
	case "radio_buttons": // radio-button-group-element
		c.options(o, 10, "plain_text", "mrkdwn")
		o.boolean("focus_on_load")
	case "datepicker": // date-picker-element
		o.textObject("placeholder", false, 150, "plain_text")
		var date string
		if o.into("initial_date", false, &date, "a string") {
			if _, err := time.Parse(time.DateOnly, date); err != nil {
				o.fail("initial_date", "is %q, want YYYY-MM-DD", date)
			}
		}
	case "plain_text_input": // plain-text-input-element
		o.textObject("placeholder", false, 150, "plain_text")
		var longest int
		if v, ok := o.fields["max_length"]; ok {
			_ = json.Unmarshal(v, &longest)
		}
		o.integer("max_length", 1, 3000)
		o.integer("min_length", 0, 3000)
		if longest == 0 {
			longest = 3000
		}
		o.text("initial_value", false, 1, longest)
		o.boolean("multiline")
	case "number_input": // number-input-element
		o.textObject("placeholder", false, 150, "plain_text")
		var decimal bool
		o.into("is_decimal_allowed", true, &decimal, "a boolean")
		for _, field := range []string{"initial_value", "min_value", "max_value"} {
			var s string
			if !o.into(field, false, &s, "a string") {
				continue
			}
			if _, err := strconv.ParseFloat(s, 64); err != nil {
				o.fail(field, "is %q, want a number", s)
			}
			if _, err := strconv.Atoi(s); err != nil && !decimal {
				o.fail(field, "is %q, want a whole number", s)
			}
		}
	case "image": // image-element
		o.url("image_url", true, "http", "https")
		o.text("alt_text", true, 1, 2000)
	default:
		o.fail("type", "is %q, which the checker does not know", kind)
	}
}

// options checks the options of a menu, and the one that is chosen at first.
// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
func (c *checker) options(o *object, most int, texts ...string) {
	list := o.list("options", true, 1, most)
	values := map[string]bool{}
	var known []string
	for i, data := range list {
		at := fmt.Sprintf("%s.options[%d]", o.at, i)
		value := c.option(at, data, texts...)
		if values[value] {
			c.fail(at+".value", "is %q a second time", value)
		}
		values[value] = true
		known = append(known, string(data))
	}
	if v, ok := o.take("initial_option", false); ok && !slices.Contains(known, string(v)) {
		o.fail("initial_option", "is %s, which is none of the options", v)
	}
}

func (c *checker) option(at string, data json.RawMessage, texts ...string) string {
	o := c.object(at, data)
	o.textObject("text", true, 75, texts...)
	value := o.text("value", true, 1, 150)
	o.textObject("description", false, 75, texts...)
	o.done()
	return value
}
