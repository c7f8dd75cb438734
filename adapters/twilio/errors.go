package twilio

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	// ErrOptedOut means that somebody has written STOP or another word for it, so that
	// Twilio sends them no more until they write START. It comes with
	// [chat.ErrPermission]. https://www.twilio.com/docs/api/errors/21610
	ErrOptedOut = errors.New("the recipient has opted out of messages from this sender")
	// ErrWindowClosed means that somebody on WhatsApp has not written for 24 hours, so
	// that only templates can be sent: [Adapter.SendTemplate]. Twilio mostly tells it
	// later, in a [Status]. It comes with [chat.ErrInvalid].
	// https://www.twilio.com/docs/api/errors/63016
	ErrWindowClosed = errors.New("the user has not written for 24 hours, which closes the customer service window: only templates can be sent")
	// ErrTooLong means that a post is longer than Config.RefuseLong or
	// Config.MaxSegments allows; nothing was sent. It comes with [chat.ErrInvalid].
	ErrTooLong = errors.New("the post is too long")
)

// Error is what Twilio says why it has not sent a message: the cause of a
// *[chat.PlatformError].
type Error struct {
	// Code is one of https://www.twilio.com/docs/api/errors
	Code int
}

// Error names the code. Twilio's own words can quote the message, so they are left out.
func (e *Error) Error() string {
	text := fmt.Sprintf("error %d, https://www.twilio.com/docs/api/errors/%d", e.Code, e.Code)
	if known := e.known(); known != nil {
		return known.Error() + " (" + text + ")"
	}
	return text
}

// Unwrap returns [ErrOptedOut] or [ErrWindowClosed] where it is that.
func (e *Error) Unwrap() error { return e.known() }

func (e *Error) known() error {
	switch e.Code {
	case 21610:
		return ErrOptedOut
	case 63016:
		return ErrWindowClosed
	}
	return nil
}

// codes are the error codes that mean something else than the status of the answer says:
// that is 400 for most, which is [chat.CodeInvalid].
// https://www.twilio.com/docs/api/errors
var codes = map[int]chat.Code{
	20003: chat.CodeAuthentication, // the credentials are wrong
	20004: chat.CodePermission,     // the method is not allowed
	20005: chat.CodePermission,     // the account is not active
	20006: chat.CodePermission,     // access is denied
	20008: chat.CodePermission,     // test credentials do not work for this
	20009: chat.CodeTemporary,      // a message on its way cannot be deleted yet
	20404: chat.CodeNotFound,       // there is no such thing
	20429: chat.CodeRateLimited,    // too many requests
	20500: chat.CodeTemporary,      // an error of Twilio's
	20503: chat.CodeTemporary,      // Twilio is overloaded

	14107: chat.CodeRateLimited, // of messages to this number
	21408: chat.CodePermission,  // the country is not enabled for the account
	21606: chat.CodePermission,  // the sender cannot send, or is not the account's
	21608: chat.CodePermission,  // a trial account writes to verified numbers alone
	21610: chat.CodePermission,  // the recipient has opted out
	21611: chat.CodeRateLimited, // the sender's queue is full
	21614: chat.CodeNotFound,    // the number is no mobile one
	21635: chat.CodeNotFound,    // the number is a landline
	21660: chat.CodePermission,  // the sender is another account's
	21701: chat.CodeNotFound,    // there is no such messaging service

	30001: chat.CodeRateLimited, // the queue is full
	30002: chat.CodePermission,  // the account is suspended
	30003: chat.CodeTemporary,   // the phone cannot be reached now
	30004: chat.CodePermission,  // the recipient is blocked
	30005: chat.CodeNotFound,    // the number is not known
	30006: chat.CodeNotFound,    // a landline, or a carrier that cannot be reached
	30007: chat.CodePermission,  // the carrier has filtered the message
	30008: chat.CodeTemporary,   // unknown
	30017: chat.CodeTemporary,   // the carrier's network is congested
	30022: chat.CodeRateLimited, // of the campaign with the carrier (US A2P 10DLC)
	30023: chat.CodeRateLimited, // the daily limit of the campaign (US A2P 10DLC)
	30032: chat.CodePermission,  // the toll-free number is not verified
	30034: chat.CodePermission,  // the number is not registered (US A2P 10DLC)
	30036: chat.CodeTemporary,   // the message has expired before it was sent
	30410: chat.CodeTemporary,   // the carrier's answer came too late
	30450: chat.CodePermission,  // blocked as fraud
	30500: chat.CodeTemporary,   // an error of Twilio's

	63001: chat.CodeAuthentication, // the channel does not take the credentials
	63002: chat.CodeNotFound,       // the channel does not know the sender
	63003: chat.CodeNotFound,       // the channel does not know the recipient
	63007: chat.CodeNotFound,       // the account has no such sender on the channel
	63010: chat.CodeTemporary,      // an error of the channel's
	63012: chat.CodeTemporary,      // an error of the channel's
	63013: chat.CodePermission,     // against the channel's policy
	63014: chat.CodePermission,     // the recipient has blocked the sender
	63015: chat.CodePermission,     // the recipient has not joined the sandbox
	63016: chat.CodeInvalid,        // the window is closed
	63017: chat.CodeRateLimited,    // of the sender on the channel
	63018: chat.CodeRateLimited,    // of the account on the channel
	63020: chat.CodePermission,     // Twilio was not accepted in Meta's Business Manager
	63024: chat.CodeNotFound,       // the recipient cannot be reached on the channel
	63027: chat.CodeNotFound,       // there is no such template in the language
	63032: chat.CodePermission,     // the recipient is part of an experiment of Meta's
	63033: chat.CodePermission,     // the recipient has blocked the sender
	63036: chat.CodeNotFound,       // the recipient has no RCS
	63038: chat.CodeRateLimited,    // the account's daily limit
	63049: chat.CodePermission,     // Meta chose not to deliver
}

// refused says what an answer means in Twilio's terms.
// https://www.twilio.com/docs/usage/twilios-response#errors-and-exceptions
func refused(a *platform.Answer) *platform.Refusal {
	var body struct {
		Code int `json:"code"`
	}
	if a.OK() || json.Unmarshal(a.Body, &body) != nil || body.Code == 0 {
		return nil
	}
	return &platform.Refusal{Code: codes[body.Code], Err: &Error{Code: body.Code}}
}

// failureOf is why a message that was taken has failed.
func failureOf(op string, code int) error {
	class, ok := codes[code]
	if !ok {
		class = chat.CodeInvalid
	}
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: class, Err: &Error{Code: code}}
}
