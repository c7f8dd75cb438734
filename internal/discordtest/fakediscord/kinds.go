package fakediscord

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"unicode/utf16"
)

// https://docs.discord.com/developers/resources/message#allowed-mentions-object
func allowedMentions(value any) []string {
	o, ok := value.(map[string]any)
	if !ok {
		return []string{"is no object"}
	}
	problems := checkObject("", map[string]kind{
		"parse": list(0, 3, oneOf("roles", "users", "everyone")), "users": list(0, 100, snowflake), "roles": list(0, 100, snowflake), "replied_user": boolean,
	}, o)
	if users, _ := o["users"].([]any); len(users) > 0 {
		if parse, _ := o["parse"].([]any); slices.Contains(parse, any("users")) {
			problems = append(problems, "has users, and parses them, too")
		}
	}
	return problems
}

var address = regexp.MustCompile(`^https?://[^\s]+$`)

func link(most int) kind {
	return func(value any) []string {
		words, ok := value.(string)
		return one(ok && address.MatchString(words) && len(words) <= most, fmt.Sprintf("is no address of at most %d characters", most))
	}
}

// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
var embed = object(map[string]kind{
	"title": text(1, 256), "description": text(1, 4096), "color": integer(0, 0xffffff), "url": link(2048), "image": object(map[string]kind{"url!": link(2048)}),
	"fields": list(0, 25, object(map[string]kind{"name!": text(1, 256), "value!": text(1, 1024), "inline": boolean})),
})

func embeds(value any) []string {
	problems := list(0, 10, embed)(value)
	items, _ := value.([]any)
	total := 0
	for _, item := range items {
		e, _ := item.(map[string]any)
		if len(e) == 0 || len(e) == 1 && e["color"] != nil {
			problems = append(problems, "has an embed with nothing in it")
		}
		total += lengths(e["title"], e["description"])
		fields, _ := e["fields"].([]any)
		for _, f := range fields {
			field, _ := f.(map[string]any)
			total += lengths(field["name"], field["value"])
		}
	}
	return append(problems, one(total <= 6000, fmt.Sprintf("has %d characters in all, more than 6000", total))...)
}

func lengths(values ...any) (n int) {
	for _, v := range values {
		words, _ := v.(string)
		n += len(utf16.Encode([]rune(words)))
	}
	return n
}

var customID = text(1, 100)

// https://docs.discord.com/developers/components/reference#button
var button = map[string]kind{
	"type!": integer(2, 2), "style!": integer(1, 6), "label": text(1, 80), "custom_id": customID, "url": link(512), "disabled": boolean,
}

// https://docs.discord.com/developers/components/reference#string-select
var selectMenu = map[string]kind{
	"type!": integer(3, 3), "custom_id!": customID, "placeholder": text(0, 150), "min_values": integer(0, 25), "max_values": integer(1, 25), "disabled": boolean,
	"options!": list(1, 25, object(map[string]kind{"label!": text(1, 100), "value!": text(1, 100), "description": text(1, 100), "default": boolean})),
}

// https://docs.discord.com/developers/components/reference#text-input
var textInput = map[string]kind{
	"type!": integer(4, 4), "custom_id!": customID, "style!": integer(1, 2), "min_length": integer(0, 4000), "max_length": integer(1, 4000),
	"required": boolean, "value": text(0, 4000), "placeholder": text(0, 100),
}

// https://docs.discord.com/developers/components/reference#action-row
func components(value any) (problems []string) {
	problems = list(0, 5, object(map[string]kind{"type!": integer(1, 1), "components!": list(1, 5, rowChild)}))(value)
	used := map[string]bool{}
	rows, _ := value.([]any)
	for _, r := range rows {
		row, _ := r.(map[string]any)
		children, _ := row["components"].([]any)
		for _, child := range children {
			c, _ := child.(map[string]any)
			id, _ := c["custom_id"].(string)
			if id != "" && used[id] {
				problems = append(problems, fmt.Sprintf("has the custom_id %q twice", id))
			}
			used[id] = true
			if c["type"] == 3.0 && len(children) > 1 {
				problems = append(problems, "has a menu that is not alone in its row")
			}
		}
	}
	return problems
}

func rowChild(value any) []string {
	c, _ := value.(map[string]any)
	if c["type"] == 3.0 {
		return append(object(selectMenu)(value), distinct(c)...)
	}
	problems := object(button)(value)
	_, hasID := c["custom_id"]
	_, hasURL := c["url"]
	if isLink := c["style"] == 5.0; isLink != hasURL || isLink == hasID || c["label"] == nil {
		problems = append(problems, "has a button that cannot be")
	}
	return problems
}

// distinct looks for options with the same value.
func distinct(menu map[string]any) (problems []string) {
	used := map[string]bool{}
	options, _ := menu["options"].([]any)
	for _, o := range options {
		option, _ := o.(map[string]any)
		v, _ := option["value"].(string)
		if used[v] {
			problems = append(problems, fmt.Sprintf("has the option %q twice", v))
		}
		used[v] = true
	}
	return problems
}

// https://docs.discord.com/developers/components/reference#label
func modalComponent(value any) []string {
	c, _ := value.(map[string]any)
	switch c["type"] {
	case 10.0:
		return object(map[string]kind{"type!": integer(10, 10), "content!": text(1, 4000)})(value)
	case 18.0:
		return object(map[string]kind{"type!": integer(18, 18), "label!": text(1, 45), "description": text(1, 100), "component!": func(value any) []string {
			c, _ := value.(map[string]any)
			if c["type"] == 3.0 {
				spec := maps.Clone(selectMenu)
				delete(spec, "disabled")
				spec["required"] = boolean
				return append(object(spec)(value), distinct(c)...)
			}
			return object(textInput)(value)
		}})(value)
	}
	return []string{fmt.Sprintf("has a component of the type %v, which a modal has not", c["type"])}
}

// https://docs.discord.com/developers/resources/message#create-message-jsonform-params
var messageArgs = map[string]kind{
	"content": text(0, 2000), "embeds": embeds, "components": components, "allowed_mentions!": allowedMentions,
	"attachments":       list(0, 10, object(map[string]kind{"id!": integer(0, 9), "filename!": text(1, 260), "description": text(0, 1024)})),
	"message_reference": object(map[string]kind{"message_id!": snowflake, "fail_if_not_exists": boolean}),
}

// with is a specification with some more.
func with(spec map[string]kind, more map[string]kind) map[string]kind {
	all := maps.Clone(spec)
	maps.Copy(all, more)
	return all
}

// without is one with fewer.
func without(spec map[string]kind, names ...string) map[string]kind {
	all := maps.Clone(spec)
	for _, name := range names {
		delete(all, name)
	}
	return all
}

var hookArgs = with(without(messageArgs, "message_reference"), map[string]kind{"flags": integer(64, 64)})

// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
func response(value any) []string {
	r, _ := value.(map[string]any)
	data, _ := r["data"].(map[string]any)
	switch r["type"] {
	case 4.0:
		return checkObject("data.", hookArgs, data)
	case 5.0:
		return checkObject("data.", map[string]kind{"flags": integer(64, 64)}, data)
	case 6.0:
		return one(len(data) == 0, "has data")
	case 8.0:
		return checkObject("data.", map[string]kind{"choices!": list(0, 25, object(map[string]kind{"name!": text(1, 100), "value!": func(any) []string { return nil }}))}, data)
	case 9.0:
		return checkObject("data.", map[string]kind{"custom_id!": customID, "title!": text(1, 45), "components!": list(1, 5, modalComponent)}, data)
	}
	return []string{fmt.Sprintf("is a response of the type %v", r["type"])}
}

// CheckResponse returns what is wrong with what a webhook was answered with.
func CheckResponse(r map[string]any) []string { return response(r) }
