package fakewhatsapp

import (
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// receipt are the arguments of a read mark. https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
var receipt = fakemeta.Fields{
	"messaging_product!": fakemeta.OneOf("whatsapp"), "status!": fakemeta.OneOf("read"), "message_id!": fakemeta.Text(512),
	"typing_indicator": fakemeta.Object(fakemeta.Fields{"type!": fakemeta.OneOf("text")}),
}

// contents are the arguments of each type of message.
var contents = fakemeta.Fields{
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages
	"text": fakemeta.Object(fakemeta.Fields{"body!": fakemeta.Text(4096), "preview_url": fakemeta.Boolean}),
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages, and likewise
	"image":    fakemeta.Object(fakemeta.Fields{"id": fakemeta.Text(64), "link": fakemeta.Address, "caption": fakemeta.Text(1024)}),
	"video":    fakemeta.Object(fakemeta.Fields{"id": fakemeta.Text(64), "link": fakemeta.Address, "caption": fakemeta.Text(1024)}),
	"audio":    fakemeta.Object(fakemeta.Fields{"id": fakemeta.Text(64), "link": fakemeta.Address}),
	"document": fakemeta.Object(fakemeta.Fields{"id": fakemeta.Text(64), "link": fakemeta.Address, "caption": fakemeta.Text(1024), "filename": fakemeta.Text(240)}),
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/reaction-messages
	"reaction": fakemeta.Object(fakemeta.Fields{"message_id!": fakemeta.Text(512), "emoji!": isEmoji}),
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages
	"template": fakemeta.Object(fakemeta.Fields{
		"name!": fakemeta.Text(512), "language!": fakemeta.Object(fakemeta.Fields{"code!": fakemeta.Text(8)}),
		"components": fakemeta.List(1, 20, fakemeta.Object(fakemeta.Fields{
			"type!": fakemeta.OneOf("header", "body", "button"), "sub_type": fakemeta.OneOf("quick_reply", "url", "copy_code"), "index": fakemeta.Text(2),
			"parameters!": fakemeta.List(1, 100, fakemeta.Object(fakemeta.Fields{
				"type!": fakemeta.OneOf("text", "payload", "image", "video", "document"), "parameter_name": fakemeta.Text(512), "text": fakemeta.Text(1024),
				"payload": fakemeta.Text(256), "image": fakemeta.Any, "video": fakemeta.Any, "document": fakemeta.Any,
			})),
		})),
	}),
	"interactive": interactive,
}

// isEmoji takes one emoji, or none to remove it.
func isEmoji(name string, value any) []string {
	text, ok := value.(string)
	if !ok || len([]rune(text)) > 10 || slices.ContainsFunc([]rune(text), func(r rune) bool { return r < 0x80 && (r < '0' || r > '9') && r != '#' && r != '*' }) {
		return []string{name + fmt.Sprintf(" is %v, which is no emoji", value)}
	}
	return nil
}

// message returns the arguments of a message of the type.
func message(kind string) fakemeta.Fields {
	fields := fakemeta.Fields{
		"messaging_product!": fakemeta.OneOf("whatsapp"), "recipient_type": fakemeta.OneOf("individual"), "type!": fakemeta.Text(32),
		"to": fakemeta.Text(20), "recipient": fakemeta.Text(160), "context": fakemeta.Object(fakemeta.Fields{"message_id!": fakemeta.Text(512)}),
	}
	if rule := contents[kind]; rule != nil {
		fields[kind+"!"] = rule
	}
	return fields
}

// interactive checks buttons, lists and links.
func interactive(name string, value any) []string {
	object, _ := value.(map[string]any)
	kind, _ := object["type"].(string)
	body, action := 1024, fakemeta.Fields(nil)
	switch kind {
	case "button": // https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
		action = fakemeta.Fields{"buttons!": fakemeta.List(1, 3, fakemeta.Object(fakemeta.Fields{
			"type!": fakemeta.OneOf("reply"), "reply!": fakemeta.Object(fakemeta.Fields{"id!": fakemeta.Text(256), "title!": fakemeta.Text(20)}),
		}))}
	case "list": // https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
		body = 4096
		action = fakemeta.Fields{
			"button!": fakemeta.Text(20),
			"sections!": fakemeta.List(1, 10, fakemeta.Object(fakemeta.Fields{
				"title": fakemeta.Text(24),
				"rows!": fakemeta.List(1, 10, fakemeta.Object(fakemeta.Fields{"id!": fakemeta.Text(200), "title!": fakemeta.Text(24), "description": fakemeta.Text(72)})),
			})),
		}
	case "cta_url": // https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-cta-url-messages
		action = fakemeta.Fields{
			"name!": fakemeta.OneOf("cta_url"), "parameters!": fakemeta.Object(fakemeta.Fields{"display_text!": fakemeta.Text(20), "url!": fakemeta.Address}),
		}
	}
	problems := fakemeta.Object(fakemeta.Fields{
		"type!": fakemeta.OneOf("button", "list", "cta_url"), "action!": fakemeta.Object(action),
		"body!":  fakemeta.Object(fakemeta.Fields{"text!": fakemeta.Text(body)}),
		"footer": fakemeta.Object(fakemeta.Fields{"text!": fakemeta.Text(60)}),
		"header": fakemeta.Object(fakemeta.Fields{"type!": fakemeta.OneOf("text"), "text!": fakemeta.Text(60)}),
	})(name, value)
	ids, titles, rows := map[string]bool{}, map[string]bool{}, 0
	for _, c := range choicesOf(object) {
		if ids[c.ID] || titles[c.Title] {
			problems = append(problems, fmt.Sprintf("%s has %q twice", name, c.Title))
		}
		ids[c.ID], titles[c.Title] = true, true
		rows++
	}
	if rows > 10 {
		problems = append(problems, fmt.Sprintf("%s has %d rows, and lists have at most 10", name, rows))
	}
	return problems
}
