package fakemessaging

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// rateLimit is the code of a call above the rate limit.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
const rateLimit = 613

// act does what a sender action asks for.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/sender-actions
func (s *Server) act(c *fakemeta.Call, user, action string) (any, *fakemeta.Failure) {
	thread := s.config.Thread(user)
	answer := map[string]any{"recipient_id": user}
	switch action {
	case "typing_on":
		return answer, fakemeta.FailureOf(s.Type(thread), rateLimit)
	case "typing_off":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stopped[thread]++
		return answer, nil
	case "mark_seen":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[thread]++
		return answer, nil
	}
	payload, _ := c.Args["payload"].(map[string]any)
	id := chat.MessageID(fmt.Sprint(payload["message_id"]))
	s.mu.Lock()
	received := s.received[string(id)]
	s.mu.Unlock()
	if received {
		return answer, nil
	}
	emoji, _ := payload["reaction"].(string)
	return answer, fakemeta.FailureOf(s.react(thread, id, emoji), rateLimit)
}

// react leaves the emoji as the only one, or none.
func (s *Server) react(thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if emoji == "" {
		if err := s.Unreact(thread, id, ""); err != nil {
			return err
		}
	} else if err := s.React(thread, id, emoji); err != nil {
		return err
	}
	return s.Edit(thread, id, func(p *chattest.Posted) {
		p.Reactions = nil
		if emoji != "" {
			p.Reactions = []string{emoji}
		}
	})
}

// maxFile is how long an uploaded file can be, in bytes.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets
const maxFile = 25 << 20

// post posts a message.
func (s *Server) post(c *fakemeta.Call, user string) (any, *fakemeta.Failure) {
	message, _ := c.Args["message"].(map[string]any)
	replyTo, _ := c.Args["reply_to"].(map[string]any)
	text, _ := message["text"].(string)
	p := chattest.Posted{Thread: s.config.Thread(user), Text: text}
	if replyTo != nil {
		p.ReplyTo = chat.MessageID(fmt.Sprint(replyTo["mid"]))
	}
	var d detail
	if attachment, ok := message["attachment"].(map[string]any); ok {
		payload, _ := attachment["payload"].(map[string]any)
		kind := fmt.Sprint(attachment["type"])
		switch address, elsewhere := payload["url"].(string); {
		case kind == "template":
			p.Text = d.template(payload)
		case elsewhere:
			s.mu.Lock()
			away := s.away[address]
			s.mu.Unlock()
			if away {
				return nil, &fakemeta.Failure{Code: 100, Subcode: 2018008, Message: "(#100) Failed to fetch the file from the url"}
			}
			p.Attachments = []chat.Attachment{{Type: kind, URL: address}}
		default:
			if len(c.Files["filedata"].Content) > maxFile {
				return nil, &fakemeta.Failure{Code: 100, Subcode: 2018109, Message: "(#100) Attachment size exceeds allowable limit"}
			}
			p.Files = []chattest.PostedFile{c.Files["filedata"]}
		}
	}
	if replies, ok := message["quick_replies"].([]any); ok {
		d.quick = true
		for _, r := range replies {
			reply, _ := r.(map[string]any)
			d.buttons = append(d.buttons, Button{Label: fmt.Sprint(reply["title"]), Payload: fmt.Sprint(reply["payload"])})
		}
	}
	s.mu.Lock()
	s.next++
	p.ID = chat.MessageID(fmt.Sprintf("m_%d", s.next))
	s.details[p.ID] = d
	s.mu.Unlock()
	posted, err := s.Post(p)
	if err != nil {
		return nil, fakemeta.FailureOf(err, rateLimit)
	}
	return map[string]any{"recipient_id": user, "message_id": posted.ID}, nil
}

// template reads a template, and returns its words.
func (d *detail) template(payload map[string]any) string {
	words, _ := payload["text"].(string)
	buttons, _ := payload["buttons"].([]any)
	elements, _ := payload["elements"].([]any)
	for _, e := range elements {
		element, _ := e.(map[string]any)
		for _, name := range []string{"title", "subtitle", "image_url"} {
			if text, ok := element[name].(string); ok {
				words = strings.TrimSpace(words + "\n" + text)
			}
		}
		more, _ := element["buttons"].([]any)
		buttons = append(buttons, more...)
	}
	for _, b := range buttons {
		button, _ := b.(map[string]any)
		made := Button{Label: fmt.Sprint(button["title"])}
		made.Payload, _ = button["payload"].(string)
		made.URL, _ = button["url"].(string)
		d.buttons = append(d.buttons, made)
	}
	return words
}
