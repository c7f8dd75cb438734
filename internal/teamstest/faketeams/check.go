package faketeams

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// activityFields are the fields that the adapter's activities may have, of those that are
// documented, with their types.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
var activityFields = map[string]string{
	"type": "text", "text": "text", "textFormat": "text", "summary": "text", "entities": "list", "attachments": "list", "suggestedActions": "object", "recipient": "object",
}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	case bool:
		return "bool"
	case float64:
		return "number"
	}
	return "nothing"
}

// CheckActivity returns what is wrong with the body of a call by itself.
func CheckActivity(body map[string]any) error {
	for name, value := range body {
		if want := activityFields[name]; want == "" || want != kindOf(value) {
			return fmt.Errorf("the activity's field %q is %s, want %q", name, kindOf(value), want)
		}
	}
	text, _ := body["text"].(string)
	attachments := list(body["attachments"])
	switch body["type"] {
	case "typing":
		if len(attachments) > 0 {
			return fmt.Errorf("a typing activity has attachments")
		}
		if info, streamed := streamInfo(body); streamed {
			if sequence, ok := info["streamSequence"].(float64); !ok || sequence < 1 || text == "" || info["streamType"] != "informative" && info["streamType"] != "streaming" {
				return fmt.Errorf("an update of a stream is %v", info)
			}
			if info["streamType"] == "informative" && len([]rune(text)) > 1000 {
				return fmt.Errorf("an informative update of %d characters, want 1000 at most", len([]rune(text)))
			}
		}
	case "message":
		if info, streamed := streamInfo(body); streamed && (info["streamType"] != "final" || info["streamSequence"] != nil || info["streamId"] == nil) {
			return fmt.Errorf("the end of a stream is %v", info)
		}
		if strings.TrimSpace(text) == "" && len(attachments) == 0 {
			return fmt.Errorf("the message has neither text nor attachments")
		}
	default:
		return fmt.Errorf("the activity's type is %v", body["type"])
	}
	if format, ok := body["textFormat"]; ok && format != "markdown" && format != "plain" && format != "xml" {
		return fmt.Errorf("the textFormat is %v", format)
	}
	for _, e := range list(body["entities"]) {
		switch e["type"] {
		case "mention":
			if err := checkMention(e, text); err != nil {
				return err
			}
		case "streaminfo":
		default:
			return fmt.Errorf("an entity is %v", e["type"])
		}
	}
	for _, a := range attachments {
		if err := checkAttachment(a); err != nil {
			return err
		}
	}
	if actions, ok := body["suggestedActions"].(map[string]any); ok {
		all := list(actions["actions"])
		if len(all) == 0 || len(all) > 3 {
			return fmt.Errorf("%d suggested actions, want 1 to 3", len(all))
		}
		for _, action := range all {
			if action["type"] != "imBack" || action["title"] == "" {
				return fmt.Errorf("a suggested action is %v", action)
			}
		}
	}
	return nil
}

// checkMention checks an entity, whose text must stand in the message's word for word.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations#add-mentions-to-your-messages
func checkMention(e map[string]any, text string) error {
	who, _ := e["mentioned"].(map[string]any)
	id, _ := who["id"].(string)
	name, _ := who["name"].(string)
	said, _ := e["text"].(string)
	if id == "" || name == "" || !strings.HasPrefix(said, "<at>") || !strings.HasSuffix(said, "</at>") || !strings.Contains(text, said) {
		return fmt.Errorf("a mention of %q as %q, which is not in the text", id, said)
	}
	return nil
}

func checkAttachment(a map[string]any) error {
	for name := range a {
		if !slices.Contains([]string{"contentType", "contentUrl", "content", "name"}, name) {
			return fmt.Errorf("an attachment has the field %q", name)
		}
	}
	switch kind, _ := a["contentType"].(string); kind {
	case "application/vnd.microsoft.card.adaptive":
		content, _ := a["content"].(map[string]any)
		return checkCard(content)
	case "image/png", "image/jpeg", "image/gif":
		address, _ := a["contentUrl"].(string)
		if !strings.HasPrefix(address, "data:"+kind+";base64,") {
			return fmt.Errorf("a picture without data")
		}
		return nil
	case "application/vnd.microsoft.teams.card.file.consent":
		content, _ := a["content"].(map[string]any)
		if a["name"] == nil || kindOf(content["sizeInBytes"]) != "number" || kindOf(content["acceptContext"]) != "object" || kindOf(content["declineContext"]) != "object" {
			return fmt.Errorf("a file consent card with %v", a)
		}
		return nil
	case "application/vnd.microsoft.teams.card.file.info":
		content, _ := a["content"].(map[string]any)
		if a["name"] == nil || a["contentUrl"] == nil || content["uniqueId"] == nil || content["fileType"] == nil {
			return fmt.Errorf("a file card with %v", a)
		}
		return nil
	default:
		return fmt.Errorf("an attachment is %q", kind)
	}
}

// elements are the elements of Adaptive Cards of version 1.5 with their properties: those
// that are required, and the others that are known.
// https://adaptivecards.io/explorer/
var elements = map[string][2]string{
	"AdaptiveCard":    {"version body", "$schema msteams actions"},
	"TextBlock":       {"text", "wrap size weight isSubtle color"},
	"Image":           {"url", "size altText"},
	"Container":       {"items", "separator style"},
	"FactSet":         {"facts", ""},
	"ActionSet":       {"actions", ""},
	"Table":           {"columns rows", "showGridLines firstRowAsHeaders gridStyle verticalCellContentAlignment"},
	"TableRow":        {"cells", ""},
	"TableCell":       {"items", ""},
	"Action.Submit":   {"title", "data style tooltip isEnabled associatedInputs"},
	"Action.OpenUrl":  {"title url", "style tooltip"},
	"Input.Text":      {"id", "label isRequired errorMessage placeholder value maxLength isMultiline"},
	"Input.Date":      {"id", "label isRequired errorMessage placeholder value"},
	"Input.Number":    {"id", "label isRequired errorMessage placeholder value min max"},
	"Input.ChoiceSet": {"id choices", "label isRequired errorMessage placeholder value style choices.data"},
}

// checkCard checks an Adaptive Card.
func checkCard(content map[string]any) error {
	if content["type"] != "AdaptiveCard" || content["version"] != "1.5" {
		return fmt.Errorf("a card of the type %v and the version %v", content["type"], content["version"])
	}
	if err := checkElement(content); err != nil {
		return err
	}
	extra, _ := content["msteams"].(map[string]any)
	text, _ := json.Marshal(content["body"]) // it came as JSON
	shown := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text))
	for _, e := range list(extra["entities"]) {
		if err := checkMention(e, shown); err != nil {
			return err
		}
	}
	if width, ok := extra["width"]; ok && width != "Full" {
		return fmt.Errorf("a card of the width %v", width)
	}
	return nil
}

func checkElement(e map[string]any) error {
	kind, _ := e["type"].(string)
	allowed, ok := elements[kind]
	if !ok {
		return fmt.Errorf("an element of the type %q", kind)
	}
	required := strings.Fields(allowed[0])
	for _, name := range required {
		if e[name] == nil {
			return fmt.Errorf("a %s without %s", kind, name)
		}
	}
	known := slices.Concat(required, strings.Fields(allowed[1]), []string{"type"})
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("a %s with %s", kind, name)
		}
	}
	if address, ok := e["url"].(string); ok {
		if u, err := url.Parse(address); err != nil || u.Scheme == "" {
			return fmt.Errorf("a %s with the address %q", kind, address)
		}
	}
	if kind == "ActionSet" && len(list(e["actions"])) > 6 {
		return fmt.Errorf("%d actions in a set, want 6 at most", len(list(e["actions"])))
	}
	for _, name := range []string{"body", "items", "actions", "rows", "cells"} {
		items, ok := e[name].([]any)
		if e[name] != nil && !ok {
			return fmt.Errorf("a %s whose %s is no list", kind, name)
		}
		for _, item := range items {
			inner, ok := item.(map[string]any)
			if !ok {
				return fmt.Errorf("a %s whose %s has something else than objects", kind, name)
			}
			if err := checkElement(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutPictures is a body without the pictures in it, which are not counted.
func withoutPictures(body map[string]any) map[string]any {
	out := maps.Clone(body)
	var rest []any
	for _, a := range list(body["attachments"]) {
		if address, _ := a["contentUrl"].(string); !strings.HasPrefix(address, "data:") {
			rest = append(rest, a)
		}
	}
	out["attachments"] = rest
	return out
}
