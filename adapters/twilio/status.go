package twilio

import (
	"context"
	"errors"
	"strconv"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Status is what has become of a message of the bot: the Data of a
// [chat.PlatformEvent] with the name "twilio:status".
// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
type Status struct {
	// MessageID is the message.
	MessageID chat.MessageID `json:"MessageSid"`
	// Status is "queued", "sent", "delivered", "undelivered", "failed", "read", or what
	// Twilio will add.
	Status string `json:"MessageStatus"`
	// ErrorCode says why it has failed: one of https://www.twilio.com/docs/api/errors.
	// Default: it has not, or nothing is known.
	ErrorCode string `json:"ErrorCode"`
	// From is the sender, and To the recipient.
	From string `json:"From"`
	To   string `json:"To"`
	// MessagingServiceSID is the messaging service that has sent it. Default none.
	MessagingServiceSID string `json:"MessagingServiceSid"`
}

var errUndelivered = errors.New("the message was not delivered, and Twilio does not say why")

// Err returns why the message has failed as a call would return it, such as
// [ErrWindowClosed]; nil if it has not failed.
func (s *Status) Err() error {
	if s.Status != "failed" && s.Status != "undelivered" {
		return nil
	}
	if code, err := strconv.Atoi(s.ErrorCode); err == nil && code > 0 {
		return failureOf("status", code)
	}
	return &chat.PlatformError{Adapter: adapterName, Op: "status", Code: chat.CodeTemporary, Err: errUndelivered}
}

// takeStatus takes what has become of a message. Each status of it comes once.
func (a *Adapter) takeStatus(ctx context.Context, f form, id chat.MessageID, status string) error {
	if !nameForm.MatchString(status) {
		return webhook.BadRequest("MessageStatus is no name of a status")
	}
	f["MessageSid"], f["MessageStatus"] = string(id), status // which have had other names
	base := chat.EventBase{ID: "status:" + string(id) + ":" + status, Raw: f.json()}
	sender := f["From"]
	if service := f["MessagingServiceSid"]; serviceForm.MatchString(service) {
		sender = service // it was posted in the service's thread
	}
	if isAddress(sender) && isAddress(f["To"]) {
		thread, err := place{sender: sender, recipient: f["To"]}.threadID()
		if err != nil {
			return err
		}
		base.ThreadID = thread
		base.User = chat.Author{UserID: chat.UserID(f["To"]), UserName: f["To"], FullName: f["To"], Bot: new(false)}
	}
	return a.deliverPlatformEvent(ctx, base, "status")
}

// OptOut is a word with which somebody has told Twilio to send nothing more, to send
// again, or to help: the Data of a [chat.PlatformEvent] with the name "twilio:opt_out".
// Twilio has answered it.
// https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
type OptOut struct {
	// Type is "STOP", "START" or "HELP", whatever the word is.
	Type string `json:"OptOutType"`
	// Body is the word.
	Body string `json:"Body"`
	// From is who has written it, and To the sender that it is about.
	From string `json:"From"`
	To   string `json:"To"`
}
