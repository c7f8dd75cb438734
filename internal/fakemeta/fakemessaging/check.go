package fakemessaging

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// fields are the arguments of the Send API:
//
//   - https://developers.facebook.com/docs/messenger-platform/reference/send-api
//   - https://developers.facebook.com/docs/graph-api/reference/page/messages
func (s *Server) fields() fakemeta.Fields {
	return fakemeta.Fields{
		"recipient!":     fakemeta.Object(fakemeta.Fields{"id!": digits}),
		"messaging_type": fakemeta.OneOf("RESPONSE", "UPDATE", "MESSAGE_TAG"),
		"tag":            fakemeta.OneOf("HUMAN_AGENT"),
		"sender_action":  fakemeta.OneOf("typing_on", "typing_off", "mark_seen", "react", "unreact"),
		"payload":        fakemeta.Object(fakemeta.Fields{"message_id!": fakemeta.Text(1024), "reaction": fakemeta.Text(32)}),
		"reply_to":       fakemeta.Object(fakemeta.Fields{"mid!": fakemeta.Text(1024)}),
		"message":        fakemeta.Object(fakemeta.Fields{"text": s.config.Text, "attachment": s.attachment, "quick_replies": quickReplies}),
	}
}

func digits(name string, value any) []string {
	text, ok := value.(string)
	if ok && text != "" && strings.Trim(text, "0123456789") == "" {
		return nil
	}
	return []string{name + " is no id"}
}

// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies
var quickReplies = fakemeta.List(1, 13, fakemeta.Object(fakemeta.Fields{
	"content_type!": fakemeta.OneOf("text"), "title!": fakemeta.Text(20), "payload!": fakemeta.Text(1000),
}))

// buttons are those of a template.
//
//   - https://developers.facebook.com/docs/messenger-platform/reference/buttons/postback
//   - https://developers.facebook.com/docs/messenger-platform/reference/buttons/url
var buttons = fakemeta.List(1, 3, func(name string, value any) []string {
	fields := fakemeta.Fields{"type!": fakemeta.OneOf("postback"), "title!": fakemeta.Text(20), "payload!": fakemeta.Text(1000)}
	if b, ok := value.(map[string]any); ok && b["type"] == "web_url" {
		fields = fakemeta.Fields{"type!": fakemeta.OneOf("web_url"), "title!": fakemeta.Text(20), "url!": fakemeta.Address}
	}
	return fakemeta.Object(fields)(name, value)
})

// templates are the payloads of templates:
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/template/button
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/template/generic
var templates = map[string]fakemeta.Fields{
	"button": {"template_type!": fakemeta.Any, "text!": fakemeta.Text(640), "buttons!": buttons},
	"generic": {"template_type!": fakemeta.Any, "elements!": fakemeta.List(1, 10, func(name string, value any) []string {
		problems := fakemeta.Object(fakemeta.Fields{
			"title!": fakemeta.Text(80), "subtitle": fakemeta.Text(80), "image_url": fakemeta.Address, "buttons": buttons,
		})(name, value)
		if element, ok := value.(map[string]any); ok && len(element) < 2 {
			problems = append(problems, name+" has nothing but its title")
		}
		return problems
	})},
}

// attachment is a template, or a file that is elsewhere or comes along.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets
func (s *Server) attachment(name string, value any) []string {
	object, ok := value.(map[string]any)
	payload := fakemeta.Object(fakemeta.Fields{"url": fakemeta.Address, "is_reusable": fakemeta.Boolean})
	if ok && object["type"] == "template" {
		template, _ := object["payload"].(map[string]any)
		fields, known := templates[fmt.Sprint(template["template_type"])]
		if !known {
			return []string{name + ".payload.template_type is no template"}
		}
		payload = fakemeta.Object(fields)
	}
	return fakemeta.Object(fakemeta.Fields{"type!": fakemeta.OneOf("image", "audio", "video", "file", "template"), "payload!": payload})(name, value)
}

// check returns what is wrong with a call of the Send API.
func (s *Server) check(c *fakemeta.Call) []string {
	problems := s.fields().Check(c.Args)
	has := func(name string) bool { return c.Args[name] != nil }
	action := fmt.Sprint(c.Args["sender_action"])
	reacts := action == "react" || action == "unreact"
	payload, _ := c.Args["payload"].(map[string]any)
	message, _ := c.Args["message"].(map[string]any)
	attachment, _ := message["attachment"].(map[string]any)
	file, uploaded := c.Files["filedata"]
	for problem, wrong := range map[string]bool{
		"it has neither a message nor a sender_action, or both":        has("message") == has("sender_action"),
		"a sender_action has other arguments than recipient, payload":  has("sender_action") && (has("messaging_type") || has("tag") || has("reply_to")),
		"a message has no messaging_type":                              has("message") && !has("messaging_type"),
		"a tag is for MESSAGE_TAG, and that needs one":                 has("tag") != (c.Args["messaging_type"] == "MESSAGE_TAG"),
		"a payload is for reactions, and those need one":               has("payload") != reacts,
		"react needs a reaction, and unreact has none":                 reacts && (payload["reaction"] == nil) == (action == "react"),
		"a message has neither text nor attachment, or both":           has("message") && (message["text"] == nil) == (message["attachment"] == nil),
		"a file is uploaded where none is announced, or the other way": has("message") && uploaded != isUpload(attachment),
	} {
		if wrong {
			problems = append(problems, problem)
		}
	}
	if kind, _ := attachment["type"].(string); uploaded {
		problems = append(problems, s.wrongMedia(kind, file.MIMEType)...)
	}
	return problems
}

// isUpload reports whether an attachment is a file that comes along.
func isUpload(attachment map[string]any) bool {
	payload, _ := attachment["payload"].(map[string]any)
	return attachment != nil && attachment["type"] != "template" && payload["url"] == nil
}

func (s *Server) wrongMedia(kind, mediaType string) []string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	if takes := s.config.Media[kind]; takes != nil {
		if slices.Contains(takes, mediaType) {
			return nil
		}
		return []string{fmt.Sprintf("filedata is %q, which is no %s", mediaType, kind)}
	}
	if kind != "file" && !strings.HasPrefix(mediaType, kind+"/") {
		return []string{fmt.Sprintf("filedata is %q, which is no %s", mediaType, kind)}
	}
	return nil
}
