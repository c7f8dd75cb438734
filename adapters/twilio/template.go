package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Template is content that stands at Twilio, with what stands in its places. WhatsApp
// approves it, so that it can be sent at any time; with RCS and WhatsApp it can have
// buttons. https://www.twilio.com/docs/content
type Template struct {
	// ContentSID is the template's id, "HX" and 32 hexadecimal digits. Required.
	ContentSID string
	// Variables are what stands in the places, by their names, which are mostly numbers:
	// {"1": "Ada"}. Default: it has none, or what the template says for each.
	Variables map[string]string
}

var contentForm = regexp.MustCompile(`^HX[0-9a-fA-F]{32}$`)

// SendTemplate sends a template, also to somebody on WhatsApp who has not written for 24
// hours or ever, and returns the message's id. A template that there is not is
// [chat.ErrNotFound].
// https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder
func (a *Adapter) SendTemplate(ctx context.Context, thread chat.ThreadID, t Template) (chat.MessageID, error) {
	p, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	if !contentForm.MatchString(t.ContentSID) {
		return "", fmt.Errorf(`%w: twilio: Template.ContentSID is %q, want "HX" and 32 hexadecimal digits`, chat.ErrInvalidArgument, t.ContentSID)
	}
	fields := url.Values{"ContentSid": {t.ContentSID}}
	if len(t.Variables) > 0 {
		variables, err := json.Marshal(t.Variables)
		if err != nil {
			return "", fmt.Errorf("%w: twilio: Template.Variables: %w", chat.ErrInvalidArgument, err)
		}
		fields.Set("ContentVariables", string(variables))
	}
	return a.send(ctx, p, fields)
}
