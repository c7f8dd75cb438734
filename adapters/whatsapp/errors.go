package whatsapp

import (
	"errors"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/chat"
)

// ErrWindowClosed means that the user has not written for 24 hours. WhatsApp then sends
// only templates: see [Adapter.SendTemplate]. A call can return this error, or WhatsApp
// can report it later in a [Status]. An error that is ErrWindowClosed is also
// [chat.ErrInvalid].
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows
var ErrWindowClosed = errors.New("the user has not written for 24 hours, which closes the customer service window: only templates can be sent")

// windowClosed is WhatsApp's code of ErrWindowClosed.
const windowClosed = 131047

// windowError is ErrWindowClosed together with WhatsApp's own error.
type windowError struct{ err *meta.Error }

func (w windowError) Error() string   { return ErrWindowClosed.Error() + " (" + w.err.Error() + ")" }
func (w windowError) Unwrap() []error { return []error{ErrWindowClosed, w.err} }

// codes has the meaning of WhatsApp's own error codes. The codes for invalid parameters
// and templates are not here: their HTTP status already means [chat.CodeInvalid].
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
var codes = map[int]chat.Code{
	0:  chat.CodeAuthentication, // the user of the token is not known
	33: chat.CodeNotFound,       // the business's phone number is deleted

	80007:  chat.CodeRateLimited, // of the account
	130429: chat.CodeRateLimited, // of the number's throughput
	131048: chat.CodeRateLimited, // of what users take for spam
	131056: chat.CodeRateLimited, // of this number to this user
	133016: chat.CodeRateLimited, // of registrations
	132069: chat.CodeRateLimited, // of a flow

	130472: chat.CodePermission, // the user's number is part of an experiment
	130497: chat.CodePermission, // the country is not allowed
	131005: chat.CodePermission, // access is denied
	131030: chat.CodePermission, // a test number writes to listed numbers alone
	131031: chat.CodePermission, // the account is locked
	131037: chat.CodePermission, // the display name is not approved
	131042: chat.CodePermission, // the payment method has a problem
	131045: chat.CodePermission, // the number's certificate is wrong
	131049: chat.CodePermission, // Meta chose not to deliver
	131050: chat.CodePermission, // the user has stopped marketing messages
	132015: chat.CodePermission, // the template is paused
	132016: chat.CodePermission, // the template is disabled
	132068: chat.CodePermission, // the flow is blocked
	133010: chat.CodePermission, // the number is not registered
	134011: chat.CodePermission, // terms of payments are not accepted

	131026:       chat.CodeNotFound, // the user cannot be reached
	132001:       chat.CodeNotFound, // there is no such template
	windowClosed: chat.CodeInvalid,

	131000: chat.CodeTemporary, // something went wrong
	131016: chat.CodeTemporary, // the service is overloaded
	131057: chat.CodeTemporary, // the account is in maintenance
	133000: chat.CodeTemporary, // a deregistration is not complete
	133004: chat.CodeTemporary, // the server is overloaded
	133015: chat.CodeTemporary, // the number was just deleted
}
