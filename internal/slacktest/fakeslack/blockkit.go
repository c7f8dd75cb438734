package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Surface is where blocks are shown.
type Surface string

// The surfaces, with their bounds on blocks:
// https://docs.slack.dev/reference/block-kit/blocks
const (
	InMessage Surface = "message"
	Modal     Surface = "modal"
	Home      Surface = "home"
)

var mostBlocks = map[Surface]int{InMessage: 50, Modal: 100, Home: 100}

// CheckBlocks returns what is wrong with an array of blocks.
func CheckBlocks(data []byte, surface Surface) []string {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return []string{"blocks is no JSON array"}
	}
	c := &checker{surface: surface, blockIDs: map[string]bool{}, counts: map[string]int{}}
	c.count("blocks", len(list), 1, mostBlocks[surface])
	for i, block := range list {
		c.block(fmt.Sprintf("blocks[%d]", i), block)
	}
	// https://docs.slack.dev/reference/block-kit/blocks/table-block: the error
	// only_one_table_allowed.
	if n := c.counts["table"] + c.counts["data_table"]; n > 1 {
		c.fail("blocks", "has %d tables, one is allowed", n)
	}
	// Not documented; @chat-adapter/slack and slack-morphism know it.
	if n := c.counts["data_visualization"]; n > 2 {
		c.fail("blocks", "has %d charts, two are allowed", n)
	}
	return c.problems
}

// TextLength returns how much text the blocks have together.
func TextLength(data []byte) int {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return 0
	}
	n := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for key, e := range v {
				if text, ok := e.(string); ok && key == "text" {
					n += length(text)
				} else if key != "options" {
					walk(e)
				}
			}
		}
	}
	walk(v)
	return n
}

// checker gathers problems.
type checker struct {
	surface  Surface
	problems []string
	blockIDs map[string]bool
	counts   map[string]int
	inputs   int
}

func (c *checker) fail(at, format string, args ...any) {
	c.problems = append(c.problems, at+" "+fmt.Sprintf(format, args...))
}

func (c *checker) count(at string, n, least, most int) {
	if n < least || n > most {
		c.fail(at, "has %d entries, want %d to %d", n, least, most)
	}
}

// object is a JSON object whose fields are taken one by one; what is left over
// is not documented.
type object struct {
	c      *checker
	at     string
	fields map[string]json.RawMessage
	ok     bool
}

func (c *checker) object(at string, data json.RawMessage) *object {
	o := &object{c: c, at: at}
	if err := json.Unmarshal(data, &o.fields); err != nil || o.fields == nil {
		c.fail(at, "is no JSON object: %.80s", data)
		return o
	}
	o.ok = true
	return o
}

func (o *object) fail(field, format string, args ...any) { o.c.fail(o.at+"."+field, format, args...) }

// take returns a field's value and whether it is there. A null is as bad as a
// wrong type.
func (o *object) take(field string, required bool) (json.RawMessage, bool) {
	v, ok := o.fields[field]
	delete(o.fields, field)
	if !ok && required {
		o.fail(field, "is missing")
	}
	if ok && string(v) == "null" {
		o.fail(field, "is null")
		return nil, false
	}
	return v, ok
}

// into reads a field's value.
func (o *object) into(field string, required bool, into any, want string) bool {
	v, ok := o.take(field, required)
	if !ok {
		return false
	}
	if json.Unmarshal(v, into) != nil {
		o.fail(field, "is %.60s, want %s", v, want)
		return false
	}
	return true
}

// text reads a string with bounds.
func (o *object) text(field string, required bool, least, most int) string {
	var s string
	if o.into(field, required, &s, "a string") {
		if n := length(s); n < least || n > most {
			o.fail(field, "has %d characters, want %d to %d", n, least, most)
		}
	}
	return s
}

func (o *object) choice(field string, required bool, allowed ...string) string {
	var s string
	if o.into(field, required, &s, "a string") && !slices.Contains(allowed, s) {
		o.fail(field, "is %q, want one of %q", s, allowed)
	}
	return s
}

func (o *object) boolean(field string) bool {
	var b bool
	o.into(field, false, &b, "a boolean")
	return b
}

func (o *object) integer(field string, least, most int) {
	var n int
	if o.into(field, false, &n, "a whole number") && (n < least || n > most) {
		o.fail(field, "is %d, want %d to %d", n, least, most)
	}
}

func (o *object) list(field string, required bool, least, most int) []json.RawMessage {
	var list []json.RawMessage
	if o.into(field, required, &list, "an array") {
		o.c.count(o.at+"."+field, len(list), least, most)
	}
	return list
}

// done reports the fields that nobody took.
func (o *object) done() {
	for _, field := range slices.Sorted(maps.Keys(o.fields)) {
		o.fail(field, "is not documented")
	}
}

// url checks an address that Slack fetches or opens.
func (o *object) url(field string, required bool, schemes ...string) {
	s := o.text(field, required, 1, 3000)
	if s == "" {
		return
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || !slices.Contains(schemes, scheme) || strings.ContainsAny(s, " \n\t<>\"") {
		o.fail(field, "is %q, want an address with one of %q", s, schemes)
	}
}

// textObject checks a composition object for text.
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
func (o *object) textObject(field string, required bool, most int, types ...string) {
	v, ok := o.take(field, required)
	if ok {
		o.c.textObject(o.at+"."+field, v, most, types...)
	}
}

func (c *checker) textObject(at string, data json.RawMessage, most int, types ...string) {
	o := c.object(at, data)
	if !o.ok {
		return
	}
	kind := o.choice("type", true, types...)
	text := o.text("text", true, 1, min(most, 3000))
	if strings.TrimSpace(text) == "" && text != " " {
		o.fail("text", "is blank")
	}
	if _, ok := o.fields["emoji"]; ok && kind != "plain_text" {
		o.fail("emoji", "is for plain_text only")
	}
	o.boolean("emoji")
	if _, ok := o.fields["verbatim"]; ok && kind != "mrkdwn" {
		o.fail("verbatim", "is for mrkdwn only")
	}
	o.boolean("verbatim")
	if kind == "mrkdwn" {
		c.problems = append(c.problems, checkMrkdwn(at+".text", text)...)
		c.problems = append(c.problems, checkBroadcast(at+".text", text)...)
	}
	o.done()
}

// checkMrkdwn checks that &, < and > are escaped but for Slack's own sequences.
// https://docs.slack.dev/messaging/formatting-message-text#escaping
func checkMrkdwn(at, text string) (problems []string) {
	rest := text
	for {
		i := strings.IndexAny(rest, "<>&")
		if i < 0 {
			return problems
		}
		rest = rest[i:]
		switch {
		case strings.HasPrefix(rest, "&amp;"), strings.HasPrefix(rest, "&lt;"), strings.HasPrefix(rest, "&gt;"):
			rest = rest[1:]
		case rest[0] == '<':
			end := strings.IndexAny(rest[1:], "<>\n")
			if end < 0 || rest[1+end] != '>' || !isSequence(rest[1:1+end]) {
				problems = append(problems, fmt.Sprintf("%s has a < that is not escaped: %.40q", at, rest))
				rest = rest[1:]
				continue
			}
			rest = rest[end+2:]
		default:
			problems = append(problems, fmt.Sprintf("%s has a %c that is not escaped: %.40q", at, rest[0], rest))
			rest = rest[1:]
		}
	}
}

// checkBroadcast checks that the text notifies no channel and no group.
// https://docs.slack.dev/messaging/formatting-message-text#special-mentions
func checkBroadcast(at, text string) []string {
	for _, special := range []string{"<!here", "<!channel", "<!everyone", "<!subteam^"} {
		if strings.Contains(text, special) {
			return []string{fmt.Sprintf("%s has a < that is not escaped and notifies a channel or a group: %s", at, special)}
		}
	}
	return nil
}

func isSequence(s string) bool {
	target, _, _ := strings.Cut(s, "|")
	for _, prefix := range []string{"@U", "@W", "#C", "!date^", "!here", "!channel", "!everyone", "!subteam^S"} {
		if strings.HasPrefix(target, prefix) {
			return true
		}
	}
	scheme, rest, ok := strings.Cut(target, ":")
	return ok && rest != "" && scheme != "" && strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == "" &&
		!strings.ContainsAny(target, " \n")
}
