package whatsapp

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Status is a report on a message of the bot, such as that it was delivered. It is the
// Data of a [chat.PlatformEvent] with the name "whatsapp:status".
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status
type Status struct {
	// MessageID is the id of the message, as PostMessage returned it.
	MessageID chat.MessageID `json:"id"`
	// Status is "sent", "delivered", "read", "played" or "failed". WhatsApp may add
	// others.
	Status string `json:"status"`
	// Timestamp is the time of the status, as Unix time in seconds.
	Timestamp json.Number `json:"timestamp"`
	// RecipientID is the user's phone number; RecipientUserID and RecipientParentUserID
	// are business-scoped ids. Each can be missing.
	RecipientID           string `json:"recipient_id"`
	RecipientUserID       string `json:"recipient_user_id"`
	RecipientParentUserID string `json:"recipient_parent_user_id"`
	// RecipientType is "group" for a message to a group.
	RecipientType string `json:"recipient_type"`
	// Errors tell why the message has failed.
	Errors []StatusError `json:"errors"`
}

// StatusError is a reason why a message has failed.
type StatusError struct {
	// Code is one of
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
	Code int `json:"code"`
	// Title is the name of the error.
	Title string `json:"title"`
}

// Err returns the same error as a call would, such as [ErrWindowClosed]. It returns nil
// if the message has not failed.
func (s *Status) Err() error {
	if s.Status != "failed" {
		return nil
	}
	failure := &meta.Error{}
	if len(s.Errors) > 0 {
		failure.Code, failure.Message = s.Errors[0].Code, s.Errors[0].Title
	}
	e := &chat.PlatformError{Adapter: adapterName, Op: "status", Code: failure.Class(http.StatusBadRequest), Err: failure}
	if r := refused(failure); r != nil && len(s.Errors) > 0 {
		e.Code = r.Code
		if r.Err != nil {
			e.Err = r.Err
		}
	}
	return e
}

// takeStatus takes a report on a message. Each status of a message comes once.
func (a *Adapter) takeStatus(ctx context.Context, v *value, s *Status, raw json.RawMessage) error {
	if checkMessage(s.MessageID) != nil || !nameForm.MatchString(s.Status) {
		return webhook.BadRequest("a status has no id, or none of the names of a status")
	}
	base := chat.EventBase{ID: "status:" + string(s.MessageID) + ":" + s.Status, At: timeOf(s.Timestamp), Raw: raw}
	who := identity{Scoped: s.RecipientUserID, Parent: s.RecipientParentUserID, Phone: s.RecipientID}
	if s.RecipientType != "group" && who.valid() {
		user, err := a.identities.user(ctx, v.Metadata.PhoneNumberID, who)
		if err != nil {
			return err
		}
		base.ThreadID, base.User = place{v.Metadata.PhoneNumberID, user}.threadID(), v.contactOf(who).author(user)
	}
	return a.deliverPlatformEvent(ctx, base, "status", raw)
}

// refused returns the meaning of an error with one of WhatsApp's own codes.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
func refused(e *meta.Error) *platform.Refusal {
	code, ok := codes[e.Code]
	if !ok {
		return nil
	}
	r := &platform.Refusal{Code: code}
	if e.Code == windowClosed {
		r.Err = windowError{e}
	}
	return r
}
